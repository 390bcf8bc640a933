#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "rpc/serve_options.h"

namespace keyferry::rpc {

class RpcServer;

// Under this name kubelet gives the tokens of the pod's service account, in the volume's context
// or, from Kubernetes 1.35 on where CSIDriver asks for it, among the secrets (csi.md 1.7).
inline constexpr const char* kServiceAccountTokens = "csi.storage.k8s.io/serviceAccount.tokens";

// csi.v1.VolumeCapability.AccessMode.Mode, numbers included; one that is not known here is
// kUnknown.
enum class AccessMode {
  kUnknown = 0,
  kSingleNodeWriter = 1,
  kSingleNodeReaderOnly = 2,
  kMultiNodeReaderOnly = 3,
  kMultiNodeSingleWriter = 4,
  kMultiNodeMultiWriter = 5,
  kSingleNodeSingleWriter = 6,
  kSingleNodeMultiWriter = 7,
};

enum class AccessType { kNone, kMount, kBlock };

struct VolumeCapability {
  AccessType access_type = AccessType::kNone;
  // Of a mount:
  std::string fs_type;
  std::vector<std::string> mount_flags;
  std::string mount_group;  // the pod's fsGroup, decimal; "" where it has none
  AccessMode access_mode = AccessMode::kUnknown;
};

// NodePublishVolume (csi.md 1.4). Checked before a handler sees it, in this order, each
// kInvalidArgument: capability, volume id, target path and context are there.
struct PublishRequest {
  std::string volume_id;
  std::string target_path;
  VolumeCapability capability;
  bool readonly = false;
  // The data of the pod's nodePublishSecretRef, and the tokens where kubelet puts them here; null
  // where there are none.
  std::shared_ptr<const std::map<std::string, Secret>> secrets;
  // What the pod's volumeAttributes and kubelet say, without kServiceAccountTokens.
  std::map<std::string, std::string> volume_context;
  // That entry of the context; see tokens_of().
  std::optional<Secret> context_tokens;
};

// The tokens as JSON text ({audience: {token, expirationTimestamp}}): those among the secrets win
// over those of the context (csi.md 1.4 step 9). Null where there are none, or an empty text.
const Secret* tokens_of(const PublishRequest& request);

// Checked likewise: both are there.
struct UnpublishRequest {
  std::string volume_id;
  std::string target_path;
};

// Checked likewise: volume id and path are there.
struct VolumeStatsRequest {
  std::string volume_id;
  std::string volume_path;
};

struct Usage {
  std::int64_t available = 0;
  std::int64_t total = 0;
  std::int64_t used = 0;
};

struct VolumeStats {
  Usage bytes;
  Usage inodes;
};

// What a CSI node driver does. Called on the server's threads, several calls at once, also for one
// volume: kubelet keeps to one call per volume, others need not. The deadline is the caller's; the
// stop is requested when the caller goes away or gives up, when the deadline passes, and when the
// server's own stop takes too long. An Error's code and message reach kubelet and the pod's events
// as they are: no secret in them. Must not throw (what is thrown becomes kInternal).
class CsiHandler {
 public:
  virtual ~CsiHandler() = default;
  virtual Status publish(const PublishRequest& request, Deadline deadline,
                         std::stop_token stop) = 0;
  virtual Status unpublish(const UnpublishRequest& request, Deadline deadline,
                           std::stop_token stop) = 0;
  // NodeGetVolumeStats: kNotFound where nothing is mounted at the path.
  virtual Result<VolumeStats> stats(const VolumeStatsRequest& request, Deadline deadline,
                                    std::stop_token stop) = 0;
  // Identity.Probe: whether the driver can work, quick and without I/O. Called on the thread that
  // serves all connections.
  virtual bool ready() = 0;
};

struct CsiServerOptions {
  ServeOptions serve;
  std::string driver_name;     // GetPluginInfo; the same as CSIDriver's
  std::string vendor_version;  // likewise
  std::string node_id;         // NodeGetInfo, at most 256 bytes
};

// csi.v1 Identity and Node for a driver that lives on nodes only: it says GET_VOLUME_STATS and
// VOLUME_MOUNT_GROUP and no plugin capability; stage, unstage and expand are kUnimplemented.
// Identity, NodeGetInfo and NodeGetCapabilities are answered however many publishes work or wait.
class CsiServer {
 public:
  // References outlive the server. kInvalidArgument: an option, named; kUnavailable: the endpoint
  // cannot be had.
  static Result<std::unique_ptr<CsiServer>> start(const CsiServerOptions& options,
                                                  CsiHandler& handler, Clock& clock);
  ~CsiServer();  // stops
  CsiServer(const CsiServer&) = delete;
  CsiServer& operator=(const CsiServer&) = delete;

  // Takes no new calls, waits for the running ones up to stop_limit, tells them to stop, waits for
  // their threads and removes the socket. Once is enough.
  void stop();

  // As it can be dialled: "unix:///csi/csi.sock", "tcp://127.0.0.1:40123".
  const std::string& endpoint() const;

 private:
  explicit CsiServer(std::unique_ptr<RpcServer> server);
  std::unique_ptr<RpcServer> server_;
};

}  // namespace keyferry::rpc
