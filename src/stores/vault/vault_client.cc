#include "stores/vault/vault_client.h"

#include <algorithm>

#include "base/strings.h"
#include "net/digest.h"
#include "net/retry.h"
#include "net/url.h"
#include "stores/vault/vault_error.h"

namespace keyferry::stores::vault {

namespace {

constexpr auto kLongestRequest = std::chrono::seconds(60);
constexpr auto kLongestGlance = std::chrono::seconds(5);

bool is_redirect(const Response& response) {
  return response.status == 301 || response.status == 302 || response.status == 307;
}

// Statuses that may be better at the next try; the rest is judged by the caller.
std::optional<Error> complaint_about(const Response& response, WallTime now) {
  if (!may_be_better_later(response)) return std::nullopt;
  Error error(response.status == 429 ? ErrorCode::kResourceExhausted : ErrorCode::kUnavailable,
              cat("HTTP ", response.status));
  if (const auto wait = retry_after_of(response, now)) error.set_retry_after(*wait);
  return error;
}

// Follows the one redirect that a standby answers with, never from https to http.
Result<Response> send_following(Http& http, const VaultConfig& config, const Request& request,
                                Deadline deadline) {
  KF_ASSIGN(Response response, http.send(request, deadline));
  if (!is_redirect(response)) return response;
  KF_ASSIGN(const Url base, parse_url(request.url));
  KF_ASSIGN(const Url next,
            resolve_location(base, response.header("location"))
                .with_context(cat(origin_of(base), " redirects"))
                .with_remedy(cat("set ", config.names.address, " to the active server")));
  if (base.scheme == "https" && next.scheme == "http") {
    return Error(
        ErrorCode::kFailedPrecondition,
        cat(origin_of(base), " redirects to http, which would send the token in the clear; set ",
            config.names.address, " to the active server"));
  }
  Request onward = copy_of(request);
  onward.url = to_text(next);
  return http.send(onward, deadline);
}

}  // namespace

Patience patience_of(const FetchRequest& request) {
  return {request.deadline, request.stop, request.priority};
}

Result<Response> VaultClient::send(const VaultConfig& config, Request request,
                                   const Patience& patience) {
  request.stop = patience.stop;
  request.priority = patience.priority;
  const RetryScope scope{clock_, patience.deadline, patience.stop, random_share};
  const RepeatedExchange repeated{
      [&](Deadline deadline) { return send_following(http_, config, request, deadline); },
      [&](const Response& response) { return complaint_about(response, clock_.wall_now()); },
      kLongestRequest};
  auto sent = exchange_with_retries(RetryPolicy(), scope, repeated);
  if (!sent.ok()) return no_answer_error(config, std::move(sent).error());
  return sent;
}

Result<Response> VaultClient::try_once(const VaultConfig& config, Request request,
                                       const Patience& patience) {
  request.stop = patience.stop;
  request.priority = patience.priority;
  const Deadline own = Deadline::in(clock_, kLongestGlance);
  return send_following(http_, config, request, {std::min(own.at, patience.deadline.at)});
}

}  // namespace keyferry::stores::vault
