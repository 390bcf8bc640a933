#pragma once

#include "base/clock.h"

namespace keyferry {

// The machine's clocks. The one place in the tree that reads them.
class SystemClock final : public Clock {
 public:
  WallTime wall_now() const override;
  SteadyTime steady_now() const override;
  bool wait_until(SteadyTime when, std::stop_token stop) override;
};

}  // namespace keyferry
