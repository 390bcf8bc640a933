#pragma once

#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace keyferry {

enum class Woken { kChanged, kTime, kStopped };

// Sleeps until something in a folder is made, moved, removed or closed after writing (inotify). A
// folder that is not there, or goes away, is tried again at each wait; the time limit is what then
// remains. Not for use by several threads at once.
class DirWatch {
 public:
  explicit DirWatch(std::string path) : path_(std::move(path)) {}

  // From here on changes are noticed, also those before the next wait(). kNotFound and the like
  // where there is nothing to watch.
  Status arm();
  Woken wait(Duration at_most, const std::stop_token& stop);

 private:
  bool take_events();

  std::string path_;
  UniqueFd inotify_;
};

}  // namespace keyferry
