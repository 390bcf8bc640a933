#include "dev/connection_pool.h"

#include <algorithm>

namespace keyferry::dev {
namespace {

constexpr Duration kConnectLimit = std::chrono::seconds(5);  // the runtime's JdbcLoginTimeout

Duration pause_of(const PoolOptions& options) {
  const double rate = std::max(options.connects_per_second, 0.01);
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(options.workers / rate));
}

}  // namespace

ConnectionPool::ConnectionPool(Clock& clock, PoolOptions options, TargetSource target)
    : clock_(clock), pause_(pause_of(options)), target_(std::move(target)) {
  for (int i = 0; i < options.workers; ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

PoolCounts ConnectionPool::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void ConnectionPool::work(const std::stop_token& stop) {
  SteadyTime next = clock_.steady_now();
  while (!stop.stop_requested()) {
    if (const auto target = target_()) connect_once(*target, stop);
    next = std::max(next + pause_, clock_.steady_now());
    clock_.wait_until(next, stop);
  }
}

void ConnectionPool::connect_once(const DatabaseTarget& target, const std::stop_token& stop) {
  const ConnectOutcome outcome =
      open_query_close(target, clock_, Deadline::in(clock_, kConnectLimit), stop);
  if (stop.stop_requested()) return;  // cut short by us, says nothing about the database
  const std::lock_guard lock(mutex_);
  if (outcome.connected) {
    ++counts_.opened;
    return;
  }
  ++counts_.failed;
  counts_.last_failure_state = outcome.sql_state;
  counts_.last_failure_unix_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall_now().time_since_epoch())
          .count();
}

}  // namespace keyferry::dev
