#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/doubling_prune.h"
#include "net/http.h"

namespace keyferry::fetch {

struct GateOptions {
  int requests_per_second = 0;  // to each endpoint; 0: as many as are asked
  int failures_to_open = 5;     // in a row, without a Retry-After
  std::chrono::milliseconds first_hold{1'000};
  std::chrono::milliseconds longest_hold{60'000};
  // A Retry-After that is waited out inside a call; longer ones fail at once.
  std::chrono::milliseconds longest_wait{30'000};
};

// What is known of one endpoint, for metrics. Words of the circuit-breaker pattern: closed lets
// requests through, open does not, half-open tries with one.
enum class Circuit { kClosed, kOpen, kHalfOpen };
struct EndpointState {
  std::string origin;  // "https://vault:8200"
  Circuit circuit = Circuit::kClosed;
  int failures_in_a_row = 0;
  std::uint64_t requests = 0;  // that were sent
  std::uint64_t held_off = 0;  // that were not
  std::size_t waiting = 0;
};

// The way to every store: one Http in front of another, shared by all who ask, so that an endpoint
// that asks for patience (429, 503 with Retry-After) is left alone by everybody, one that is in
// trouble (no answer, 502 to 504) is tried with a single request after a hold that doubles (full
// jitter) while everybody else gets its last error at once, and nobody sends more than the budget.
// Requests that somebody waits for go before those of the background. Any thread may call.
class EndpointGate final : public Http {
 public:
  EndpointGate(Http& http, Clock& clock, GateOptions options, std::function<double()> random)
      : http_(http), clock_(clock), options_(options), random_(std::move(random)) {
    if (options.requests_per_second <= 0) return;
    apart_ = Duration(std::chrono::seconds(1)) / options.requests_per_second;
  }
  ~EndpointGate() override;

  // Besides the errors of Http: kUnavailable with retry_after where the endpoint is held off.
  Result<Response> send(const Request& request, Deadline deadline) override;

  std::vector<EndpointState> states() const;  // by origin

 private:
  // Who waits for an endpoint, in the order in which they may go.
  struct Place {
    RequestPriority priority;
    std::uint64_t ticket;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct Endpoint;

  std::shared_ptr<Endpoint> endpoint_of(const std::string& origin);
  Status wait_for_turn(Endpoint& endpoint, const Request& request, Deadline deadline);
  Status come_up(std::unique_lock<std::mutex>& lock, Endpoint& endpoint, const Place& place,
                 const std::stop_token& stop, Deadline deadline);
  Result<Response> sent(const Request& request, Deadline deadline);
  void note(Endpoint& endpoint, const Request& request, const Result<Response>& answer);

  Http& http_;
  Clock& clock_;
  const GateOptions options_;
  const std::function<double()> random_;
  Duration apart_{};          // of two requests, where there is a budget
  mutable std::mutex mutex_;  // of the map and of every endpoint; never held across a request
  std::map<std::string, std::shared_ptr<Endpoint>> endpoints_;
  DoublingPrune prune_;
};

}  // namespace keyferry::fetch
