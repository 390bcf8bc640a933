#include "rpc/io_loop.h"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "base/log.h"
#include "base/strings.h"

namespace keyferry::rpc {

namespace {

// A peer that has connected and does not speak is let go, so that it keeps nobody else out.
constexpr std::chrono::seconds kLongestSilence{10};
constexpr std::chrono::seconds kLastWords{1};

using Milliseconds = std::chrono::milliseconds;

// What a library throws inside a handler fails that call only.
Result<Secret> done(const Method& method, const IncomingCall& call) {
  if (call.stop.stop_requested()) return Error(ErrorCode::kCancelled, "nobody waits any more");
  try {
    return method.work(call);
  } catch (const std::exception& problem) {
    return Error(ErrorCode::kInternal, problem.what());
  }
}

void log_call(const std::string& path, const Result<Secret>& answer, Duration took) {
  const auto milliseconds = std::chrono::duration_cast<Milliseconds>(took).count();
  if (answer.ok()) {
    log::debug("call answered", {{"method", path}, {"milliseconds", milliseconds}});
    return;
  }
  log::error("call failed", {{"method", path},
                             {"code", name_of(answer.error().code())},
                             {"error", answer.error().message()},
                             {"milliseconds", milliseconds}});
}

}  // namespace

void IoLoop::run() {
  while (!is_through()) {
    wait();
    take_mail();
    expire();
    accept_all();
    for (auto& [id, connection] : connections_) serve(id, connection);
    drop_ended();
  }
  connections_.clear();
}

void IoLoop::wait() {
  std::vector<pollfd> polled = descriptors();
  const Duration left = next_moment() - clock_.steady_now();
  // Rounded up: a moment too early would only be looked at twice.
  const auto milliseconds = std::chrono::ceil<Milliseconds>(std::max(left, Duration::zero()));
  constexpr Milliseconds kLongest{60'000};
  ::poll(polled.data(), polled.size(), static_cast<int>(std::min(milliseconds, kLongest).count()));
}

std::vector<pollfd> IoLoop::descriptors() const {
  std::vector<pollfd> polled;
  polled.push_back({mailbox_->descriptor(), POLLIN, 0});
  if (!stop_at_ && connections_.size() < options_.most_connections) {
    polled.push_back({listener_.descriptor(), POLLIN, 0});
  }
  for (const auto& [id, connection] : connections_) {
    const int writing = connection.peer->has_to_send() ? POLLOUT : 0;
    polled.push_back({connection.peer->descriptor(), static_cast<short>(POLLIN | writing), 0});
  }
  return polled;
}

SteadyTime IoLoop::next_moment() const {
  SteadyTime next = clock_.steady_now() + std::chrono::hours(1);
  for (const auto& [id, call] : calls_) next = std::min(next, call.deadline.at);
  for (const auto& [id, connection] : connections_) {
    if (!connection.peer->is_met()) next = std::min(next, connection.since + kLongestSilence);
  }
  if (leave_at_) return std::min(next, *leave_at_);
  return stop_at_ ? std::min(next, *stop_at_) : next;
}

void IoLoop::accept_all() {
  while (!stop_at_ && connections_.size() < options_.most_connections) {
    UniqueFd socket(
        ::accept4(listener_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return;
    Connection& connection = connections_[++last_id_];
    connection.peer =
        std::make_unique<ServerConnection>(std::move(socket), options_.largest_request);
    connection.since = clock_.steady_now();
  }
}

void IoLoop::serve(ConnectionId id, Connection& connection) {
  connection.peer->read();
  for (ArrivedCall& call : connection.peer->take_arrived()) begin(id, connection, std::move(call));
  connection.peer->write();
  for (const StreamId stream : connection.peer->take_closed()) {
    const auto call = connection.calls.find(stream);
    if (call != connection.calls.end()) forget(call->second);
  }
}

void IoLoop::begin(ConnectionId id, Connection& connection, ArrivedCall arrived) {
  const SteadyTime now = clock_.steady_now();
  const Duration limit = arrived.timeout.value_or(options_.default_deadline);
  const CallId call_id = ++last_id_;
  RunningCall& running = calls_[call_id];
  running = {id, arrived.stream, arrived.path, now, {now + limit}, {}};
  connection.calls[arrived.stream] = call_id;
  const auto method = methods_.find(arrived.path);
  if (method == methods_.end()) {
    finish(call_id, Error(ErrorCode::kUnimplemented, cat("there is no ", arrived.path, " here")));
    return;
  }
  hand_over(call_id, method->second,
            std::make_shared<const IncomingCall>(IncomingCall{
                std::move(arrived.message), running.deadline, running.stop.get_token()}));
}

void IoLoop::hand_over(CallId id, const Method& method, std::shared_ptr<const IncomingCall> call) {
  if (method.place == WorkPlace::kAtOnce) {
    finish(id, done(method, *call));
    return;
  }
  const bool is_taken = pool_.submit([mailbox = mailbox_, &method, id, call = std::move(call)] {
    mailbox->post({id, done(method, *call)});
  });
  if (is_taken) return;
  finish(id, Error(ErrorCode::kResourceExhausted,
                   cat("busy: ", options_.handler_threads, " calls work and ",
                       options_.most_waiting, " wait; try again")));
}

void IoLoop::finish(CallId id, const Result<Secret>& answer) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;  // nobody waits for it any more
  const RunningCall& call = found->second;
  log_call(call.path, answer, clock_.steady_now() - call.since);
  const auto connection = connections_.find(call.connection);
  if (connection != connections_.end()) connection->second.peer->answer(call.stream, answer);
  forget(id);
}

void IoLoop::forget(CallId id) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  RunningCall call = std::move(found->second);
  calls_.erase(found);
  const auto connection = connections_.find(call.connection);
  if (connection != connections_.end()) connection->second.calls.erase(call.stream);
  call.stop.request_stop();
}

void IoLoop::take_mail() {
  Mailbox::Contents mail = mailbox_->take();
  for (const HandledCall& handled : mail.handled) finish(handled.call, handled.answer);
  if (mail.stop && !stop_at_) begin_to_stop();
}

void IoLoop::expire() {
  const SteadyTime now = clock_.steady_now();
  std::vector<CallId> late;
  for (const auto& [id, call] : calls_) {
    if (call.deadline.at <= now) late.push_back(id);
  }
  for (const CallId id : late) {
    finish(id, Error(ErrorCode::kDeadlineExceeded, "the caller's deadline passed"));
  }
  if (stop_at_ && !leave_at_ && (*stop_at_ <= now || calls_.empty())) cut_short();
}

void IoLoop::begin_to_stop() {
  listener_.close();
  for (auto& [id, connection] : connections_) connection.peer->go_away();
  stop_at_ = clock_.steady_now() + options_.stop_limit;
}

// Whoever still waits is told; handlers are told to stop.
void IoLoop::cut_short() {
  std::vector<CallId> running;
  for (const auto& [id, call] : calls_) running.push_back(id);
  for (const CallId id : running) {
    finish(id, Error(ErrorCode::kUnavailable, "the driver ends; try again"));
  }
  leave_at_ = clock_.steady_now() + kLastWords;
}

bool IoLoop::is_through() const {
  if (!leave_at_) return false;
  const bool is_silent =
      std::none_of(connections_.begin(), connections_.end(),
                   [](const auto& entry) { return entry.second.peer->has_to_send(); });
  return is_silent || clock_.steady_now() >= *leave_at_;
}

void IoLoop::drop_ended() {
  const SteadyTime now = clock_.steady_now();
  for (auto next = connections_.begin(); next != connections_.end();) {
    const auto here = next++;
    Connection& connection = here->second;
    const bool is_mute = !connection.peer->is_met() && now - connection.since >= kLongestSilence;
    if (!connection.peer->is_over() && !is_mute) continue;
    const auto calls = connection.calls;
    for (const auto& [stream, id] : calls) forget(id);
    connections_.erase(here);
  }
}

}  // namespace keyferry::rpc
