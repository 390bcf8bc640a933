#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "rpc/provider_messages.h"

namespace keyferry::rpc {

struct ProviderClientOptions {
  // Searched in this order for NAME.sock (csi.md 2.2).
  std::vector<std::string> folders{"/etc/kubernetes/secrets-store-csi-providers",
                                   "/var/run/secrets-store-csi-providers"};
  std::size_t largest_response = std::size_t{4} << 20;  // --max-call-recv-msg-size
};

// Whether a provider may be called so: ^[a-zA-Z0-9_-]{0,30}$, and not empty.
bool is_provider_name(std::string_view name);

// The socket of a provider. kInvalidArgument: "invalid provider: provider \"x\""; kNotFound:
// "provider not found: provider \"x\"" with the folders and the sockets that are there.
Result<std::string> find_provider_socket(const std::vector<std::string>& folders,
                                         std::string_view name);

// Every NAME.sock of the folders, by name, each once.
std::vector<std::string> provider_names(const std::vector<std::string>& folders);

// Calls one provider, as the stock driver does: no TLS, :authority localhost. Each call looks for
// the socket anew and has a connection of its own (Q28: nothing stays pinned to a socket that went
// away). A socket that nobody serves is tried again until the deadline (wait for ready); a call
// that failed is not repeated here. Any thread may call.
//
// Errors besides those of find_provider_socket(): the provider's own code and message;
// kResourceExhausted: an answer larger than largest_response (the message names the flag);
// kUnavailable: the connection broke; kDeadlineExceeded, kCancelled; kInternal: no gRPC was spoken.
class ProviderClient {
 public:
  // `clock` outlives the client.
  ProviderClient(std::string name, ProviderClientOptions options, Clock& clock)
      : name_(std::move(name)), options_(std::move(options)), clock_(clock) {}

  // The files of one mount. The request's secrets go nowhere but to the provider.
  Result<MountResponse> mount(const MountRequest& request, Deadline deadline,
                              const std::stop_token& stop) const;

  // Who it is; a health check with a deadline of a few seconds.
  Result<ProviderVersion> version(Deadline deadline, const std::stop_token& stop) const;

 private:
  Result<UniqueFd> connection(Deadline deadline, const std::stop_token& stop) const;
  Result<Secret> call(const char* path, Secret message, Deadline deadline,
                      const std::stop_token& stop) const;

  std::string name_;
  ProviderClientOptions options_;
  Clock& clock_;
};

}  // namespace keyferry::rpc
