#include "kube/api_exchange.h"

#include "base/strings.h"
#include "net/digest.h"
#include "net/retry.h"

namespace keyferry::kube {

namespace {

constexpr std::size_t kLargestAnswer = std::size_t{64} << 20;

RetryPolicy policy_for(const ApiRequest& request) {
  RetryPolicy policy;
  policy.first_wait = std::chrono::milliseconds(500);
  policy.codes = {ErrorCode::kResourceExhausted};
  if (request.repeatable) policy.codes.push_back(ErrorCode::kUnavailable);
  return policy;
}

}  // namespace

Result<Response> ApiExchange::exchange(const ApiRequest& request, const Patience& patience) {
  const RetryScope scope{parts_.clock, patience.deadline, patience.stop, random_share};
  return with_retries(policy_for(request), scope, [&] { return exchange_once(request, patience); });
}

Status ApiExchange::stream(const ApiRequest& request, const BodySink& sink,
                           const Patience& patience) {
  KF_TRY(ask(request, patience, [&](const Request& http) {
    return parts_.stream.stream(http, sink, patience.deadline);
  }));
  return {};
}

// A server that is silent for the time of one exchange may answer the next.
Result<Response> ApiExchange::exchange_once(const ApiRequest& request, const Patience& patience) {
  return ask(request, patience, [&](const Request& http) -> Result<Response> {
    const SteadyTime limit = parts_.clock.steady_now() + options_.longest_exchange;
    auto answer = parts_.http.send(http, {std::min(patience.deadline.at, limit)});
    const bool was_slow = !answer.ok() && answer.error().code() == ErrorCode::kDeadlineExceeded;
    if (!was_slow || patience.deadline.left(parts_.clock) == Duration::zero()) return answer;
    return Error(ErrorCode::kUnavailable, answer.error().message());
  });
}

// With the credentials we have, and once more where those are refused and there are newer ones.
Result<Response> ApiExchange::ask(const ApiRequest& request, const Patience& patience,
                                  const Send& send) {
  KF_TRY(wait_for_turn(patience));
  KF_ASSIGN(BearerToken::Held token, token_.current());
  auto answer = send(with_credentials(request, token, patience.stop));
  if (answer.ok() && answer->status == 401 && token_.renewed_after(token)) {
    KF_ASSIGN(token, token_.current());
    answer = send(with_credentials(request, token, patience.stop));
  }
  if (!answer.ok() || answer->status < 300) return answer;
  return error_of(*answer, request.asked, caller(token), parts_.clock.wall_now());
}

Status ApiExchange::wait_for_turn(const Patience& patience) {
  Duration wait{};
  {
    const std::lock_guard lock(mutex_);
    wait = bucket_.take(parts_.clock.steady_now());
    if (wait > patience.deadline.left(parts_.clock)) {
      bucket_.give_back();
      return Error(ErrorCode::kDeadlineExceeded,
                   "our own limit of requests to the API server leaves no time for it; raise it");
    }
  }
  if (wait == Duration::zero() || parts_.clock.wait_for(wait, patience.stop)) return {};
  return Error(ErrorCode::kCancelled, "stopped");
}

Request ApiExchange::with_credentials(const ApiRequest& request, const BearerToken::Held& token,
                                      const std::stop_token& stop) const {
  Request http = http_request(request, config_.server);
  http.headers.push_back({"User-Agent", options_.user_agent});
  if (token.token != nullptr) {
    Secret value("Bearer ");
    value.append(token.token->expose());
    http.secret_headers.push_back({"Authorization", std::move(value)});
  }
  http.tls = config_.tls;
  http.max_response_bytes = kLargestAnswer;
  http.stop = stop;
  return http;
}

Caller ApiExchange::caller(const BearerToken::Held& token) const {
  Caller caller{token.service_account, ""};
  if (token.token != nullptr) {
    caller.credential = config_.token_file.empty() ? cat("the token of ", config_.source)
                                                   : cat("the token in '", config_.token_file, "'");
  } else if (config_.tls.has_client_certificate()) {
    caller.credential = cat("the client certificate of ", config_.source);
  }
  return caller;
}

}  // namespace keyferry::kube
