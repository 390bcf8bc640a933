#include "kube/event_series.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/strings.h"

namespace keyferry::kube {

namespace {

constexpr std::size_t kLongestMessage = 1024;  // what events.k8s.io/v1 takes
constexpr std::size_t kLongestName = 253;

// Parts that cannot run into each other: NUL is in none of them.
std::string key_of(std::initializer_list<std::string_view> parts) {
  std::string key;
  for (const std::string_view part : parts) key += cat(part, '\0');
  return key;
}

std::string object_key(const EventNote& note) {
  const ObjectReference& about = note.about;
  return key_of({about.kind, about.namespace_name, about.name, about.uid, note.component});
}

std::string note_key(const EventNote& note) {
  return cat(object_key(note), key_of({note.type == EventType::kWarning ? "w" : "n", note.reason,
                                       utf8_prefix(note.message, kLongestMessage)}));
}

std::string hex(std::uint64_t number) {
  std::array<char, 16> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number, 16).ptr;
  return {text.data(), end};
}

}  // namespace

template <class T>
T* EventSeries::Recent<T>::find(const std::string& key) {
  const auto found = places_.find(key);
  if (found == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->second;
}

template <class T>
T& EventSeries::Recent<T>::insert(const std::string& key, T value, std::size_t most) {
  erase(key);
  if (entries_.size() >= most) erase(std::string(entries_.back().first));
  entries_.emplace_front(key, std::move(value));
  places_[key] = entries_.begin();
  return entries_.front().second;
}

template <class T>
void EventSeries::Recent<T>::erase(const std::string& key) {
  const auto found = places_.find(key);
  if (found == places_.end()) return;
  entries_.erase(found->second);
  places_.erase(found);
}

EventStep EventSeries::next(const EventNote& note, WallTime wall, SteadyTime now) {
  const std::string object = object_key(note);
  TokenBucket* bucket = buckets_.find(object);
  if (bucket == nullptr) {
    bucket = &buckets_.insert(object, TokenBucket(limits_.per_second, limits_.burst),
                              limits_.most_known);
  }
  if (!bucket->try_take(now)) return TooMany{};
  const std::string key = note_key(note);
  Known* known = known_.find(key);
  if (known != nullptr && now - known->last <= limits_.same_for) {
    ++known->event.count;
    known->event.last_seen = wall;
    known->last = now;
    return CountedEvent{known->event};
  }
  return NewEvent{known_.insert(key, {new_event(note, wall), now}, limits_.most_known).event};
}

void EventSeries::forget(const EventNote& note) { known_.erase(note_key(note)); }

Event EventSeries::new_event(const EventNote& note, WallTime wall) {
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(wall.time_since_epoch());
  last_number_ = std::max(last_number_ + 1, static_cast<std::uint64_t>(since.count()));
  const std::string number = cat('.', hex(last_number_));
  Event event;
  event.meta.name = cat(utf8_prefix(note.about.name, kLongestName - number.size()), number);
  event.meta.namespace_name =
      note.about.namespace_name.empty() ? "default" : note.about.namespace_name;
  event.about = note.about;
  event.type = note.type == EventType::kWarning ? "Warning" : "Normal";
  event.reason = note.reason;
  event.message = utf8_prefix(note.message, kLongestMessage);
  event.component = note.component;
  event.host = host_;
  event.first_seen = event.last_seen = wall;
  return event;
}

}  // namespace keyferry::kube
