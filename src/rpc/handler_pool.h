#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace keyferry::rpc {

// At most so many threads, started when there is work for them, and at most so many jobs that wait.
// Any thread may call; jobs must not throw.
class HandlerPool {
 public:
  using Job = std::function<void()>;

  HandlerPool(std::size_t most_threads, std::size_t most_waiting)
      : most_threads_(most_threads), most_waiting_(most_waiting) {}
  ~HandlerPool() { finish(); }
  HandlerPool(const HandlerPool&) = delete;
  HandlerPool& operator=(const HandlerPool&) = delete;

  // False: too many wait, or the pool has finished; the job is not done.
  bool submit(Job job);
  // Does what waits, then ends the threads.
  void finish();

 private:
  bool start_thread();
  void work();

  const std::size_t most_threads_;
  const std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> waiting_;
  std::size_t idle_ = 0;
  bool is_finished_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace keyferry::rpc
