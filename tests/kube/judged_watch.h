#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "formats/json.h"
#include "kube/object_cache.h"

namespace keyferry::kube {

// A watch of the judge's, with all that its cache was told.
class JudgedWatch {
 public:
  JudgedWatch(KubeApi& api, Clock& clock, WatchSpec spec);

  // synced, objects {name: resourceVersion}, changes ["added shop/web" …] since the last look,
  // trouble, silence (ms).
  Json look();

 private:
  struct Seen {
    ObjectMeta meta;
    bool has_more = false;  // than metadata
  };

  Clock& clock_;
  std::mutex mutex_;
  Json::Array changes_;
  ObjectCache<Seen> cache_;
  ObjectWatch watch_;
};

}  // namespace keyferry::kube
