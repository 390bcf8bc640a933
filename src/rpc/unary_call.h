#pragma once

#include <cstddef>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/unique_fd.h"

namespace keyferry::rpc {

struct UnaryCall {
  std::string path;  // "/package.Service/Method"
  Secret message;
  std::size_t largest_response = std::size_t{4} << 20;
  Deadline deadline;
  std::stop_token stop;
};

// How a call ended without an answer. `is_remote`: the error is the peer's own word.
struct CallFailure {
  Error error;
  bool is_remote = false;
};

// One gRPC call over a connected socket that does not block; the connection ends with it. Does all
// its work on the caller's thread.
//
// Failures of ours: kResourceExhausted: the answer is larger; kUnavailable: the connection broke;
// kDeadlineExceeded, kCancelled: the peer is told; kInternal: no gRPC came back.
Result<Secret, CallFailure> call_unary(UniqueFd socket, UnaryCall call, const Clock& clock);

}  // namespace keyferry::rpc
