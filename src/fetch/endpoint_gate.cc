#include "fetch/endpoint_gate.h"

#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "base/strings.h"
#include "net/retry.h"
#include "net/url.h"

namespace keyferry::fetch {

namespace {

using std::chrono::milliseconds;

// What an answer says of the endpoint, not of the question: a 500 may be about one path alone.
std::optional<std::string> trouble_of(const Request& request, const Result<Response>& answer) {
  if (!answer.ok()) {
    const ErrorCode code = answer.error().code();
    const bool no_answer = code == ErrorCode::kUnavailable || code == ErrorCode::kDeadlineExceeded;
    return no_answer ? std::optional(answer.error().message()) : std::nullopt;
  }
  const int status = answer->status;
  const bool asks_for_less =
      status == 429 || (request.asks_for_less != nullptr && request.asks_for_less(*answer));
  const bool in_trouble = asks_for_less || (status >= 502 && status <= 504);
  return in_trouble ? std::optional(cat("HTTP ", status)) : std::nullopt;
}

constexpr Duration kWidestSpread = std::chrono::seconds(5);

milliseconds left_until(SteadyTime when, SteadyTime now) {
  return std::chrono::ceil<milliseconds>(std::max(when - now, Duration::zero()));
}

}  // namespace

struct EndpointGate::Endpoint {
  std::string origin;
  std::set<Place> waiting;
  std::uint64_t next_ticket = 0;
  SteadyTime next_slot{};  // of the budget
  SteadyTime held_until{};
  Duration spread{};                // how long after a hold the last who waits may go
  bool asked_for_patience = false;  // the hold is the endpoint's own word: Retry-After
  bool is_open = false;             // held off for its failures, until one request succeeds
  bool is_tried = false;            // that request is on its way
  int failures = 0;
  std::string last_trouble;
  std::uint64_t requests = 0;
  std::uint64_t held_off = 0;

