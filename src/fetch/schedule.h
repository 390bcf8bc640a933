#pragma once

#include <chrono>
#include <functional>

#include "base/clock.h"
#include "base/error.h"

namespace keyferry::fetch {

struct ScheduleOptions {
  std::chrono::milliseconds interval{120'000};
  double jitter = 0.1;  // each wait is interval ± this share of it
  std::chrono::milliseconds first_backoff{1'000};
  std::chrono::milliseconds longest_backoff{300'000};
};

// Uniform in [0, 1); handed in so that tests choose.
using Random = std::function<double()>;

// When to look at a store next. After a success: the interval, jittered, so that a thousand pods
// started together drift apart. After failures in a row: exponential back-off with full jitter,
// never sooner than the store asked for (Error::retry_after), at first never later than the
// interval would have been. Not for use by several threads at once.
class Schedule {
 public:
  Schedule(ScheduleOptions options, Random random);

  // How long to wait after a look that went well, or failed with `error`.
  std::chrono::milliseconds after_success();
  std::chrono::milliseconds after_failure(const Error& error);

  int failures_in_a_row() const { return failures_; }

 private:
  ScheduleOptions options_;
  Random random_;
  int failures_ = 0;
};

}  // namespace keyferry::fetch
