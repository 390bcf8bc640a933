#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/single_flight.h"
#include "manifest/secret_provider_class.h"
#include "node/target_path.h"
#include "rpc/csi_server.h"
#include "stores/store.h"

namespace keyferry::node {

// Whose volume it is and of what: read from kubelet's NodePublishVolume, and the same as long as
// the volume stands.
struct VolumeIdentity {
  std::string volume_id;
  TargetPath target;
  std::string class_name;  // SecretProviderClass, in the pod's namespace; "" where none is named
  stores::PodIdentity pod;
  // What the pod's volumeAttributes say besides: over parameters of the class of the same name
  // (csi.md 1.4, Q1), with kubelet's own csi.storage.k8s.io/… entries.
  std::map<std::string, std::string> attributes;
  std::optional<gid_t> group;  // the pod's fsGroup
  bool readonly = false;

  friend bool operator==(const VolumeIdentity&, const VolumeIdentity&) = default;
};

// kInvalidArgument: the target (parse_target_path), another pod's target, a group that is no
// number, a block device, a class name that no object can have.
Result<VolumeIdentity> read_volume_identity(const rpc::PublishRequest& request,
                                            const std::string& kubelet_root);

// The class as it holds for this volume: its parameters with the volume's attributes over them.
// `allow_override` false: the attributes are left out.
manifest::SecretProviderClass class_for(const manifest::SecretProviderClass& spc,
                                        const VolumeIdentity& volume, bool allow_override);

}  // namespace keyferry::node
