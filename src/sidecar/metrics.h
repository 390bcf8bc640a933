#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "sidecar/status_board.h"

namespace keyferry::sidecar {

// What became of one set of files.
enum class Outcome { kApplied, kRefused, kUnchanged };

// Counters and gauges of the sidecar, in the text format of Prometheus. Any thread may call.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  void count_set(Outcome outcome);
  void count_start(Outcome outcome);
  void observe_apply(std::chrono::microseconds took);

  // The body of /metrics; gauges are taken from the report.
  std::string render(const StatusReport& report, SteadyTime now) const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace keyferry::sidecar
