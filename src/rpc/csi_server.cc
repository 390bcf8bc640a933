#include "rpc/csi_server.h"

#include <string>
#include <utility>

#include "base/strings.h"
#include "rpc/csi_messages.h"
#include "rpc/rpc_server.h"

namespace keyferry::rpc {

namespace {

// Limits of the interface: what kubelet refuses is said here, where the flag is known.
constexpr std::size_t kLongestDriverName = 63;
constexpr std::size_t kLongestNodeId = 256;

Status check(const CsiServerOptions& options) {
  const auto bad = [](std::string message) {
    return Error(ErrorCode::kInvalidArgument, std::move(message));
  };
  if (options.driver_name.empty() || options.driver_name.size() > kLongestDriverName) {
    return bad(cat("driver name '", options.driver_name, "' must have 1 to ", kLongestDriverName,
                   " characters"));
  }
  if (options.vendor_version.empty()) return bad("the driver has no version");
  if (options.node_id.empty() || options.node_id.size() > kLongestNodeId) {
    return bad(cat("node id '", options.node_id, "' must have 1 to ", kLongestNodeId,
                   " bytes; give the node's name (spec.nodeName)"));
  }
  return {};
}

Method at_once(std::function<Secret()> answer) {
  return {[answer = std::move(answer)](const IncomingCall&) { return answer(); },
          WorkPlace::kAtOnce};
}

void add_identity(Methods& methods, const CsiServerOptions& options, CsiHandler& handler) {
  methods["/csi.v1.Identity/GetPluginInfo"] =
      at_once([name = options.driver_name, version = options.vendor_version] {
        return write_plugin_info(name, version);
      });
  // None: the message is empty.
  methods["/csi.v1.Identity/GetPluginCapabilities"] = at_once([] { return Secret(); });
  methods["/csi.v1.Identity/Probe"] = at_once([&handler] { return write_probe(handler.ready()); });
}

void add_node_facts(Methods& methods, const CsiServerOptions& options) {
  methods["/csi.v1.Node/NodeGetInfo"] =
      at_once([node_id = options.node_id] { return write_node_info(node_id); });
  methods["/csi.v1.Node/NodeGetCapabilities"] = at_once(write_node_capabilities);
}

// Stage, unstage and expand are not there, which is answered kUnimplemented.
void add_node(Methods& methods, CsiHandler& handler) {
  methods["/csi.v1.Node/NodePublishVolume"].work =
      [&handler](const IncomingCall& call) -> Result<Secret> {
    KF_ASSIGN(const PublishRequest request, read_publish(call.message));
    KF_TRY(handler.publish(request, call.deadline, call.stop));
    return Secret();
  };
  methods["/csi.v1.Node/NodeUnpublishVolume"].work =
      [&handler](const IncomingCall& call) -> Result<Secret> {
    KF_ASSIGN(const UnpublishRequest request, read_unpublish(call.message));
    KF_TRY(handler.unpublish(request, call.deadline, call.stop));
    return Secret();
  };
  methods["/csi.v1.Node/NodeGetVolumeStats"].work =
      [&handler](const IncomingCall& call) -> Result<Secret> {
    KF_ASSIGN(const VolumeStatsRequest request, read_volume_stats(call.message));
    KF_ASSIGN(const VolumeStats stats, handler.stats(request, call.deadline, call.stop));
    return write_volume_stats(stats);
  };
}

}  // namespace

Result<std::unique_ptr<CsiServer>> CsiServer::start(const CsiServerOptions& options,
                                                    CsiHandler& handler, Clock& clock) {
  KF_TRY(check(options));
  Methods methods;
  add_identity(methods, options, handler);
  add_node_facts(methods, options);
  add_node(methods, handler);
  KF_ASSIGN(auto server, RpcServer::start(options.serve, std::move(methods), clock));
  return std::unique_ptr<CsiServer>(new CsiServer(std::move(server)));
}

CsiServer::CsiServer(std::unique_ptr<RpcServer> server) : server_(std::move(server)) {}

CsiServer::~CsiServer() = default;

void CsiServer::stop() { server_->stop(); }

const std::string& CsiServer::endpoint() const { return server_->endpoint(); }

}  // namespace keyferry::rpc
