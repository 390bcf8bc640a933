#include "rpc/handler_pool.h"

#include <system_error>
#include <utility>

namespace keyferry::rpc {

bool HandlerPool::submit(Job job) {
  const std::lock_guard lock(mutex_);
  const bool has_idle = idle_ > waiting_.size();
  const bool has_thread = has_idle || (threads_.size() < most_threads_ && start_thread());
  if (is_finished_ || (!has_thread && (threads_.empty() || waiting_.size() >= most_waiting_))) {
    return false;
  }
  waiting_.push_back(std::move(job));
  changed_.notify_one();
  return true;
}

bool HandlerPool::start_thread() {
  if (is_finished_) return false;
  try {
    threads_.emplace_back([this] { work(); });
    return true;
  } catch (const std::system_error&) {
    return false;  // the machine has no more; those that are there go on
  }
}

void HandlerPool::finish() {
  std::vector<std::thread> ending;
  {
    const std::lock_guard lock(mutex_);
    is_finished_ = true;
    ending.swap(threads_);
  }
  changed_.notify_all();
  for (std::thread& thread : ending) thread.join();
}

void HandlerPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return is_finished_ || !waiting_.empty(); });
    --idle_;
    if (waiting_.empty()) return;
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // what it holds ends outside the lock too
    lock.lock();
  }
}

}  // namespace keyferry::rpc
