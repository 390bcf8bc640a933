#pragma once

#include <stop_token>

#include "base/clock.h"

namespace keyferry {

enum class RequestPriority { kNormal, kBackground };  // somebody waits; a refresh that can wait

// How long one caller is willing to wait, and whether anybody waits for the caller.
struct Patience {
  Deadline deadline{};
  std::stop_token stop{};
  RequestPriority priority = RequestPriority::kNormal;

  // Whether it has ended: the stop was requested, or the deadline is over.
  bool has_ended(const Clock& clock) const {
    return stop.stop_requested() || deadline.left(clock) == Duration::zero();
  }
};

}  // namespace keyferry
