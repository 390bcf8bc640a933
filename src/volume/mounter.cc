#include "volume/mounter.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "base/strings.h"
#include "base/unique_fd.h"

// The C library's mount(2) and the kernel's header of the same names do not go together: the calls
// are made by number.
namespace keyferry::volume {

namespace {

// <sys/mount.h>
constexpr unsigned long kNoSuid = 2;
constexpr unsigned long kNoDev = 4;
constexpr unsigned long kNoExec = 8;
constexpr int kDetachFlag = 2;    // MNT_DETACH
constexpr int kNoFollowFlag = 8;  // UMOUNT_NOFOLLOW

template <class... Args>
int call(long number, Args... args) {
  return static_cast<int>(syscall(number, args...));
}

Error failed(std::string_view operation, const std::string& name, int number) {
  const std::string text = cat(operation, " '", name, "': ", strerrordesc_np(number));
  switch (number) {
    case ENOENT:
      return Error(ErrorCode::kNotFound, text);
    case ELOOP:
    case ENOTDIR:
    case EBUSY:
      return Error(ErrorCode::kFailedPrecondition, text);
    case EPERM:
    case EACCES:
      return Error(ErrorCode::kPermissionDenied,
                   cat(text, "; mounting needs CAP_SYS_ADMIN: run privileged"));
    default:
      return Error(ErrorCode::kInternal, text);
  }
}

// The folder itself, whatever is mounted there; never what a link leads to.
Result<UniqueFd> open_folder(const Dir& parent, const std::string& name) {
  UniqueFd folder(
      openat(parent.descriptor(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return failed("open folder", name, errno);
  return folder;
}

std::string by_descriptor(int fd) { return cat("/proc/self/fd/", fd); }

// "noswap" is asked for and done without where the kernel does not know it.
int set_option(int fs, const char* key, const std::string& value) {
  return call(SYS_fsconfig, fs, FSCONFIG_SET_STRING, key, value.c_str(), 0);
}

// Mounted nowhere yet; -1 with errno where this kernel, or what guards it, has no such calls.
UniqueFd new_tmpfs(const TmpfsOptions& options) {
  const UniqueFd fs(call(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC));
  if (!fs) return UniqueFd();
  (void)call(SYS_fsconfig, fs.get(), FSCONFIG_SET_FLAG, "noswap", nullptr, 0);
  if (options.size_bytes != 0 &&
      set_option(fs.get(), "size", std::to_string(options.size_bytes)) != 0) {
    return UniqueFd();
  }
  if (set_option(fs.get(), "mode", octal(options.mode)) != 0 ||
      set_option(fs.get(), "gid", std::to_string(options.group)) != 0 ||
      call(SYS_fsconfig, fs.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return UniqueFd();
  }
  return UniqueFd(call(SYS_fsmount, fs.get(), FSMOUNT_CLOEXEC,
                       MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
}

// The same by mount(2), which takes a path: that of the open folder.
int mount_by_path(int folder, const TmpfsOptions& options) {
  std::string data = cat("mode=", octal(options.mode), ",gid=", options.group);
  if (options.size_bytes != 0) data += cat(",size=", options.size_bytes);
  const std::string path = by_descriptor(folder);
  for (const std::string& with : {cat(data, ",noswap"), data}) {
    if (call(SYS_mount, "tmpfs", path.c_str(), "tmpfs", kNoSuid | kNoDev | kNoExec, with.c_str()) ==
        0) {
      return 0;
    }
    if (errno != EINVAL) return -1;
  }
  return -1;
}

// Whether something is mounted at exactly this folder. Kernels before 5.8 do not say: then a device
// other than the parent's tells it.
Result<bool> is_mount_root(int folder, const Dir& parent, const std::string& name) {
  struct statx found {};
  if (statx(folder, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &found) != 0) {
    return failed("look at", name, errno);
  }
  if ((found.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0) {
    return (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
  }
  struct stat above {};
  struct stat here {};
  if (fstat(parent.descriptor(), &above) != 0 || fstat(folder, &here) != 0) {
    return failed("look at", name, errno);
  }
  return above.st_dev != here.st_dev;
}

class SystemMounter final : public Mounter {
 public:
  Result<MountKind> kind_of(const Dir& parent, const std::string& name) const override {
    KF_ASSIGN(const UniqueFd folder, open_folder(parent, name));
    KF_ASSIGN(const bool is_root, is_mount_root(folder.get(), parent, name));
    if (!is_root) return MountKind::kNone;
    struct statfs status {};
    if (fstatfs(folder.get(), &status) != 0) return failed("look at", name, errno);
    const bool tmpfs = static_cast<unsigned long>(status.f_type) == TMPFS_MAGIC;
    return tmpfs ? MountKind::kTmpfs : MountKind::kOther;
  }

  Status mount_tmpfs(const Dir& parent, const std::string& name,
                     const TmpfsOptions& options) override {
    KF_ASSIGN(const UniqueFd folder, open_folder(parent, name));
    if (const UniqueFd made = new_tmpfs(options)) {
      if (call(SYS_move_mount, made.get(), "", folder.get(), "",
               MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0) {
        return {};
      }
    }
    if (mount_by_path(folder.get(), options) == 0) return {};
    return failed("mount tmpfs on", name, errno);
  }

  Status unmount(const Dir& parent, const std::string& name, Users users) override {
    // By way of the parent: a descriptor of the volume itself would keep it busy.
    const std::string path = cat(by_descriptor(parent.descriptor()), '/', name);
    const int flags = kNoFollowFlag | (users == Users::kDetach ? kDetachFlag : 0);
    if (call(SYS_umount2, path.c_str(), flags) != 0) return failed("unmount", name, errno);
    return {};
  }
};

}  // namespace

std::unique_ptr<Mounter> make_system_mounter() { return std::make_unique<SystemMounter>(); }

}  // namespace keyferry::volume
