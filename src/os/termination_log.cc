#include "os/termination_log.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <cerrno>

#include "base/strings.h"
#include "base/unique_fd.h"

namespace keyferry {

Status write_termination_message(const std::string& path, std::string_view reason) {
  constexpr std::size_t kMost = 4096;
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (!file || ::write(file.get(), reason.data(), std::min(reason.size(), kMost)) < 0) {
    return Error(ErrorCode::kNotFound,
                 cat("termination message '", path, "': ", strerrordesc_np(errno)));
  }
  return {};
}

}  // namespace keyferry
