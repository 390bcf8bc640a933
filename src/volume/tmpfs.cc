#include "volume/tmpfs.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#include <cerrno>

#include "base/strings.h"

namespace keyferry::volume {

Result<bool> is_memory_backed(const Dir& dir) {
  struct statfs status {};
  if (fstatfs(dir.descriptor(), &status) != 0) {
    return Error(ErrorCode::kInternal, cat("look at the file system: ", strerrordesc_np(errno)));
  }
  const auto type = static_cast<unsigned long>(status.f_type);
  return type == TMPFS_MAGIC || type == RAMFS_MAGIC;
}

}  // namespace keyferry::volume
