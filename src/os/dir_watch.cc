#include "os/dir_watch.h"

#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/strings.h"

namespace keyferry {

Status DirWatch::arm() {
  if (inotify_) return {};
  UniqueFd inotify(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  constexpr unsigned kWhat = IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_CLOSE_WRITE |
                             IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
  if (!inotify || inotify_add_watch(inotify.get(), path_.c_str(), kWhat) < 0) {
    const int reason = errno;
    return Error(reason == ENOENT ? ErrorCode::kNotFound : ErrorCode::kInternal,
                 cat("watch '", path_, "': ", strerrordesc_np(reason)));
  }
  inotify_ = std::move(inotify);
  return {};
}

Woken DirWatch::wait(Duration at_most, const std::stop_token& stop) {
  if (stop.stop_requested()) return Woken::kStopped;
  if (!inotify_ && arm().ok()) return Woken::kChanged;  // it has come (back)
  const UniqueFd stopped(eventfd(0, EFD_CLOEXEC));
  const std::stop_callback wake(stop, [&] {
    const std::uint64_t one = 1;
    (void)!::write(stopped.get(), &one, sizeof one);
  });
  std::array<pollfd, 2> waits{{{stopped.get(), POLLIN, 0}, {inotify_.get(), POLLIN, 0}}};
  constexpr std::int64_t kLongest = 86'400'000;  // a day fits poll's int
  const auto limit = std::chrono::ceil<std::chrono::milliseconds>(at_most).count();
  const int ready = ::poll(waits.data(), inotify_ ? 2 : 1,
                           static_cast<int>(std::clamp<std::int64_t>(limit, 0, kLongest)));
  if (stop.stop_requested()) return Woken::kStopped;
  if (ready <= 0) return Woken::kTime;
  return take_events() ? Woken::kChanged : Woken::kTime;
}

// True when there were any. A watch that has lost its folder is given up, to be armed anew.
bool DirWatch::take_events() {
  alignas(inotify_event) std::array<char, 4096> buffer{};
  bool any = false;
  for (;;) {
    const ssize_t got = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (got <= 0) return any;
    any = true;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      if ((event.mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0) {
        inotify_.reset();
        return true;
      }
      at += sizeof event + event.len;
    }
  }
}

}  // namespace keyferry
