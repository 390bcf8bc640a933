#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"

namespace keyferry {

// What to try again and how patiently. Only the error's code and retry_after are looked at.
struct RetryPolicy {
  int attempts = 3;  // the first one included
  // Of a peer that limits its clients (kResourceExhausted): it is well, and its turn comes.
  int throttled_attempts = 6;
  std::vector<ErrorCode> codes = {ErrorCode::kUnavailable, ErrorCode::kResourceExhausted,
                                  ErrorCode::kAborted};
  std::chrono::milliseconds first_wait{1'000};
  // Also the longest retry_after worth waiting for inside a call; the caller's own schedule
  // waits longer ones out.
  std::chrono::milliseconds longest_wait{30'000};
};

// The surroundings of one call. `random` gives a share in [0, 1).
struct RetryScope {
  Clock& clock;
  Deadline deadline;
  std::stop_token stop;
  std::function<double()> random;
};

// How long to wait after the `attempt`-th failure (1-based) before the next try; nothing when it
// is not worth one. The peer's retry_after exactly; without one (OpenBao's quotas say 0),
// exponential with full jitter: a random share of first_wait · 2^(attempt-1).
std::optional<std::chrono::milliseconds> wait_before_retry(const RetryPolicy& policy, int attempt,
                                                           const Error& error, double share);

// Waits; false when the wait would outlast the deadline or was stopped.
bool wait_to_retry(const RetryScope& scope, std::chrono::milliseconds wait);

// The one retry loop. `attempt()` gives a Result<T> or Status; its last one is returned.
template <class Attempt>
auto with_retries(const RetryPolicy& policy, const RetryScope& scope, Attempt&& attempt)
    -> decltype(attempt()) {
  for (int tried = 1;; ++tried) {
    auto result = attempt();
    if (result.ok()) return result;
    const auto wait = wait_before_retry(policy, tried, result.error(), scope.random());
    if (!wait || !wait_to_retry(scope, *wait)) return result;
  }
}

// HTTP exchanges that are tried again. `exchange(deadline)` makes one, `complaint(response)` says
// why an answer is worth another try. The last answer is given whatever it says; an Error only
// where there was none.
struct RepeatedExchange {
  std::function<Result<Response>(Deadline)> exchange;
  std::function<std::optional<Error>(const Response&)> complaint;
  Duration longest_exchange;  // each one's own limit, inside the scope's deadline
};
Result<Response> exchange_with_retries(const RetryPolicy& policy, const RetryScope& scope,
                                       const RepeatedExchange& repeated);

// A Retry-After header (RFC 9110 10.2.3): seconds or a date; nothing when absent or unreadable.
// At most ten minutes: a word that is meant otherwise, or by somebody else, must not close a store
// for a day.
std::optional<std::chrono::milliseconds> retry_after_of(const Response& response, WallTime now);

}  // namespace keyferry
