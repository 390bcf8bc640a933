#include "node/volumes.h"

#include "base/log.h"
#include "base/strings.h"

namespace keyferry::node {

namespace {

ShownVersions shown_versions(const fetch::SecretSet& set) {
  ShownVersions shown;
  for (const auto& [id, file] : set.files) {
    shown[file->shown_as.empty() ? id : file->shown_as] = file->version;
  }
  return shown;
}

}  // namespace

Volumes::Volumes(VolumesParts parts)
    : parts_(std::move(parts)), looks_(parts_.options.schedule, parts_.random) {}

std::size_t Volumes::count() const {
  const std::lock_guard lock(mutex_);
  return volumes_.size();
}

std::optional<SteadyTime> Volumes::next_look() const {
  const std::lock_guard lock(mutex_);
  return looks_.next();
}

VolumePtr Volumes::volume_at(const VolumeIdentity& identity) {
  const std::lock_guard lock(mutex_);
  VolumePtr& volume = volumes_[identity.target.path];
  if (volume == nullptr) volume = std::make_shared<Volume>(identity, parts_.clock);
  return volume;
}

VolumePtr Volumes::find(const std::string& target) const {
  const std::lock_guard lock(mutex_);
  const auto found = volumes_.find(target);
  return found == volumes_.end() ? nullptr : found->second;
}

void Volumes::forget(const std::string& target) {
  const std::lock_guard lock(mutex_);
  looks_.leave(target);
  volumes_.erase(target);
}

Status Volumes::publish(const VolumeIdentity& identity, const Secret* tokens,
                        std::shared_ptr<const stores::PublishSecrets> secrets,
                        const Patience& patience) {
  const VolumePtr volume = volume_at(identity);
  KF_ASSIGN(const auto turn, volume->turns.take(patience));
  volume->identity = identity;
  volume->secrets = std::move(secrets);
  if (tokens != nullptr) KF_TRY(volume->tokens.replace(*tokens));
  const VolumeFolder folder(volume->identity.target, parts_.options.folder, parts_.mounter,
                            parts_.clock);
  KF_ASSIGN(const TargetState state, folder.state());
  if (state == TargetState::kForeign) {
    return Error(ErrorCode::kFailedPrecondition,
                 cat("another file system is mounted at ", identity.target.path, "; unmount it"));
  }
  if (state == TargetState::kMounted && folder.has_set()) return refresh(*volume, patience);
  Status mounted = first_mount(*volume, patience);
  if (!mounted.ok()) forget(identity.target.path);
  return mounted;
}

// The class as it is now, and the store that it names. Nothing of the volume changes where that
// fails.
Status Volumes::learn_class(Volume& volume, const Patience& patience) {
  const VolumeIdentity& identity = volume.identity;
  if (identity.class_name.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 "secretProviderClass is not set; name it in the volume's volumeAttributes");
  }
  KF_ASSIGN(KnownClassPtr known,
            parts_.classes.find(identity.pod.namespace_name, identity.class_name, patience));
  if (volume.known_class != nullptr && volume.known_class->version == known->version) return {};
  auto spc = std::make_shared<const manifest::SecretProviderClass>(
      class_for(known->spc, identity, parts_.options.allow_override));
  KF_ASSIGN(volume.fetcher, parts_.stores.fetcher(spc->provider));
  volume.spc = std::move(spc);
  volume.known_class = std::move(known);
  volume.set_is_of_class = false;
  return {};
}

fetch::Question Volumes::question_of(Volume& volume, const Patience& patience) const {
  return {volume.identity.pod, *volume.spc,       volume.tokens, patience.deadline,
          patience.stop,       patience.priority, volume.secrets};
}

Result<fetch::Answer> Volumes::ask(Volume& volume, const Patience& patience,
                                   std::optional<Duration> freshness) {
  fetch::Question question = question_of(volume, patience);
  question.freshness = freshness;
  return volume.fetcher->fetch(question);
}

Status Volumes::first_mount(Volume& volume, const Patience& patience) {
  KF_TRY(learn_class(volume, patience));
  if (!volume.identity.readonly) {
    return Error(ErrorCode::kInvalidArgument,
                 "Readonly is not true in request; set readOnly: true in the pod's csi volume");
  }
  KF_ASSIGN(const fetch::Answer answer, ask(volume, patience, std::nullopt));
  VolumeFolder folder(volume.identity.target, parts_.options.folder, parts_.mounter, parts_.clock);
  KF_ASSIGN(const TargetState state, folder.state());
  Status mounted = state == TargetState::kMounted ? Status() : folder.mount(volume.identity.group);
  if (mounted.ok()) mounted = bring_in(volume, answer);
  if (!mounted.ok()) {
    const Status removed = folder.remove(patience);
    if (!removed.ok()) {
      log::error("what is left of a mount that failed could not be removed",
                 {{"target", volume.identity.target.path}, {"error", removed.error().message()}});
    }
  }
  return mounted;
}

