#pragma once

#include <chrono>
#include <stop_token>

namespace keyferry {

using WallTime = std::chrono::system_clock::time_point;
using SteadyTime = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

// Time and waiting, handed in wherever either is needed, so that tests tick instead of sleeping.
// Any thread may call any method.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall_now() const = 0;
  virtual SteadyTime steady_now() const = 0;

  // Waits until `when` or until `stop` is requested. True: the time came; false: stopped.
  virtual bool wait_until(SteadyTime when, std::stop_token stop) = 0;

  bool wait_for(Duration duration, std::stop_token stop) {
    return wait_until(steady_now() + duration, std::move(stop));
  }
};

// The moment at which a call and everything it calls must be over.
struct Deadline {
  SteadyTime at = SteadyTime::max();

  static Deadline in(const Clock& clock, Duration duration) {
    return {clock.steady_now() + duration};
  }
  // What is left of it, never negative.
  Duration left(const Clock& clock) const {
    const SteadyTime now = clock.steady_now();
    return now >= at ? Duration::zero() : at - now;
  }
};

}  // namespace keyferry
