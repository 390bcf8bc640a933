#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/log.h"
#include "base/single_flight.h"
#include "kube/object_meta.h"
#include "kube/watch.h"

namespace keyferry::kube {

// What happened to an object of a cache. kSynced: for the first time everything there is is known;
// there is no object then.
enum class ChangeKind { kAdded, kModified, kDeleted, kSynced };

// The objects that a watch tells of, each as the last one of them that was heard. T has `meta`
// (kube/objects.h). What is handed out never changes. Any thread may call; listening is done on the
// watch's thread, without a lock held.
template <class T>
class ObjectCache final : public WatchTarget {
 public:
  using Ptr = std::shared_ptr<const T>;
  struct Change {
    ChangeKind kind = ChangeKind::kSynced;
    Ptr object;  // of a deletion: as it was
    Ptr before;  // of a modification
  };
  using Parse = std::function<Result<T>(const Json&)>;
  using Listener = std::function<void(const Change&)>;

  explicit ObjectCache(
      Parse parse, Listener listener = [](const Change&) {})
      : parse_(std::move(parse)), listener_(std::move(listener)) {}

  // Null when there is none, or none is known yet.
  Ptr find(const ObjectName& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(name);
    return found == objects_.end() ? nullptr : found->second;
  }
  // All of them, by name.
  std::vector<Ptr> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<Ptr> list;
    list.reserve(objects_.size());
    for (const auto& [name, object] : objects_) list.push_back(object);
    return list;
  }

  // Whether a whole list was heard since the start.
  bool has_synced() const {
    const std::lock_guard lock(mutex_);
    return synced_;
  }
  // How long ago the server was heard; nothing when it never was.
  std::optional<Duration> silence(SteadyTime now) const {
    const std::lock_guard lock(mutex_);
    if (!contact_) return std::nullopt;
    return now - *contact_;
  }
  // Why the server cannot be watched just now.
  std::optional<Error> trouble() const {
    const std::lock_guard lock(mutex_);
    return trouble_;
  }

  // Waits for the first whole list. kDeadlineExceeded says what is in the way.
  Status wait_synced(const Clock& clock, const Patience& patience) const {
    std::unique_lock lock(mutex_);
    const Duration left = std::min<Duration>(patience.deadline.left(clock), std::chrono::hours(24));
    news_.wait_for(lock, patience.stop, left, [this] { return synced_; });
    if (synced_) return {};
    if (patience.stop.stop_requested()) return Error(ErrorCode::kCancelled, "stopped");
    return trouble_ ? Error(ErrorCode::kDeadlineExceeded, trouble_->message())
                    : Error(ErrorCode::kDeadlineExceeded, "the API server has not answered yet");
  }

  void list_begins() override { fresh_.clear(); }
  void listed(Json object) override {
    if (Ptr parsed = parsed_of(object)) fresh_.insert_or_assign(parsed->meta.object_name(), parsed);
  }
  void list_ends() override {
    std::vector<Change> changes;
    {
      const std::lock_guard lock(mutex_);
      changes = differences();
      objects_.swap(fresh_);
      if (!synced_) changes.push_back({});
      synced_ = true;
    }
    fresh_.clear();
    news_.notify_all();
    for (const Change& change : changes) listener_(change);
  }
  void changed(WatchEvent event) override {
    const Ptr parsed = parsed_of(event.object);
    if (parsed == nullptr) return;
    if (const auto change = put(event.kind, parsed)) listener_(*change);
  }
  void contacted(SteadyTime when) override {
    const std::lock_guard lock(mutex_);
    contact_ = when;
    trouble_.reset();
  }
  void troubled(const Error& error) override {
    const std::lock_guard lock(mutex_);
    trouble_ = error;
  }

 private:
  using Objects = std::map<ObjectName, Ptr>;

  Ptr parsed_of(const Json& object) const {
    auto parsed = parse_(object);
    if (parsed.ok()) return std::make_shared<const T>(std::move(parsed).value());
    log::warning("an object of the API server cannot be read",
                 {{"problem", parsed.error().message()}});
    return nullptr;
  }

  // What the list that has ended changes.
  std::vector<Change> differences() const {
    std::vector<Change> changes;
    for (const auto& [name, before] : objects_) {
      if (!fresh_.contains(name)) changes.push_back({ChangeKind::kDeleted, before, nullptr});
    }
    for (const auto& [name, object] : fresh_) {
      const auto found = objects_.find(name);
      if (found == objects_.end()) {
        changes.push_back({ChangeKind::kAdded, object, nullptr});
      } else if (found->second->meta.resource_version != object->meta.resource_version) {
        changes.push_back({ChangeKind::kModified, object, found->second});
      }
    }
    return changes;
  }

  std::optional<Change> put(EventKind kind, const Ptr& object) {
    const std::lock_guard lock(mutex_);
    const ObjectName name = object->meta.object_name();
    const auto found = objects_.find(name);
    const Ptr before = found == objects_.end() ? nullptr : found->second;
    if (kind == EventKind::kDeleted) {
      objects_.erase(name);
      if (before == nullptr) return std::nullopt;
      return Change{ChangeKind::kDeleted, object, nullptr};
    }
    objects_.insert_or_assign(name, object);
    return Change{before == nullptr ? ChangeKind::kAdded : ChangeKind::kModified, object, before};
  }

  const Parse parse_;
  const Listener listener_;
  Objects fresh_;  // of the list that is being read; the watch's thread only
  mutable std::mutex mutex_;
  mutable std::condition_variable_any news_;
  Objects objects_;
  bool synced_ = false;
  std::optional<SteadyTime> contact_;
  std::optional<Error> trouble_;
};

}  // namespace keyferry::kube
