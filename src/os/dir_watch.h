#pragma once

#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace keyferry {

enum class Woken { kChanged, kTime, kStopped };

// What wakes a loop that has nothing to do: a change, the time, or the end. Handed in, so that
// tests wake it without sleeping (os/fake_watch.h). Not for use by several threads at once.
class Watch {
 public:
  virtual ~Watch() = default;
  // From here on changes are noticed, also those before the next wait(). kNotFound and the like
  // where there is nothing to watch.
  virtual Status arm() = 0;
  virtual Woken wait(Duration at_most, const std::stop_token& stop) = 0;
};

// Sleeps until something in a folder is made, moved, removed or closed after writing (inotify). A
// folder that is not there, or goes away, is tried again at each wait; the time limit is what then
// remains.
class DirWatch final : public Watch {
 public:
  explicit DirWatch(std::string path) : path_(std::move(path)) {}

  Status arm() override;
  Woken wait(Duration at_most, const std::stop_token& stop) override;

 private:
  bool take_events();

  std::string path_;
  UniqueFd inotify_;
};

}  // namespace keyferry
