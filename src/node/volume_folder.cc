#include "node/volume_folder.h"

#include "base/strings.h"
#include "volume/remove_tree.h"

namespace keyferry::node {

namespace {

constexpr auto kBusyPause = std::chrono::milliseconds(100);
constexpr int kBusyTries = 20;

std::vector<volume::WantedFile> wanted_files(const fetch::SecretSet& set, mode_t default_mode,
                                             bool for_a_group) {
  constexpr mode_t kGroupReads = 0040;
  std::vector<volume::WantedFile> files;
  files.reserve(set.files.size());
  for (const auto& [id, file] : set.files) {
    const mode_t mode = file->mode.value_or(default_mode);
    files.push_back({file->path, file->contents.expose(), for_a_group ? mode | kGroupReads : mode});
  }
  return files;
}

}  // namespace

Result<TargetState> VolumeFolder::state() const {
  const auto place = open_target(target_, options_.kubelet_root, MissingFolders::kAreAnError);
  if (!place.ok()) {
    if (place.error().code() == ErrorCode::kNotFound) return TargetState::kAbsent;
    return place.error();
  }
  const auto kind = mounter_.kind_of(*place->parent, place->name);
  if (!kind.ok()) {
    if (kind.error().code() == ErrorCode::kNotFound) return TargetState::kAbsent;
    return kind.error();
  }
  switch (*kind) {
    case volume::MountKind::kNone:
      return TargetState::kFolder;
    case volume::MountKind::kTmpfs:
      return TargetState::kMounted;
    case volume::MountKind::kOther:
      return TargetState::kForeign;
  }
  return TargetState::kForeign;
}

Result<std::unique_ptr<Dir>> VolumeFolder::open() const {
  KF_ASSIGN(const OpenTarget place,
            open_target(target_, options_.kubelet_root, MissingFolders::kAreAnError));
  return place.parent->open_dir(place.name);
}

bool VolumeFolder::has_set() const {
  const auto dir = open();
  return dir.ok() && (*dir)->read_link("..data").ok();
}

Status VolumeFolder::mount(std::optional<gid_t> group) {
  KF_ASSIGN(OpenTarget place,
            open_target(target_, options_.kubelet_root, MissingFolders::kAreMade));
  Status made = place.parent->make_dir(place.name, 0750);
  if (!made.ok() && made.error().code() != ErrorCode::kAlreadyExists) return made;
  return mounter_.mount_tmpfs(*place.parent, place.name,
                              {options_.largest_volume, 0755, group.value_or(0)});
}

Result<volume::WriteResult> VolumeFolder::write(const fetch::SecretSet& set,
                                                std::optional<gid_t> group) {
  KF_ASSIGN(const auto dir, open());
  return volume::write_set(*dir, wanted_files(set, options_.default_mode, group.has_value()),
                           {clock_, volume::random_digits, group});
}

Status VolumeFolder::empty_and_detach(OpenTarget& place) {
  {
    KF_ASSIGN(const auto dir, place.parent->open_dir(place.name));
    (void)volume::remove_below(*dir).ok();  // what stays goes with the last user
  }
  return mounter_.unmount(*place.parent, place.name, volume::Mounter::Users::kDetach);
}

Status VolumeFolder::unmount(OpenTarget& place, const Patience& patience) {
  for (int tries = 1;; ++tries) {
    Status done = mounter_.unmount(*place.parent, place.name, volume::Mounter::Users::kKeepIt);
    const bool busy = !done.ok() && done.error().code() == ErrorCode::kFailedPrecondition;
    if (!busy) return done;
    const bool no_patience = tries == kBusyTries || patience.deadline.left(clock_) <= kBusyPause ||
                             !clock_.wait_for(kBusyPause, patience.stop);
    if (no_patience) return empty_and_detach(place);
  }
}

Status VolumeFolder::remove(const Patience& patience) {
  KF_ASSIGN(const TargetState found, state());
  if (found == TargetState::kAbsent) return {};
  KF_ASSIGN(OpenTarget place,
            open_target(target_, options_.kubelet_root, MissingFolders::kAreAnError));
  if (found != TargetState::kFolder) KF_TRY(unmount(place, patience));
  // Files of an unmounted folder: of a driver whose mount failed late.
  KF_TRY(volume::remove_tree(*place.parent, place.name));
  return {};
}

}  // namespace keyferry::node
