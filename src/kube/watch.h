#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "kube/kube_api.h"

namespace keyferry::kube {

// What to watch.
struct WatchSpec {
  Resource resource;
  std::string namespace_name{};  // "" for all namespaces
  std::string label_selector{};
  std::string field_selector{};
  Detail detail = Detail::kWhole;
};

// Who is told of what there is: first, and whenever the thread of events was lost, a whole list;
// then every change. All calls come from one thread; none may block for long, as events wait
// meanwhile. ObjectCache (kube/object_cache.h) is one.
class WatchTarget {
 public:
  virtual ~WatchTarget() = default;
  virtual void list_begins() = 0;  // also instead of list_ends(), when a list has to begin anew
  virtual void listed(Json object) = 0;
  virtual void list_ends() = 0;
  virtual void changed(WatchEvent event) = 0;  // never a bookmark
  // The server was heard at this time.
  virtual void contacted(SteadyTime when) = 0;
  // It could not be listed or watched; it is tried again.
  virtual void troubled(const Error& error) = 0;
};

// List, then watch from there; watch on after a cut from the last resource version that was seen
// (bookmarks count); list anew where events are lost (410, an ERROR event). While the server is
// away it is tried with a wait that doubles up to half a minute, full jitter. The first list is
// what the server has in its memory, later ones are at least as new as what was seen (Kubernetes
// API concepts, "Semantics for get and list").
class WatchLoop {
 public:
  // References outlive it.
  WatchLoop(KubeApi& api, Clock& clock, WatchSpec spec, WatchTarget& target);

  // Until `stop`.
  void run(const std::stop_token& stop);

 private:
  Status list(const std::stop_token& stop);
  Status list_pages(const std::stop_token& stop);
  Status watch(const std::stop_token& stop);
  void take(WatchEvent event);
  void after_failure(const Error& error, bool was_watching);
  bool pause(const Error& error, const std::stop_token& stop);
  void tell_trouble(const Error& error);
  void contacted();

  KubeApi& api_;
  Clock& clock_;
  const WatchSpec spec_;
  WatchTarget& target_;
  std::string resource_version_;  // where to watch on from; "" when a list is due
  std::optional<std::string> not_older_than_ = "0";  // of the next list
  int failures_ = 0;                                 // in a row
  std::string told_trouble_;                         // the last one that was logged
};

// A WatchLoop on a thread of its own, from construction to destruction, which takes as long as the
// target's call that is running.
class ObjectWatch {
 public:
  ObjectWatch(KubeApi& api, Clock& clock, WatchSpec spec, WatchTarget& target);

 private:
  WatchLoop loop_;
  std::jthread thread_;
};

}  // namespace keyferry::kube
