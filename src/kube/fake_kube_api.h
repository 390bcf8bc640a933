#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/timestamp.h"
#include "kube/fake_apply.h"
#include "kube/fake_selector.h"
#include "kube/kube_api.h"

namespace keyferry::kube {

// An API server in memory for tests: resource versions, conflicts, apply with field managers in a
// simple sense, watch events, and faults on order. It remembers what it was asked. It knows no
// schema, no defaults and no permissions: fail() plays those. Any thread may call.
class FakeKubeApi final : public KubeApi {
 public:
  explicit FakeKubeApi(Clock& clock) : clock_(clock) {}

  // --- what a test does beside the API

  // Puts an object there, or in the place of one, as somebody else would.
  Json put(const Resource& resource, Json object) {
    const std::lock_guard lock(mutex_);
    const ObjectName name = name_of(object);
    return store(resource, name, std::move(object));
  }
  void take_away(const Resource& resource, const ObjectName& name) {
    const std::lock_guard lock(mutex_);
    erase(resource, name);
  }
  // The object that is stored; nothing when there is none.
  std::optional<Json> stored(const Resource& resource, const ObjectName& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key_of(resource, name));
    if (found == objects_.end()) return std::nullopt;
    return found->second.object;
  }
  // The next `times` calls of that verb ("get", "list", "watch", "create", "update", "apply",
  // "merge", "remove", "issue_token") for the kind fail.
  void fail(const std::string& verb, const Resource& resource, const Error& error, int times = 1) {
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < times; ++i) faults_[{verb, resource.display_name()}].push_back(error);
  }
  // Ends every watch that is on: in time, or as a connection that is cut.
  void end_watches() { end_all(Status()); }
  void cut_watches() { end_all(Error(ErrorCode::kUnavailable, "the connection was cut")); }
  // Forgets events: watches from before now are too old (410).
  void compact() {
    {
      const std::lock_guard lock(mutex_);
      compacted_ = version_;
      log_.clear();
      ++ends_;
      end_ = Error(ErrorCode::kOutOfRange, "too old resource version");
    }
    news_.notify_all();
  }
  void bookmark() {
    {
      const std::lock_guard lock(mutex_);
      Json object;
      object.set("metadata", Json().set("resourceVersion", std::to_string(++version_)));
      log_.push_back({version_, "", {EventKind::kBookmark, std::move(object)}, std::nullopt});
    }
    news_.notify_all();
  }
  // "create pods shop/web-0" of every call, in order.
  std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  int watches() const {
    const std::lock_guard lock(mutex_);
    return watching_;
  }

  // --- the API

  Result<Json> get(const Resource& resource, const ObjectName& name, const Patience&) override {
    const std::lock_guard lock(mutex_);
    KF_TRY(begin("get", resource, name));
    KF_ASSIGN(const Stored* const stored, present(resource, name));
    return stored->object;
  }

  Result<Page> list(const Resource& resource, const ListOptions& options,
                    const Patience&) override {
    const std::lock_guard lock(mutex_);
    KF_TRY(begin("list", resource, {options.namespace_name, ""}));
    Page page;
    page.resource_version = std::to_string(version_);
    for (const auto& [key, stored] : objects_) {
      if (key.first != resource.display_name()) continue;
      if (!matches(stored.object, options.namespace_name, options)) continue;
      const std::string cursor = key.second.display_name();
      if (!options.next.empty() && cursor <= options.next) continue;
      if (std::cmp_equal(page.items.size(), options.page_size)) {
        page.next = name_of(page.items.back()).display_name();
        break;
      }
      page.items.push_back(shown(stored.object, options.detail));
    }
    return page;
  }

  Result<Json> create(const Resource& resource, const Json& object, const Patience&) override {
    const std::lock_guard lock(mutex_);
    const ObjectName name = name_of(object);
    KF_TRY(begin("create", resource, name));
    if (objects_.contains(key_of(resource, name))) {
      return Error(ErrorCode::kAlreadyExists, cat(name.display_name(), " exists already"));
    }
    return store(resource, name, object);
  }

  Result<Json> update(const Resource& resource, const Json& object, Part part,
                      const Patience&) override {
    const std::lock_guard lock(mutex_);
    const ObjectName name = name_of(object);
    KF_TRY(begin("update", resource, name));
    KF_ASSIGN(const Stored* const stored, present(resource, name));
    const std::string given(text_in_meta(object, "resourceVersion"));
    if (!given.empty() && given != text_in_meta(stored->object, "resourceVersion")) {
      return Error(ErrorCode::kAborted, cat(name.display_name(), " was changed meanwhile"));
    }
    if (part == Part::kObject) return store(resource, name, object);
    Json changed = stored->object;
    changed.set("status", object.find("status") == nullptr ? Json() : *object.find("status"));
    return store(resource, name, std::move(changed));
  }

  Result<Json> apply(const Resource& resource, const Json& object, const ApplyOptions& options,
                     const Patience&) override {
    const std::lock_guard lock(mutex_);
    const ObjectName name = name_of(object);
    KF_TRY(begin("apply", resource, name));
    const auto key = key_of(resource, name);
    const auto found = objects_.find(key);
    Json changed = found == objects_.end() ? object : found->second.object;
    FieldOwners owners = found == objects_.end() ? FieldOwners() : found->second.owners;
    const auto conflicts = owners.conflicts(changed, object, options.field_manager);
    if (!conflicts.empty() && options.conflict == ApplyConflict::kRefuse) {
      return Error(ErrorCode::kAborted, cat("fields are others': ", join(conflicts, ", ")));
    }
    owners.apply(changed, object, options.field_manager);
    Json result = store(resource, name, std::move(changed));
    objects_[key].owners = std::move(owners);
    return result;
  }

  Result<Json> merge(const Resource& resource, const ObjectName& name, const Json& changes, Part,
                     const Patience&) override {
    const std::lock_guard lock(mutex_);
    KF_TRY(begin("merge", resource, name));
    KF_ASSIGN(const Stored* const stored, present(resource, name));
    Json changed = stored->object;
    merge_into(changed, changes);
    return store(resource, name, std::move(changed));
  }

  Status remove(const Resource& resource, const ObjectName& name,
                const Preconditions& preconditions, const Patience&) override {
    const std::lock_guard lock(mutex_);
    KF_TRY(begin("remove", resource, name));
    KF_ASSIGN(const Stored* const stored, present(resource, name));
    const auto differs = [&](const std::string& wanted, std::string_view field) {
      return !wanted.empty() && wanted != text_in_meta(stored->object, field);
    };
    if (differs(preconditions.uid, "uid") ||
        differs(preconditions.resource_version, "resourceVersion")) {
      return Error(ErrorCode::kAborted, cat(name.display_name(), " is another one now"));
    }
    erase(resource, name);
    return {};
  }

  Result<IssuedToken> issue_token(const ObjectName& account, const TokenRequest& request,
                                  const Patience&) override {
    const std::lock_guard lock(mutex_);
    KF_TRY(begin("issue_token", service_accounts(), account));
    return IssuedToken{
        Secret(cat("token of ", account.display_name(), " for ", join(request.audiences, ","))),
        clock_.wall_now() + request.lifetime};
  }

  // Waits for events in real time; the deadline is not looked at.
  Status watch(const Resource& resource, const WatchOptions& options,
               const std::function<void(WatchEvent)>& told, const Patience& patience) override {
    std::unique_lock lock(mutex_);
    KF_TRY(begin("watch", resource, {options.namespace_name, ""}));
    std::uint64_t seen = std::strtoull(options.resource_version.c_str(), nullptr, 10);
    if (seen < compacted_) return Error(ErrorCode::kOutOfRange, "too old resource version");
    const int ends = ends_;
    lock.unlock();
    told({});
    lock.lock();
    ++watching_;
    Status end = hand_over(lock, resource, options, seen, ends, told, patience.stop);
    --watching_;
    return end;
  }

 private:
  using Key = std::pair<std::string, ObjectName>;
  struct Stored {
    Json object;
    FieldOwners owners;
  };
  struct Logged {
    std::uint64_t version;
    std::string kind;  // of resource; "" for a bookmark
    WatchEvent event;
    std::optional<Json> before;  // of a modification
  };

  static std::string_view text_in_meta(const Json& object, std::string_view field) {
    const Json* meta = object.find("metadata");
    return meta == nullptr ? std::string_view() : meta->text_of(field);
  }
  static ObjectName name_of(const Json& object) {
    return {std::string(text_in_meta(object, "namespace")),
            std::string(text_in_meta(object, "name"))};
  }
  static Key key_of(const Resource& resource, const ObjectName& name) {
    return {resource.display_name(), name};
  }
  template <class Options>
  static bool matches(const Json& object, const std::string& namespace_name,
                      const Options& options) {
    return (namespace_name.empty() || name_of(object).namespace_name == namespace_name) &&
           fake::matches_labels(object, options.label_selector) &&
           fake::matches_fields(object, options.field_selector);
  }
  static Json shown(const Json& object, Detail detail) {
    if (detail == Detail::kWhole) return object;
    Json partial;
    partial.set("metadata", *object.find("metadata"));
    return partial;
  }

  Status begin(const std::string& verb, const Resource& resource, const ObjectName& name) {
    calls_.push_back(
        std::string(trim(cat(verb, ' ', resource.plural, ' ',
                             name.name.empty() ? name.namespace_name : name.display_name()))));
    auto& faults = faults_[{verb, resource.display_name()}];
    if (faults.empty()) return {};
    const Error error = faults.front();
    faults.pop_front();
    return error;
  }

  Result<const Stored*> present(const Resource& resource, const ObjectName& name) const {
    const auto found = objects_.find(key_of(resource, name));
    if (found == objects_.end()) {
      return Error(ErrorCode::kNotFound,
                   cat(resource.plural, " '", name.display_name(), "' not found"));
    }
    return &found->second;
  }

  // As the API server: what nobody changes keeps its version, and nobody is told.
  Json store(const Resource& resource, const ObjectName& name, Json object) {
    const auto found = objects_.find(key_of(resource, name));
    const bool is_new = found == objects_.end();
    Json meta = object.find("metadata") == nullptr ? Json() : *object.find("metadata");
    for (const char* kept : {"uid", "creationTimestamp", "resourceVersion"}) {
      if (!is_new) meta.set(kept, text_in_meta(found->second.object, kept));
    }
    if (is_new) {
      meta.set("uid", cat("uid-", version_ + 1));
      meta.set("creationTimestamp", to_timestamp(clock_.wall_now()));
    }
    object.set("apiVersion", resource.api_version()).set("kind", resource.kind);
    object.set("metadata", meta);
    if (!is_new && found->second.object == object) return object;
    meta.set("resourceVersion", std::to_string(++version_));
    object.set("metadata", std::move(meta));
    std::optional<Json> before;
    if (!is_new) before = std::move(found->second.object);
    objects_[key_of(resource, name)].object = object;
    tell(resource, {is_new ? EventKind::kAdded : EventKind::kModified, object}, std::move(before));
    return object;
  }

  void erase(const Resource& resource, const ObjectName& name) {
    const auto found = objects_.find(key_of(resource, name));
    if (found == objects_.end()) return;
    Json object = std::move(found->second.object);
    objects_.erase(found);
    Json meta = *object.find("metadata");
    object.set("metadata", meta.set("resourceVersion", std::to_string(++version_)));
    tell(resource, {EventKind::kDeleted, std::move(object)}, std::nullopt);
  }

  void tell(const Resource& resource, WatchEvent event, std::optional<Json> before) {
    log_.push_back({version_, resource.display_name(), std::move(event), std::move(before)});
    news_.notify_all();
  }

  void end_all(const Status& how) {
    {
      const std::lock_guard lock(mutex_);
      ++ends_;
      end_ = how;
    }
    news_.notify_all();
  }

  // The first event after `seen`; nothing when there is none yet.
  std::optional<WatchEvent> next_event(const Resource& resource, const WatchOptions& options,
                                       std::uint64_t& seen) const {
    for (const Logged& logged : log_) {
      if (logged.version <= seen) continue;
      seen = logged.version;
      if (logged.kind.empty()) return logged.event;
      if (logged.kind != resource.display_name()) continue;
      const auto kind = kind_for(logged, options);
      if (kind) return WatchEvent{*kind, shown(logged.event.object, options.detail)};
    }
    return std::nullopt;
  }

  // To who selects: an object that matches no more is deleted, one that does now is added.
  static std::optional<EventKind> kind_for(const Logged& logged, const WatchOptions& options) {
    const auto selected = [&](const Json& object) {
      return matches(object, options.namespace_name, options);
    };
    const bool now = selected(logged.event.object);
    if (!logged.before) return now ? std::optional(logged.event.kind) : std::nullopt;
    const bool before = selected(*logged.before);
    if (!now) return before ? std::optional(EventKind::kDeleted) : std::nullopt;
    return before ? EventKind::kModified : EventKind::kAdded;
  }

  Status hand_over(std::unique_lock<std::mutex>& lock, const Resource& resource,
                   const WatchOptions& options, std::uint64_t& seen, int ends,
                   const std::function<void(WatchEvent)>& told, const std::stop_token& stop) {
    for (;;) {
      while (auto event = next_event(resource, options, seen)) {
        lock.unlock();
        told(*std::move(event));
        lock.lock();
      }
      if (stop.stop_requested()) return Error(ErrorCode::kCancelled, "stopped");
      if (ends_ != ends) return end_;
      const std::uint64_t version = version_;
      news_.wait(lock, stop, [&] { return version_ != version || ends_ != ends; });
    }
  }

  Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any news_;
  std::uint64_t version_ = 0;
  std::uint64_t compacted_ = 0;
  std::map<Key, Stored> objects_;
  std::vector<Logged> log_;
  std::map<std::pair<std::string, std::string>, std::deque<Error>> faults_;
  std::vector<std::string> calls_;
  Status end_;
  int ends_ = 0;
  int watching_ = 0;
};

}  // namespace keyferry::kube
