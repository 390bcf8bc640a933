#pragma once

#include <mutex>
#include <vector>

#include "base/clock.h"

namespace keyferry {

// A clock for tests: time moves only by tick(); a wait moves it to the wait's end at once and is
// recorded, so that nothing sleeps and a test reads back how long the code would have waited.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(WallTime wall = WallTime(std::chrono::seconds(1'700'000'000))) : wall_(wall) {}

  WallTime wall_now() const override {
    const std::lock_guard lock(mutex_);
    return wall_;
  }
  SteadyTime steady_now() const override {
    const std::lock_guard lock(mutex_);
    return steady_;
  }
  bool wait_until(SteadyTime when, std::stop_token stop) override {
    if (stop.stop_requested()) return false;
    const std::lock_guard lock(mutex_);
    if (when > steady_) {
      waits_.push_back(when - steady_);
      advance(when - steady_);
    }
    return true;
  }

  void tick(Duration duration) {
    const std::lock_guard lock(mutex_);
    advance(duration);
  }
  // Every wait so far, in order.
  std::vector<Duration> waits() const {
    const std::lock_guard lock(mutex_);
    return waits_;
  }

 private:
  void advance(Duration duration) {
    steady_ += duration;
    wall_ += std::chrono::duration_cast<WallTime::duration>(duration);
  }

  mutable std::mutex mutex_;
  WallTime wall_;
  SteadyTime steady_{std::chrono::hours(1)};
  std::vector<Duration> waits_;
};

}  // namespace keyferry
