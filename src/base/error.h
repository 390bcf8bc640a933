#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace keyferry {

class Secret;

// What the caller may do about a failure: the canonical gRPC set, numbers included.
// Closed: mapped by switches without default to exit codes, metric labels and event reasons.
enum class ErrorCode {
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// Canonical lower-case name, e.g. "permission_denied"; fit for a metric label.
std::string_view name_of(ErrorCode code);

// A failure: code for programs, message for people, never a secret value in either.
// Messages are lower case without full stop, name the thing, then say what to do.
class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // How long the peer asked us to wait before trying again, if it said so.
  std::optional<std::chrono::milliseconds> retry_after() const { return retry_after_; }
  Error& set_retry_after(std::chrono::milliseconds wait) {
    retry_after_ = wait;
    return *this;
  }

  // Same failure seen from one level further out: "<context>: <message>"; of a message that lists
  // several things, a line each, every line.
  Error with_context(std::string_view context) const&;
  Error with_context(std::string_view context) &&;

  // Same failure with what to do about it: "<message>; <remedy>".
  Error with_remedy(std::string_view remedy) const&;
  Error with_remedy(std::string_view remedy) &&;

  // Same failure with a secret that a peer's words repeated taken out of the message.
  Error without(const Secret& secret) &&;

  friend bool operator==(const Error&, const Error&) = default;

 private:
  ErrorCode code_;
  std::string message_;
  std::optional<std::chrono::milliseconds> retry_after_;
};

}  // namespace keyferry
