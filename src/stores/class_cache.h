#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/problem.h"
#include "manifest/secret_provider_class.h"

namespace keyferry::stores {

// Everything that reading a class depends on, the words of its problems included.
std::string class_key(const manifest::SecretProviderClass& spc);

// What was read from a class, kept for all looks at it: its YAML costs more time than a request
// does. Any thread may call.
template <class Parsed>
class ClassCache {
 public:
  std::shared_ptr<const Parsed> parsed(const manifest::SecretProviderClass& spc,
                                       Parsed (*parse)(const manifest::SecretProviderClass&)) {
    const std::string key = class_key(spc);
    {
      const std::lock_guard lock(mutex_);
      if (const auto held = held_.find(key); held != held_.end()) return held->second;
    }
    auto read = std::make_shared<const Parsed>(parse(spc));
    const std::lock_guard lock(mutex_);
    if (held_.size() >= kMostHeld) held_.clear();
    held_[key] = read;
    return read;
  }

 private:
  static constexpr std::size_t kMostHeld = 1000;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Parsed>> held_;
};

// The errors among the problems, a line each.
std::string text_of_errors(const Problems& problems);

}  // namespace keyferry::stores
