#include "fetch/schedule.h"

#include <algorithm>
#include <cmath>

namespace keyferry::fetch {

namespace {

std::chrono::milliseconds scaled(std::chrono::milliseconds duration, double factor) {
  return std::chrono::milliseconds(std::llround(static_cast<double>(duration.count()) * factor));
}

}  // namespace

Schedule::Schedule(ScheduleOptions options, Random random)
    : options_(options), random_(std::move(random)) {}

std::chrono::milliseconds Schedule::after_success() {
  failures_ = 0;
  return scaled(options_.interval, 1 + options_.jitter * (2 * random_() - 1));
}

std::chrono::milliseconds Schedule::after_failure(const Error& error) {
  constexpr int kLargestExponent = 20;
  const double doubled = std::exp2(std::min(failures_++, kLargestExponent));
  const auto ceiling = std::min(options_.longest_backoff, scaled(options_.first_backoff, doubled));
  // Full jitter, but never a busy loop: at least a tenth of the ceiling.
  const auto backoff = scaled(ceiling, 0.1 + 0.9 * random_());
  return std::max(backoff, error.retry_after().value_or(std::chrono::milliseconds(0)));
}

}  // namespace keyferry::fetch
