#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/result.h"
#include "base/single_flight.h"

namespace keyferry::node {

// One at a time at one thing, in any order, each waiting no longer than it is willing to.
class Turns {
 public:
  explicit Turns(Clock& clock) : clock_(clock) {}

  // Holds the turn until it goes out of scope.
  class Turn {
   public:
    explicit Turn(Turns& turns) : turns_(&turns) {}
    Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->give_back();
    }

   private:
    Turns* turns_;
  };

  // kAborted: another one is at it, and the patience ended first: it is for the caller to come
  // again.
  Result<Turn> take(const Patience& patience) {
    std::unique_lock lock(mutex_);
    const Duration left =
        std::min<Duration>(patience.deadline.left(clock_), std::chrono::hours(24));
    const bool free =
        freed_.wait_for(lock, patience.stop, left, [this] { return !taken_; }) && !taken_;
    if (!free) return Error(ErrorCode::kAborted, "another call works on the same volume still");
    taken_ = true;
    return Turn(*this);
  }

 private:
  void give_back() {
    {
      const std::lock_guard lock(mutex_);
      taken_ = false;
    }
    freed_.notify_one();
  }

  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any freed_;
  bool taken_ = false;
};

}  // namespace keyferry::node
