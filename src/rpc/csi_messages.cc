#include "rpc/csi_messages.h"

#include <proto/csi.pb.h>

#include <utility>

#include "rpc/protobuf_io.h"

namespace keyferry::rpc {

namespace {

using csi::v1::NodePublishVolumeRequest;

Status there(bool is_there, std::string_view what) {
  if (is_there) return {};
  return Error(ErrorCode::kInvalidArgument, cat(what, " missing in request"));
}

AccessMode access_mode_of(int number) {
  constexpr int kLast = static_cast<int>(AccessMode::kSingleNodeMultiWriter);
  return number < 0 || number > kLast ? AccessMode::kUnknown : static_cast<AccessMode>(number);
}

VolumeCapability capability_of(const csi::v1::VolumeCapability& said) {
  VolumeCapability capability;
  capability.access_mode = access_mode_of(said.access_mode().mode());
  if (said.has_block()) capability.access_type = AccessType::kBlock;
  if (!said.has_mount()) return capability;
  capability.access_type = AccessType::kMount;
  capability.fs_type = said.mount().fs_type();
  capability.mount_flags.assign(said.mount().mount_flags().begin(),
                                said.mount().mount_flags().end());
  capability.mount_group = said.mount().volume_mount_group();
  return capability;
}

std::shared_ptr<const std::map<std::string, Secret>> take_secrets(NodePublishVolumeRequest& said) {
  if (said.secrets().empty()) return nullptr;
  auto secrets = std::make_shared<std::map<std::string, Secret>>();
  for (auto& [name, value] : *said.mutable_secrets()) {
    secrets->insert_or_assign(name, Secret::take(value));
  }
  return secrets;
}

void take_context(NodePublishVolumeRequest& said, PublishRequest& request) {
  for (auto& [name, value] : *said.mutable_volume_context()) {
    if (name == kServiceAccountTokens) {
      request.context_tokens = Secret::take(value);
    } else {
      request.volume_context.insert_or_assign(name, value);
    }
  }
}

void add_usage(csi::v1::NodeGetVolumeStatsResponse& response, const Usage& usage,
               csi::v1::VolumeUsage::Unit unit) {
  csi::v1::VolumeUsage& told = *response.add_usage();
  told.set_available(usage.available);
  told.set_total(usage.total);
  told.set_used(usage.used);
  told.set_unit(unit);
}

}  // namespace

const Secret* tokens_of(const PublishRequest& request) {
  const auto full = [](const Secret& text) { return text.empty() ? nullptr : &text; };
  if (request.secrets != nullptr) {
    const auto found = request.secrets->find(kServiceAccountTokens);
    if (found != request.secrets->end()) return full(found->second);
  }
  return request.context_tokens ? full(*request.context_tokens) : nullptr;
}

Result<PublishRequest> read_publish(const Secret& message) {
  KF_ASSIGN(auto said, parsed<NodePublishVolumeRequest>(message));
  KF_TRY(there(said.has_volume_capability(), "Volume capability"));
  KF_TRY(there(!said.volume_id().empty(), "Volume ID"));
  KF_TRY(there(!said.target_path().empty(), "Target path"));
  KF_TRY(there(!said.volume_context().empty(), "Volume attributes"));
  PublishRequest request;
  request.volume_id = said.volume_id();
  request.target_path = said.target_path();
  request.capability = capability_of(said.volume_capability());
  request.readonly = said.readonly();
  request.secrets = take_secrets(said);
  take_context(said, request);
  return request;
}

Result<UnpublishRequest> read_unpublish(const Secret& message) {
  KF_ASSIGN(auto said, parsed<csi::v1::NodeUnpublishVolumeRequest>(message));
  KF_TRY(there(!said.volume_id().empty(), "Volume ID"));
  KF_TRY(there(!said.target_path().empty(), "Target path"));
  return UnpublishRequest{said.volume_id(), said.target_path()};
}

Result<VolumeStatsRequest> read_volume_stats(const Secret& message) {
  KF_ASSIGN(auto said, parsed<csi::v1::NodeGetVolumeStatsRequest>(message));
  KF_TRY(there(!said.volume_id().empty(), "Volume ID"));
  KF_TRY(there(!said.volume_path().empty(), "Volume path"));
  return VolumeStatsRequest{said.volume_id(), said.volume_path()};
}

Secret write_plugin_info(const std::string& name, const std::string& vendor_version) {
  csi::v1::GetPluginInfoResponse response;
  response.set_name(name);
  response.set_vendor_version(vendor_version);
  return serialized(response);
}

Secret write_probe(bool ready) {
  csi::v1::ProbeResponse response;
  response.mutable_ready()->set_value(ready);
  return serialized(response);
}

Secret write_node_capabilities() {
  using Capability = csi::v1::NodeServiceCapability;
  csi::v1::NodeGetCapabilitiesResponse response;
  for (const auto type : {Capability::RPC::GET_VOLUME_STATS, Capability::RPC::VOLUME_MOUNT_GROUP}) {
    response.add_capabilities()->mutable_rpc()->set_type(type);
  }
  return serialized(response);
}

Secret write_node_info(const std::string& node_id) {
  csi::v1::NodeGetInfoResponse response;
  response.set_node_id(node_id);
  return serialized(response);
}

Secret write_volume_stats(const VolumeStats& stats) {
  csi::v1::NodeGetVolumeStatsResponse response;
  add_usage(response, stats.bytes, csi::v1::VolumeUsage::BYTES);
  add_usage(response, stats.inodes, csi::v1::VolumeUsage::INODES);
  return serialized(response);
}

}  // namespace keyferry::rpc
