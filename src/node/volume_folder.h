#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "fetch/fetcher.h"
#include "node/target_path.h"
#include "volume/atomic_writer.h"
#include "volume/mounter.h"

namespace keyferry::node {

struct FolderOptions {
  std::string kubelet_root = "/var/lib/kubelet";
  std::uint64_t largest_volume = std::uint64_t{64} << 20;  // bytes; 0: no limit of ours
  mode_t default_mode = 0644;                              // of files that ask for none
};

// What stands at a volume's target.
enum class TargetState {
  kAbsent,   // nothing
  kFolder,   // a folder, and nothing mounted: of an earlier try, or of nobody we know
  kMounted,  // a tmpfs
  kForeign,  // another file system
};

// The folder of one volume on the node: a tmpfs with a set of files. Whatever happens there
// meanwhile, nothing outside of it is touched. Not for use by several threads at once.
class VolumeFolder {
 public:
  // References outlive it.
  VolumeFolder(const TargetPath& target, const FolderOptions& options, volume::Mounter& mounter,
               Clock& clock)
      : target_(target), options_(options), mounter_(mounter), clock_(clock) {}

  Result<TargetState> state() const;
  // Whether a whole set stands there.
  bool has_set() const;

  // Mounts the tmpfs, making the folders that are missing.
  Status mount(std::optional<gid_t> group);
  // Makes it hold exactly this set; old or new, never between (volume/atomic_writer.h).
  Result<volume::WriteResult> write(const fetch::SecretSet& set, std::optional<gid_t> group);

  // The tmpfs and the folder are gone afterwards; good where they were not there. A volume that is
  // in use is waited for until the patience ends, then emptied and detached.
  Status remove(const Patience& patience);

 private:
  Status empty_and_detach(OpenTarget& place);
  Status unmount(OpenTarget& place, const Patience& patience);
  Result<std::unique_ptr<Dir>> open() const;

  const TargetPath& target_;
  const FolderOptions& options_;
  volume::Mounter& mounter_;
  Clock& clock_;
};

}  // namespace keyferry::node
