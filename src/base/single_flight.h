#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/patience.h"
#include "base/result.h"

namespace keyferry {

// Callers that ask the same question while it is on its way share one answer. Whoever comes first
// asks, with its own patience; the others wait, each with theirs. When the first one's patience
// ended and a waiter's has not, that waiter asks anew: nobody is failed by somebody else's stop.
// No lock is held while the question is asked, and waiters are told outside the lock.
//
// T is copied to every waiter: a shared_ptr to something that never changes.
template <class T>
class SingleFlight {
 public:
  explicit SingleFlight(Clock& clock) : clock_(clock) {}

  // `ask()` gives a Result<T>. kCancelled, kDeadlineExceeded: this caller's patience ended while
  // another one asked.
  template <class Ask>
  Result<T> run(const std::string& key, const Patience& patience, Ask&& ask) {
    for (;;) {
      std::unique_lock lock(mutex_);
      auto& place = flights_[key];
      if (place == nullptr) {
        place = std::make_shared<Flight>();
        const auto mine = place;
        lock.unlock();
        auto answer = answer_of(ask);
        return land(key, *mine, std::move(answer), patience);
      }
      const auto shared = place;
      KF_TRY(wait(lock, *shared, patience));
      if (!shared->was_impatient) return *shared->answer;
    }
  }

  // How many callers wait for another one's answer just now; for tests.
  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_;
  }

 private:
  struct Flight {
    std::optional<Result<T>> answer;
    bool was_impatient = false;  // who asked gave up: the answer is about that alone
    std::condition_variable_any landed;
  };

  // Nobody waits for ever for a question that threw.
  template <class Ask>
  static Result<T> answer_of(Ask& ask) {
    try {
      return ask();
    } catch (const std::exception& problem) {
      return Error(ErrorCode::kInternal, problem.what());
    }
  }

  // A deadline of the endpoint's own is an answer like any other.
  bool gave_up(const Result<T>& answer, const Patience& patience) const {
    const bool in_time = answer.ok() || (answer.error().code() != ErrorCode::kCancelled &&
                                         answer.error().code() != ErrorCode::kDeadlineExceeded);
    return !in_time && patience.has_ended(clock_);
  }

  Result<T> land(const std::string& key, Flight& flight, Result<T> answer,
                 const Patience& patience) {
    const bool was_impatient = gave_up(answer, patience);
    {
      const std::lock_guard lock(mutex_);
      flight.answer = answer;
      flight.was_impatient = was_impatient;
      flights_.erase(key);
    }
    flight.landed.notify_all();
    return answer;
  }

  Status wait(std::unique_lock<std::mutex>& lock, Flight& flight, const Patience& patience) {
    const auto landed = [&] { return flight.answer.has_value(); };
    // Far-off deadlines are cut: waiting "for ever" would overflow the system's clock.
    const Duration left =
        std::min<Duration>(patience.deadline.left(clock_), std::chrono::hours(24));
    ++waiting_;
    flight.landed.wait_for(lock, patience.stop, left, landed);
    --waiting_;
    if (patience.stop.stop_requested()) {
      return Error(ErrorCode::kCancelled, "stopped while another caller asked the same");
    }
    if (landed()) return {};
    return Error(ErrorCode::kDeadlineExceeded, "no answer in time to what another caller asked");
  }

  Clock& clock_;
  mutable std::mutex mutex_;
  std::size_t waiting_ = 0;
  std::map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace keyferry
