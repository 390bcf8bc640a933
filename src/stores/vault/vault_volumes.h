#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/strings.h"
#include "stores/store.h"

namespace keyferry::stores::vault {

// One volume: a pod's, of a class of that name, whatever the class has become.
inline std::string volume_of(const FetchRequest& request) {
  const PodIdentity& pod = request.pod;
  return cat(pod.pod_uid, ' ', pod.namespace_name, '/', pod.pod_name, ' ', pod.service_account, ' ',
             request.spc.meta.namespace_name, '/', request.spc.meta.name);
}

// Which volumes live by which session, by the sessions' keys. A volume whose class was edited may
// live by two, as its files still hold what the first one gave. For one thread at a time.
class Volumes {
 public:
  void add(const std::string& key, const std::string& volume) { by_key_[key].insert(volume); }
  void add(const std::string& key, const std::set<std::string>& volumes) {
    by_key_[key].insert(volumes.begin(), volumes.end());
  }
  bool use(const std::string& key) const { return by_key_.contains(key); }
  std::set<std::string> of(const std::string& key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? std::set<std::string>() : found->second;
  }
  // The keys by which no volume lives any more.
  std::vector<std::string> remove(const std::string& volume) {
    std::vector<std::string> left;
    for (auto& [key, volumes] : by_key_) {
      if (volumes.erase(volume) > 0 && volumes.empty()) left.push_back(key);
    }
    for (const std::string& key : left) by_key_.erase(key);
    return left;
  }

 private:
  std::map<std::string, std::set<std::string>> by_key_;  // no set is empty
};

}  // namespace keyferry::stores::vault
