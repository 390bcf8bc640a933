#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "os/dir.h"

namespace keyferry::volume {

// The file system of a volume. It always has noexec, nosuid and nodev, and noswap where the kernel
// knows it (Linux 6.4).
struct TmpfsOptions {
  std::uint64_t size_bytes = 0;  // 0: the kernel's own limit, half of the memory
  mode_t mode = 0755;            // of the volume's top folder
  gid_t group = 0;
};

enum class MountKind { kNone, kTmpfs, kOther };

// File systems in memory, mounted over the folder `name` in `parent`. A link at that name is never
// followed, whoever puts it there and when. Failures: kNotFound (no such folder),
// kFailedPrecondition (a link or a file is there; busy), kPermissionDenied (needs CAP_SYS_ADMIN),
// else kInternal. Any thread may call.
class Mounter {
 public:
  virtual ~Mounter() = default;

  // Whether a file system is mounted at exactly this folder, and of which kind.
  virtual Result<MountKind> kind_of(const Dir& parent, const std::string& name) const = 0;
  virtual Status mount_tmpfs(const Dir& parent, const std::string& name,
                             const TmpfsOptions& options) = 0;
  // kBusy files are in use by somebody: kFailedPrecondition, and it stays mounted. With kDetach it
  // is out of sight at once and goes when its last user does.
  enum class Users { kKeepIt, kDetach };
  virtual Status unmount(const Dir& parent, const std::string& name, Users users) = 0;
};

// By the kernel's mount calls: fsopen and its kin, mount(2) where those are refused.
std::unique_ptr<Mounter> make_system_mounter();

}  // namespace keyferry::volume
