#include "rpc/provider_server.h"

#include <utility>

#include "rpc/provider_wire.h"
#include "rpc/rpc_server.h"

namespace keyferry::rpc {

Result<std::unique_ptr<ProviderServer>> ProviderServer::start(const ProviderServerOptions& options,
                                                              ProviderHandler& handler,
                                                              Clock& clock) {
  ProviderVersion version = options.version;
  version.version = kProviderApiVersion;
  Methods methods;
  methods[kVersionPath] = {[version](const IncomingCall&) { return write_version(version); },
                           WorkPlace::kAtOnce};
  methods[kMountPath].work = [&handler](const IncomingCall& call) -> Result<Secret> {
    KF_ASSIGN(const MountRequest request, read_mount_request(call.message));
    KF_ASSIGN(const MountResponse response, handler.mount(request, call.deadline, call.stop));
    return write_mount_response(response);
  };
  KF_ASSIGN(auto server, RpcServer::start(options.serve, std::move(methods), clock));
  return std::unique_ptr<ProviderServer>(new ProviderServer(std::move(server)));
}

ProviderServer::ProviderServer(std::unique_ptr<RpcServer> server) : server_(std::move(server)) {}

ProviderServer::~ProviderServer() = default;

void ProviderServer::stop() { server_->stop(); }

const std::string& ProviderServer::endpoint() const { return server_->endpoint(); }

}  // namespace keyferry::rpc
