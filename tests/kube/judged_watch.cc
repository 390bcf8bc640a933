#include "tests/kube/judged_watch.h"

#include "base/strings.h"

namespace keyferry::kube {

JudgedWatch::JudgedWatch(KubeApi& api, Clock& clock, WatchSpec spec)
    : clock_(clock),
      cache_(
          [](const Json& object) -> Result<Seen> {
            KF_ASSIGN(ObjectMeta meta, parse_meta(object));
            return Seen{std::move(meta), object.find("data") != nullptr};
          },
          [this](const ObjectCache<Seen>::Change& change) {
            static constexpr const char* kWords[] = {"added ", "modified ", "deleted ", "synced"};
            const bool about_one = change.object != nullptr;
            const std::lock_guard lock(mutex_);
            changes_.emplace_back(
                cat(kWords[static_cast<std::size_t>(change.kind)],
                    about_one ? change.object->meta.object_name().display_name() : std::string()));
          }),
      watch_(api, clock, std::move(spec), cache_) {}

Json JudgedWatch::look() {
  Json objects{Json::Object()};
  bool whole = false;
  for (const auto& seen : cache_.all()) {
    objects.set(seen->meta.object_name().display_name(), seen->meta.resource_version);
    whole |= seen->has_more;
  }
  Json look;
  look.set("synced", cache_.has_synced()).set("objects", std::move(objects)).set("whole", whole);
  if (const auto trouble = cache_.trouble()) look.set("trouble", trouble->message());
  if (const auto silence = cache_.silence(clock_.steady_now())) {
    look.set("silence",
             std::int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(*silence).count()});
  }
  const std::lock_guard lock(mutex_);
  look.set("changes", std::exchange(changes_, {}));
  return look;
}

}  // namespace keyferry::kube