// Nobody is asked where the volume holds what its class gave when it was last looked at.
Status Volumes::refresh(Volume& volume, const Patience& patience) {
  const Status outcome = [&]() -> Status {
    KF_TRY(learn_class(volume, patience));
    if (volume.set != nullptr && volume.set_is_of_class) return {};
    KF_ASSIGN(const fetch::Answer answer, ask(volume, patience, std::nullopt));
    return bring_in(volume, answer);
  }();
  return note(volume, outcome);
}

// The last good set stands: that is what kubelet is told; the failure goes to the observer.
Status Volumes::note(Volume& volume, const Status& outcome) {
  if (!outcome.ok()) {
    parts_.observer.failed(volume.identity, outcome.error(), ++volume.failures);
  } else if (volume.failures > 0) {
    volume.failures = 0;
    parts_.observer.recovered(volume.identity);
  }
  return {};
}

Status Volumes::bring_in(Volume& volume, const fetch::Answer& answer) {
  const bool is_new = answer.set != volume.set;
  std::vector<std::string> changed;
  if (is_new) {
    VolumeFolder folder(volume.identity.target, parts_.options.folder, parts_.mounter,
                        parts_.clock);
    KF_ASSIGN(volume::WriteResult written, folder.write(*answer.set, volume.identity.group));
    for (auto* names : {&written.added, &written.changed, &written.removed}) {
      changed.insert(changed.end(), names->begin(), names->end());
    }
  }
  const bool was_known = volume.set != nullptr;
  volume.set = answer.set;
  volume.set_is_of_class = true;
  const std::string group = volume.fetcher->key_of(question_of(volume, {}));
  {
    const std::lock_guard lock(mutex_);
    looks_.join(volume.identity.target.path, group, parts_.clock.steady_now(),
                answer.look_again_at);
  }
  const ShownVersions versions = shown_versions(*answer.set);
  const VolumeNews news{volume.identity, *volume.spc, versions};
  if (!was_known) {
    parts_.observer.mounted(news);
  } else if (is_new) {
    parts_.observer.rotated(news, changed);
  }
  return {};
}

Status Volumes::unpublish(const TargetPath& target, const Patience& patience) {
  const VolumePtr volume = find(target.path);
  VolumeFolder folder(target, parts_.options.folder, parts_.mounter, parts_.clock);
  if (volume == nullptr) return folder.remove(patience);
  KF_ASSIGN(const auto turn, volume->turns.take(patience));
  KF_TRY(folder.remove(patience));
  forget(target.path);
  parts_.observer.gone(volume->identity);
  if (volume->fetcher == nullptr) return {};
  const Status released = volume->fetcher->release(question_of(*volume, patience));
  if (!released.ok()) {
    log::warning("logins or leases were not given back, they end by themselves",
                 {{"target", target.path}, {"error", released.error().message()}});
  }
  return {};
}

void Volumes::look_at_due(const std::stop_token& stop) {
  std::vector<LookPlan::Due> due;
  {
    const std::lock_guard lock(mutex_);
    due = looks_.take_due(parts_.clock.steady_now());
  }
  for (const LookPlan::Due& each : due) look_at(each, stop);
}

// One volume asks for all: the first that is there and can prove who it is.
void Volumes::look_at(const LookPlan::Due& due, const std::stop_token& stop) {
  const Patience patience{Deadline::in(parts_.clock, parts_.options.look_timeout), stop,
                          RequestPriority::kBackground};
  std::vector<VolumePtr> volumes;
  for (const std::string& target : due.volumes) {
    if (auto volume = find(target)) volumes.push_back(std::move(volume));
  }
  Result<fetch::Answer> answer = Error(ErrorCode::kNotFound, "no volume asks any more");
  for (const VolumePtr& volume : volumes) {
    const auto turn = volume->turns.take(patience);
    if (!turn.ok() || volume->spc == nullptr) continue;
    answer = ask(*volume, patience, Duration::zero());
    if (answer.ok() || answer.error().code() != ErrorCode::kUnauthenticated) break;
  }
  if (answer.ok()) {
    bring_to_all(volumes, *answer, patience);
  } else {
    for (const VolumePtr& volume : volumes) {
      const auto turn = volume->turns.take(patience);
      if (turn.ok()) (void)note(*volume, answer.error());
    }
  }
  const std::lock_guard lock(mutex_);
  const SteadyTime now = parts_.clock.steady_now();
  if (answer.ok()) {
    looks_.looked(due.group, now, answer->look_again_at);
  } else {
    looks_.failed(due.group, now, answer.error());
  }
}

void Volumes::bring_to_all(const std::vector<VolumePtr>& volumes, const fetch::Answer& answer,
                           const Patience& patience) {
  for (const VolumePtr& volume : volumes) {
    const auto turn = volume->turns.take(patience);
    if (!turn.ok() || find(volume->identity.target.path) != volume) continue;
    (void)note(*volume, bring_in(*volume, answer));
  }
}

}  // namespace keyferry::node
