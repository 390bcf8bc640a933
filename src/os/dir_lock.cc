#include "os/dir_lock.h"

#include <sys/file.h>

#include <cerrno>
#include <cstring>

#include "base/strings.h"

namespace keyferry {

Status lock_dir(const Dir& dir) {
  if (flock(dir.descriptor(), LOCK_EX | LOCK_NB) == 0) return {};
  const int number = errno;
  if (number == EWOULDBLOCK) return Error(ErrorCode::kAlreadyExists, "it is locked");
  return Error(ErrorCode::kInternal, cat("cannot lock it: ", strerrordesc_np(number)));
}

}  // namespace keyferry
