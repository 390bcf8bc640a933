#include "net/retry.h"

#include <algorithm>
#include <charconv>

#include "base/strings.h"
#include "net/http_date.h"

namespace keyferry {

std::optional<std::chrono::milliseconds> wait_before_retry(const RetryPolicy& policy, int attempt,
                                                           const Error& error, double share) {
  const bool throttled = error.code() == ErrorCode::kResourceExhausted;
  if (attempt >= (throttled ? policy.throttled_attempts : policy.attempts)) return std::nullopt;
  if (std::find(policy.codes.begin(), policy.codes.end(), error.code()) == policy.codes.end()) {
    return std::nullopt;
  }
  if (const auto asked = error.retry_after(); asked && asked->count() > 0) {
    if (*asked > policy.longest_wait) return std::nullopt;
    return asked;
  }
  const int doublings = std::min(attempt - 1, 30);
  const double ceiling = std::min(
      static_cast<double>(policy.first_wait.count()) * static_cast<double>(1LL << doublings),
      static_cast<double>(policy.longest_wait.count()));
  return std::chrono::milliseconds(static_cast<std::int64_t>(ceiling * share));
}

bool wait_to_retry(const RetryScope& scope, std::chrono::milliseconds wait) {
  if (scope.deadline.left(scope.clock) <= wait) return false;
  return scope.clock.wait_for(wait, scope.stop);
}

Result<Response> exchange_with_retries(const RetryPolicy& policy, const RetryScope& scope,
                                       const RepeatedExchange& repeated) {
  std::optional<Response> last;
  auto answer = with_retries(policy, scope, [&]() -> Result<Response> {
    last.reset();
    const SteadyTime limit = scope.clock.steady_now() + repeated.longest_exchange;
    KF_ASSIGN(Response response, repeated.exchange({std::min(scope.deadline.at, limit)}));
    auto complaint = repeated.complaint(response);
    if (!complaint) return response;
    last = std::move(response);
    return *std::move(complaint);
  });
  if (!answer.ok() && last) return *std::move(last);
  return answer;
}

std::optional<std::chrono::milliseconds> retry_after_of(const Response& response, WallTime now) {
  const std::string_view text = trim(response.header("retry-after"));
  if (text.empty()) return std::nullopt;
  std::int64_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t kLongest = 600;
  if (read.ec == std::errc() && read.ptr == text.data() + text.size()) {
    if (seconds < 0) return std::nullopt;
    return std::chrono::seconds(std::min(seconds, kLongest));
  }
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  const auto wait = *date - std::chrono::floor<std::chrono::seconds>(now);
  return std::chrono::seconds(std::clamp<std::int64_t>(wait.count(), 0, kLongest));
}

}  // namespace keyferry
