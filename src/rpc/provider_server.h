#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "rpc/provider_messages.h"
#include "rpc/serve_options.h"

namespace keyferry::rpc {

class RpcServer;

// What a provider does for the Secrets Store CSI driver. Called on the server's threads, several
// calls at once; deadline, stop and errors as in CsiHandler. Must not throw.
class ProviderHandler {
 public:
  virtual ~ProviderHandler() = default;
  virtual Result<MountResponse> mount(const MountRequest& request, Deadline deadline,
                                      std::stop_token stop) = 0;
};

struct ProviderServerOptions {
  ServeOptions serve;
  ProviderVersion version;  // the answer of Version; `version` is ours to fill
};

// v1alpha1.CSIDriverProvider over one socket, for the stock driver to call.
class ProviderServer {
 public:
  // References outlive the server. Errors as of CsiServer.
  static Result<std::unique_ptr<ProviderServer>> start(const ProviderServerOptions& options,
                                                       ProviderHandler& handler, Clock& clock);
  ~ProviderServer();  // stops
  ProviderServer(const ProviderServer&) = delete;
  ProviderServer& operator=(const ProviderServer&) = delete;

  void stop();  // as CsiServer's
  const std::string& endpoint() const;

 private:
  explicit ProviderServer(std::unique_ptr<RpcServer> server);
  std::unique_ptr<RpcServer> server_;
};

}  // namespace keyferry::rpc
