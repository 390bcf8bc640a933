#include "rpc/provider_client.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/strings.h"
#include "rpc/listener.h"
#include "rpc/provider_wire.h"
#include "rpc/unary_call.h"

namespace keyferry::rpc {

namespace {

// Between looks at a socket that nobody serves.
constexpr std::chrono::milliseconds kFirstPause{20};
constexpr std::chrono::milliseconds kLongestPause{1'000};
// A provider that starts anew has no socket for a moment: it removes the old one first.
constexpr std::chrono::milliseconds kLongestGap{300};

}  // namespace

// A socket that is served by now. The file may move from one folder to the other meanwhile.
Result<UniqueFd> ProviderClient::connection(Deadline deadline, const std::stop_token& stop) const {
  const SteadyTime gap_ends = clock_.steady_now() + kLongestGap;
  for (Duration pause = kFirstPause;; pause = std::min<Duration>(pause * 2, kLongestPause)) {
    auto connected = [&]() -> Result<UniqueFd> {
      KF_ASSIGN(const std::string path, find_provider_socket(options_.folders, name_));
      return connect_to(path);
    }();
    if (connected.ok() || connected.error().code() == ErrorCode::kInvalidArgument) return connected;
    const bool is_missing = connected.error().code() == ErrorCode::kNotFound;
    if (is_missing && clock_.steady_now() >= gap_ends) return connected;
    const Duration left = deadline.left(clock_);
    if (left == Duration::zero()) {
      return Error(
          ErrorCode::kDeadlineExceeded,
          cat(connected.error().message(), "; nobody serves it, is the provider's pod up?"));
    }
    if (!clock_.wait_for(std::min(pause, left), stop)) {
      return Error(ErrorCode::kCancelled, "stopped");
    }
  }
}

Result<Secret> ProviderClient::call(const char* path, Secret message, Deadline deadline,
                                    const std::stop_token& stop) const {
  KF_ASSIGN(UniqueFd socket, connection(deadline, stop));
  auto answer =
      call_unary(std::move(socket),
                 {path, std::move(message), options_.largest_response, deadline, stop}, clock_);
  if (answer.ok()) return std::move(answer).value();
  CallFailure failure = std::move(answer).error();
  const bool is_too_large =
      !failure.is_remote && failure.error.code() == ErrorCode::kResourceExhausted;
  if (!is_too_large) return std::move(failure.error);
  return std::move(failure.error).with_remedy("raise --max-call-recv-msg-size");
}

Result<MountResponse> ProviderClient::mount(const MountRequest& request, Deadline deadline,
                                            const std::stop_token& stop) const {
  KF_ASSIGN(const Secret answer, call(kMountPath, write_mount_request(request), deadline, stop));
  return read_mount_response(answer);
}

Result<ProviderVersion> ProviderClient::version(Deadline deadline,
                                                const std::stop_token& stop) const {
  KF_ASSIGN(const Secret answer, call(kVersionPath, write_version_request(), deadline, stop));
  return read_version(answer);
}

}  // namespace keyferry::rpc
