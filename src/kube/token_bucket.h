#pragma once

#include <algorithm>
#include <cmath>

#include "base/clock.h"

namespace keyferry::kube {

// So many a second on average, so many at once. Not for several threads at once.
class TokenBucket {
 public:
  // `per_second` 0: no limit.
  TokenBucket(double per_second, int burst) : per_second_(per_second), most_(std::max(burst, 1)) {}

  // Takes one that is there, else none.
  bool try_take(SteadyTime now) {
    if (per_second_ <= 0) return true;
    refill(now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

  // Takes one, and gives how long it is until it is there.
  Duration take(SteadyTime now) {
    if (per_second_ <= 0) return {};
    refill(now);
    tokens_ -= 1;
    if (tokens_ >= 0) return {};
    return std::chrono::ceil<Duration>(std::chrono::duration<double>(-tokens_ / per_second_));
  }
  // One that was taken and is not used.
  void give_back() { tokens_ = std::min(tokens_ + 1, most_); }

 private:
  void refill(SteadyTime now) {
    if (now > filled_at_) {
      const std::chrono::duration<double> passed = now - filled_at_;
      tokens_ = std::min(tokens_ + passed.count() * per_second_, most_);
    }
    filled_at_ = now;
  }

  double per_second_;
  double most_;
  double tokens_ = most_;
  SteadyTime filled_at_{};
};

}  // namespace keyferry::kube
