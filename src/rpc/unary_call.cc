#include "rpc/unary_call.h"

#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "rpc/grpc_wire.h"
#include "rpc/http2_session.h"

namespace keyferry::rpc {

namespace {

constexpr std::size_t kReadAtOnce = std::size_t{16} << 10;

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// A descriptor that can be read once a stop is asked for, so that poll() sees it.
class StopEvent {
 public:
  explicit StopEvent(const std::stop_token& stop)
      : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), callback_(stop, Ring{event_.get()}) {}
  int descriptor() const { return event_.get(); }

 private:
  struct Ring {
    int event;
    void operator()() const {
      const std::uint64_t one = 1;
      (void)!::write(event, &one, sizeof one);
    }
  };
  UniqueFd event_;
  std::stop_callback<Ring> callback_;
};

// What has come back so far.
class Answer final : public Http2Events {
 public:
  explicit Answer(std::size_t largest) : largest_(largest) {}

  bool is_complete() const { return is_closed_ || is_too_large_; }
  // After is_complete(): the message, or why there is none.
  Result<Secret, CallFailure> take() const {
    if (is_too_large_) {
      return CallFailure{Error(ErrorCode::kResourceExhausted,
                               cat("the answer is larger than ", largest_, " bytes"))};
    }
    if (!status_) return CallFailure{without_status()};
    if (*status_ != 0) return CallFailure{Error(code_of_status(*status_), message_), true};
    auto message = unframed(body_);
    if (!message.ok()) return CallFailure{std::move(message).error()};
    return std::move(message).value();
  }

 private:
  void on_header(StreamId, std::string_view name, std::string_view value) override {
    if (name == ":status") http_status_ = number_of(value);
    if (name == "grpc-status") status_ = number_of(value).value_or(-1);
    if (name == "grpc-message") message_ = decode_status_message(value);
  }
  void on_data(StreamId, std::string_view bytes) override {
    is_too_large_ = body_.size() + bytes.size() > largest_ + kPrefixSize;
    if (!is_too_large_) body_.append(bytes);
  }
  void on_end(StreamId) override { is_closed_ = true; }
  void on_closed(StreamId) override { is_closed_ = true; }

  Error without_status() const {
    if (http_status_ && *http_status_ != 200) {
      return Error(code_of_http_status(*http_status_),
                   cat("HTTP status ", *http_status_, " and no gRPC status; is it a gRPC server?"));
    }
    return Error(ErrorCode::kUnavailable, "the call ended without a status");
  }

  const std::size_t largest_;
  Secret body_;
  std::optional<int> http_status_;
  std::optional<int> status_;
  std::string message_;
  bool is_closed_ = false;
  bool is_too_large_ = false;
};

HeaderFields headers_of(const UnaryCall& call, Duration left) {
  HeaderFields headers{{":method", "POST"},
                       {":scheme", "http"},
                       {":path", call.path},
                       {":authority", "localhost"},
                       {"te", "trailers"},
                       {"content-type", std::string(kContentType)},
                       {"user-agent", "keyferry/" KEYFERRY_VERSION}};
  if (call.deadline.at != SteadyTime::max()) {
    headers.push_back({"grpc-timeout", timeout_text(left)});
  }
  return headers;
}

// The connection for the time of the call.
class Exchange {
 public:
  Exchange(UniqueFd socket, const UnaryCall& call, const Clock& clock)
      : socket_(std::move(socket)),
        call_(call),
        clock_(clock),
        stop_(call.stop),
        answer_(call.largest_response),
        session_(Http2Side::kClient, answer_) {}

  Result<Secret, CallFailure> run(Secret message) {
    const auto stream =
        session_.request(headers_of(call_, call_.deadline.left(clock_)), std::move(message));
    if (!stream.ok()) return CallFailure{stream.error()};
    Status status;
    while (status.ok() && !answer_.is_complete()) status = step();
    if (answer_.is_complete()) return answer_.take();
    session_.reset(*stream, ResetReason::kCancelled);
    (void)send();  // best effort: the connection's end says the same
    return CallFailure{std::move(status).error()};
  }

 private:
  Status step() {
    KF_TRY(send());
    if (session_.is_over()) return ended();
    KF_TRY(wait());
    return receive();
  }

  Status ended() const {
    if (session_.is_met()) return Error(ErrorCode::kUnavailable, "the other side said goodbye");
    return Error(ErrorCode::kInternal, "the other side does not speak HTTP/2, so it is no gRPC");
  }

  Status send() {
    for (;;) {
      const std::string_view bytes = session_.to_send();
      if (bytes.empty()) return {};
      const ssize_t put = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put < 0) return would_block() ? Status() : broken();
      session_.sent(static_cast<std::size_t>(put));
    }
  }

  Status wait() {
    const Duration left = call_.deadline.left(clock_);
    if (call_.stop.stop_requested()) return Error(ErrorCode::kCancelled, "stopped");
    if (left == Duration::zero()) {
      return Error(ErrorCode::kDeadlineExceeded, "no answer before the deadline");
    }
    using Milliseconds = std::chrono::milliseconds;
    constexpr Milliseconds kLongest{60'000};  // looked at anew after it
    const auto most = left < kLongest ? std::chrono::ceil<Milliseconds>(left) : kLongest;
    const int writing = session_.has_to_send() ? POLLOUT : 0;
    std::array<pollfd, 2> polled{{{socket_.get(), static_cast<short>(POLLIN | writing), 0},
                                  {stop_.descriptor(), POLLIN, 0}}};
    ::poll(polled.data(), polled.size(), static_cast<int>(most.count()));
    return {};
  }

  Status receive() {
    std::array<char, kReadAtOnce> buffer;  // NOLINT: filled by recv
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0) return would_block() ? Status() : broken();
    if (got == 0) return Error(ErrorCode::kUnavailable, "the connection was closed");
    Status status = session_.receive({buffer.data(), static_cast<std::size_t>(got)});
    wipe(buffer.data(), static_cast<std::size_t>(got));
    return status;
  }

  static bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }
  static Status broken() {
    return Error(ErrorCode::kUnavailable, cat("the connection broke: ", strerrordesc_np(errno)));
  }

  UniqueFd socket_;
  const UnaryCall& call_;
  const Clock& clock_;
  StopEvent stop_;
  Answer answer_;
  Http2Session session_;
};

}  // namespace

Result<Secret, CallFailure> call_unary(UniqueFd socket, UnaryCall call, const Clock& clock) {
  Secret message = framed(call.message.expose());
  call.message.clear();
  return Exchange(std::move(socket), call, clock).run(std::move(message));
}

}  // namespace keyferry::rpc
