#pragma once

#include <functional>
#include <mutex>

#include "base/single_flight.h"
#include "kube/api_client.h"
#include "kube/api_error.h"
#include "kube/api_request.h"
#include "kube/bearer_token.h"
#include "kube/token_bucket.h"

namespace keyferry::kube {

// The way to the API server: our own limit, credentials and trust, retries; a status that is not
// good becomes its Error (api_error.h). Any thread may call.
class ApiExchange {
 public:
  ApiExchange(ApiConfig config, ApiClientOptions options, const ApiClientParts& parts)
      : config_(std::move(config)),
        options_(std::move(options)),
        parts_(parts),
        token_(config_, parts.clock),
        bucket_(options_.requests_per_second, options_.burst) {}

  Result<Response> exchange(const ApiRequest& request, const Patience& patience);

  // One try; the body goes to `sink` as it comes (net/http_stream.h).
  Status stream(const ApiRequest& request, const BodySink& sink, const Patience& patience);

 private:
  // How a request that has its credentials is sent.
  using Send = std::function<Result<Response>(const Request&)>;

  Result<Response> exchange_once(const ApiRequest& request, const Patience& patience);
  Result<Response> ask(const ApiRequest& request, const Patience& patience, const Send& send);
  Status wait_for_turn(const Patience& patience);
  Request with_credentials(const ApiRequest& request, const BearerToken::Held& token,
                           const std::stop_token& stop) const;
  Caller caller(const BearerToken::Held& token) const;

  const ApiConfig config_;
  const ApiClientOptions options_;
  const ApiClientParts parts_;
  BearerToken token_;
  std::mutex mutex_;  // of the bucket
  TokenBucket bucket_;
};

}  // namespace keyferry::kube
