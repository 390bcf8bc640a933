#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <variant>

#include "base/clock.h"
#include "kube/event_recorder.h"
#include "kube/objects.h"
#include "kube/token_bucket.h"

namespace keyferry::kube {

// How often events about one object may be written, and how long the same one is counted on instead
// of written anew. The defaults are those of Kubernetes' own recorder.
struct EventLimits {
  int burst = 25;
  double per_second = 1.0 / 300;
  Duration same_for = std::chrono::minutes(10);
  std::size_t most_known = 4096;  // of objects and of events; the one unseen for longest goes
};

// What is to be done about a note.
struct NewEvent {
  Event event;
};
struct CountedEvent {
  Event event;  // as it is now: count and last_seen are to be patched
};
struct TooMany {};  // about this object
using EventStep = std::variant<NewEvent, CountedEvent, TooMany>;

// Turns notes into events: the same note again counts its event on, and an object about which there
// is too much to tell is told of less. Pure; not for several threads at once.
class EventSeries {
 public:
  EventSeries(EventLimits limits, std::string host) : limits_(limits), host_(std::move(host)) {}

  EventStep next(const EventNote& note, WallTime wall, SteadyTime now);

  // The event of this note could not be written, or is gone: the next one is new.
  void forget(const EventNote& note);

 private:
  // What is known by a key, the one that was used last in front.
  template <class T>
  class Recent {
   public:
    T* find(const std::string& key);
    T& insert(const std::string& key, T value, std::size_t most);
    void erase(const std::string& key);

   private:
    using Entries = std::list<std::pair<std::string, T>>;
    Entries entries_;
    std::map<std::string, typename Entries::iterator, std::less<>> places_;
  };
  struct Known {
    Event event;
    SteadyTime last;
  };

  Event new_event(const EventNote& note, WallTime wall);

  const EventLimits limits_;
  const std::string host_;
  Recent<TokenBucket> buckets_;
  Recent<Known> known_;
  std::uint64_t last_number_ = 0;
};

}  // namespace keyferry::kube
