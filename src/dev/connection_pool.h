#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "dev/database_target.h"
#include "dev/postgres.h"

namespace keyferry::dev {

struct PoolCounts {
  std::int64_t opened = 0;
  std::int64_t failed = 0;
  std::string last_failure_state;  // SQLSTATE
  std::int64_t last_failure_unix_ms = 0;
};

struct PoolOptions {
  int workers = 4;
  double connects_per_second = 20;  // all workers together
};

// An application that never keeps a connection: workers that all the time open one with the newest
// settings, use it and close it, and count. Ends its threads when destroyed.
class ConnectionPool {
 public:
  // The target of now, null when there is nothing to connect to. Called on the workers' threads.
  using TargetSource = std::function<std::shared_ptr<const DatabaseTarget>()>;

  ConnectionPool(Clock& clock, PoolOptions options, TargetSource target);
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;
  ~ConnectionPool() = default;

  PoolCounts counts() const;

 private:
  void work(const std::stop_token& stop);
  void connect_once(const DatabaseTarget& target, const std::stop_token& stop);

  Clock& clock_;
  Duration pause_;
  TargetSource target_;
  mutable std::mutex mutex_;
  PoolCounts counts_;
  std::vector<std::jthread> workers_;  // last: they use everything above
};

}  // namespace keyferry::dev
