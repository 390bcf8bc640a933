#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "node/class_source.h"
#include "node/look_plan.h"
#include "node/store_shelf.h"
#include "node/volume.h"
#include "node/volume_folder.h"
#include "node/volume_observer.h"

namespace keyferry::node {

struct VolumesOptions {
  FolderOptions folder;
  fetch::ScheduleOptions schedule;  // of looks at the stores
  bool allow_override = true;       // attributes of a volume over parameters of its class (Q1)
  Duration look_timeout = std::chrono::minutes(1);
};

// References outlive the volumes.
struct VolumesParts {
  const VolumesOptions& options;
  ClassSource& classes;
  StoreShelf& stores;
  volume::Mounter& mounter;
  VolumeObserver& observer;
  Clock& clock;
  fetch::Random random;
};

// All volumes of the node: mounted, looked after, taken away. Never good without a whole set in the
// volume; a first mount that fails leaves nothing behind; a set that stands stays until a whole new
// one does. Any thread may call; one volume is worked on by one call at a time.
class Volumes {
 public:
  explicit Volumes(VolumesParts parts);

  // NodePublishVolume. `tokens`: JSON text, null where kubelet gave none. Of a volume that stands:
  // brings tokens and secrets up to date and asks the store only where the class has changed, or
  // nothing is known of what stands; a failure then leaves the old set, is told to the observer,
  // and is no error (csi.md Q3).
  Status publish(const VolumeIdentity& identity, const Secret* tokens,
                 std::shared_ptr<const stores::PublishSecrets> secrets, const Patience& patience);
  // NodeUnpublishVolume: good where there is nothing.
  Status unpublish(const TargetPath& target, const Patience& patience);

  // Looks at the store for every volume whose time has come. Several threads may.
  void look_at_due(const std::stop_token& stop);
  // When look_at_due() has something to do next; nothing where it never will.
  std::optional<SteadyTime> next_look() const;

  std::size_t count() const;

 private:
  VolumePtr volume_at(const VolumeIdentity& identity);
  VolumePtr find(const std::string& target) const;
  void forget(const std::string& target);

  Status first_mount(Volume& volume, const Patience& patience);
  Status refresh(Volume& volume, const Patience& patience);
  Status learn_class(Volume& volume, const Patience& patience);
  Result<fetch::Answer> ask(Volume& volume, const Patience& patience,
                            std::optional<Duration> freshness);
  Status bring_in(Volume& volume, const fetch::Answer& answer);
  Status note(Volume& volume, const Status& outcome);
  void look_at(const LookPlan::Due& due, const std::stop_token& stop);
  void bring_to_all(const std::vector<VolumePtr>& volumes, const fetch::Answer& answer,
                    const Patience& patience);
  fetch::Question question_of(Volume& volume, const Patience& patience) const;

  VolumesParts parts_;
  mutable std::mutex mutex_;                  // of what is below; never held while anybody is asked
  std::map<std::string, VolumePtr> volumes_;  // by target path
  LookPlan looks_;
};

}  // namespace keyferry::node
