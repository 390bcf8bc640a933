#include "node/mount_request.h"

#include <charconv>

#include "base/strings.h"

namespace keyferry::node {

namespace {

constexpr std::string_view kClass = "secretProviderClass";
constexpr std::string_view kPodName = "csi.storage.k8s.io/pod.name";
constexpr std::string_view kPodNamespace = "csi.storage.k8s.io/pod.namespace";
constexpr std::string_view kPodUid = "csi.storage.k8s.io/pod.uid";
constexpr std::string_view kServiceAccount = "csi.storage.k8s.io/serviceAccount.name";

Error wrong(std::string message) { return Error(ErrorCode::kInvalidArgument, std::move(message)); }

Result<std::optional<gid_t>> group_of(const rpc::VolumeCapability& capability) {
  const std::string& text = capability.mount_group;
  if (text.empty()) return std::optional<gid_t>();
  gid_t group = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, group);
  if (problem != std::errc() || stop != end) {
    return wrong(cat("volume_mount_group '", text, "' is not the number of a group"));
  }
  return std::optional(group);
}

}  // namespace

Result<VolumeIdentity> read_volume_identity(const rpc::PublishRequest& request,
                                            const std::string& kubelet_root) {
  if (request.capability.access_type == rpc::AccessType::kBlock) {
    return wrong("a block device is asked for; secrets are files");
  }
  VolumeIdentity volume;
  volume.volume_id = request.volume_id;
  KF_ASSIGN(volume.target, parse_target_path(request.target_path, kubelet_root));
  KF_ASSIGN(volume.group, group_of(request.capability));
  volume.attributes = request.volume_context;
  const auto said = [&](std::string_view name) {
    const auto found = volume.attributes.find(std::string(name));
    return found == volume.attributes.end() ? std::string() : found->second;
  };
  volume.class_name = said(kClass);
  volume.pod.namespace_name = said(kPodNamespace);
  volume.pod.pod_name = said(kPodName);
  volume.pod.pod_uid = said(kPodUid);
  volume.pod.service_account = said(kServiceAccount);
  volume.readonly = request.readonly;
  const std::string& uid = volume.target.pod_uid;
  if (!uid.empty() && !volume.pod.pod_uid.empty() && uid != volume.pod.pod_uid) {
    return wrong(cat("target path '", volume.target.path, "' is of pod ", uid,
                     ", and the volume of ", volume.pod.pod_uid));
  }
  return volume;
}

manifest::SecretProviderClass class_for(const manifest::SecretProviderClass& spc,
                                        const VolumeIdentity& volume, bool allow_override) {
  manifest::SecretProviderClass merged = spc;
  if (!allow_override) return merged;
  for (const auto& [name, value] : volume.attributes) {
    if (name == kClass || name.starts_with("csi.storage.k8s.io/")) continue;
    merged.parameters[name] = {value, 0, true};
  }
  return merged;
}

}  // namespace keyferry::node