  // Why a request is not even sent, or nothing where it may wait for its turn.
  Status check_hold(SteadyTime now, Deadline deadline, const GateOptions& options) const;
  // When it is the place's turn, as far as one can tell now.
  SteadyTime turn_of(const Place& place, Duration apart) const {
    const SteadyTime begin = held_until + spread_of(place);
    return std::max(begin, next_slot + static_cast<int>(ahead_of(place)) * apart);
  }
  // After a hold those who waited do not all go in the same moment; the first goes at once.
  Duration spread_of(const Place& place) const {
    if (!asked_for_patience || waiting.size() < 2) return Duration::zero();
    return spread * static_cast<int>(ahead_of(place)) / static_cast<int>(waiting.size());
  }
  std::ptrdiff_t ahead_of(const Place& place) const {
    return std::distance(waiting.begin(), waiting.find(place));
  }
  // Nothing is known of it that would be missed.
  bool is_quiet(SteadyTime now) const {
    return failures == 0 && held_until <= now && next_slot <= now;
  }
  void fail(const std::string& trouble) {
    ++failures;
    last_trouble = trouble;
  }
  void succeed();
  void hold_off(SteadyTime now, double share, const GateOptions& options);
};

Status EndpointGate::Endpoint::check_hold(SteadyTime now, Deadline deadline,
                                          const GateOptions& options) const {
  const milliseconds hold = left_until(held_until, now);
  const bool can_be_waited_out =
      asked_for_patience && hold <= options.longest_wait && now + hold < deadline.at;
  const bool may_go_on = hold.count() > 0 ? can_be_waited_out : !is_tried;
  if (may_go_on) return {};
  const milliseconds wait = std::max(hold, milliseconds(1'000));
  return Error(ErrorCode::kUnavailable,
               cat(origin, " is left alone for ", wait.count(), " ms after ",
                   asked_for_patience ? "it asked for patience" : "failures in a row",
                   "; last: ", last_trouble))
      .set_retry_after(wait);
}

void EndpointGate::Endpoint::succeed() {
  if (is_open) log::info("endpoint answers again", {{"endpoint", origin}});
  is_open = false;
  asked_for_patience = false;
  failures = 0;
}

void EndpointGate::Endpoint::hold_off(SteadyTime now, double share, const GateOptions& options) {
  constexpr int kLargestExponent = 16;
  const int doubled = std::min(failures - options.failures_to_open, kLargestExponent);
  const double ceiling =
      std::min(static_cast<double>(options.longest_hold.count()),
               std::ldexp(static_cast<double>(options.first_hold.count()), doubled));
  if (!is_open) {
    log::warning("endpoint is left alone for a while",
                 {{"endpoint", origin}, {"last", last_trouble}});
  }
  is_open = true;
  asked_for_patience = false;
  held_until = now + milliseconds(std::llround(ceiling * (0.1 + 0.9 * share)));
}

EndpointGate::~EndpointGate() = default;

std::shared_ptr<EndpointGate::Endpoint> EndpointGate::endpoint_of(const std::string& origin) {
  const std::lock_guard lock(mutex_);
  const auto found = endpoints_.find(origin);
  if (found != endpoints_.end()) return found->second;
  const SteadyTime now = clock_.steady_now();
  prune_.before_insertion(endpoints_, [now](const auto& entry) {
    return entry.second.use_count() == 1 && entry.second->is_quiet(now);
  });
  auto endpoint = std::make_shared<Endpoint>();
  endpoint->origin = origin;
  endpoints_.emplace(origin, endpoint);
  return endpoint;
}

Result<Response> EndpointGate::send(const Request& request, Deadline deadline) {
  KF_ASSIGN(const Url url, parse_url(request.url));
  const auto endpoint = endpoint_of(origin_of(url));
  KF_TRY(wait_for_turn(*endpoint, request, deadline));
  auto answer = sent(request, deadline);
  note(*endpoint, request, answer);
  return answer;
}

// What throws must be noted too: an endpoint that is tried once would be tried for ever.
Result<Response> EndpointGate::sent(const Request& request, Deadline deadline) {
  try {
    return http_.send(request, deadline);
  } catch (const std::exception& problem) {
    return Error(ErrorCode::kInternal, problem.what());
  }
}

Status EndpointGate::wait_for_turn(Endpoint& endpoint, const Request& request, Deadline deadline) {
  std::unique_lock lock(mutex_);
  const Place place{request.priority, endpoint.next_ticket++};
  endpoint.waiting.insert(place);
  Status may_go = come_up(lock, endpoint, place, request.stop, deadline);
  endpoint.waiting.erase(place);
  ++(may_go.ok() ? endpoint.requests : endpoint.held_off);
  return may_go;
}

// Looks again whenever its turn may have come; no wake-up in between.
Status EndpointGate::come_up(std::unique_lock<std::mutex>& lock, Endpoint& endpoint,
                             const Place& place, const std::stop_token& stop, Deadline deadline) {
  for (;;) {
    const SteadyTime now = clock_.steady_now();
    KF_TRY(endpoint.check_hold(now, deadline, options_));
    const SteadyTime turn = endpoint.turn_of(place, apart_);
    if (turn <= now) {
      endpoint.next_slot = std::max(endpoint.next_slot, now) + apart_;
      endpoint.is_tried = endpoint.is_open;
      return {};
    }
    if (turn >= deadline.at) {
      return Error(
          ErrorCode::kDeadlineExceeded,
          cat("no turn in time for ", endpoint.origin, ": ", endpoint.ahead_of(place),
              " requests go first, the budget is ", options_.requests_per_second, " per second"));
    }
    lock.unlock();
    const bool came = clock_.wait_until(turn, stop);
    lock.lock();
    if (!came) return Error(ErrorCode::kCancelled, "stopped");
  }
}

void EndpointGate::note(Endpoint& endpoint, const Request& request,
                        const Result<Response>& answer) {
  const auto trouble = trouble_of(request, answer);
  const bool cancelled = !answer.ok() && answer.error().code() == ErrorCode::kCancelled;
  const auto asked = answer.ok() && trouble ? retry_after_of(*answer, clock_.wall_now())
                                            : std::optional<milliseconds>();
  const SteadyTime now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  endpoint.is_tried = false;
  if (cancelled) return;  // says nothing
  if (!trouble) return endpoint.succeed();
  endpoint.fail(*trouble);
  if (asked) {
    endpoint.asked_for_patience = true;
    endpoint.held_until = std::max(endpoint.held_until, now + *asked);
    endpoint.spread = std::min<Duration>(*asked / 4, kWidestSpread);
  } else if (endpoint.failures >= options_.failures_to_open) {
    endpoint.hold_off(now, random_(), options_);
  }
}

std::vector<EndpointState> EndpointGate::states() const {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady_now();
  std::vector<EndpointState> states;
  for (const auto& [origin, endpoint] : endpoints_) {
    const bool held = endpoint->held_until > now;
    const Circuit circuit = held                ? Circuit::kOpen
                            : endpoint->is_open ? Circuit::kHalfOpen
                                                : Circuit::kClosed;
    states.push_back({origin, circuit, endpoint->failures, endpoint->requests, endpoint->held_off,
                      endpoint->waiting.size()});
  }
  return states;
}

}  // namespace keyferry::fetch
