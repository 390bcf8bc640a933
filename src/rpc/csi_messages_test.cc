#include "rpc/csi_messages.h"

#include <gtest/gtest.h>
#include <proto/csi.pb.h>

#include <functional>

#include "rpc/protobuf_io.h"

namespace keyferry::rpc {
namespace {

using csi::v1::NodePublishVolumeRequest;

NodePublishVolumeRequest usual_publish() {
  NodePublishVolumeRequest said;
  said.set_volume_id("csi-1");
  said.set_target_path("/pods/1/mount");
  said.set_readonly(true);
  auto& capability = *said.mutable_volume_capability();
  capability.mutable_mount()->add_mount_flags("noexec");
  capability.mutable_mount()->set_volume_mount_group("2000");
  capability.mutable_access_mode()->set_mode(
      csi::v1::VolumeCapability::AccessMode::SINGLE_NODE_READER_ONLY);
  (*said.mutable_volume_context())["secretProviderClass"] = "shop";
  (*said.mutable_volume_context())[kServiceAccountTokens] = "{\"\":{}}";
  (*said.mutable_secrets())["clientsecret"] = std::string("a\0b", 3);
  return said;
}

Result<PublishRequest> read_with(const std::function<void(NodePublishVolumeRequest&)>& change) {
  NodePublishVolumeRequest said = usual_publish();
  change(said);
  return read_publish(serialized(said));
}

TEST(CsiMessages, APublishIsReadWholeWithTheTokensApart) {
  const auto request = read_with([](auto&) {});
  ASSERT_TRUE(request.ok()) << request.error().message();
  EXPECT_EQ(request->volume_id, "csi-1");
  EXPECT_EQ(request->target_path, "/pods/1/mount");
  EXPECT_TRUE(request->readonly);
  EXPECT_EQ(request->capability.access_type, AccessType::kMount);
  EXPECT_EQ(request->capability.access_mode, AccessMode::kSingleNodeReaderOnly);
  EXPECT_EQ(request->capability.mount_flags, std::vector<std::string>{"noexec"});
  EXPECT_EQ(request->capability.mount_group, "2000");
  const std::map<std::string, std::string> context{{"secretProviderClass", "shop"}};
  EXPECT_EQ(request->volume_context, context);
  EXPECT_EQ(tokens_of(*request)->expose(), "{\"\":{}}");
  EXPECT_EQ(request->secrets->at("clientsecret").expose(), std::string_view("a\0b", 3));
}

TEST(CsiMessages, TokensAmongTheSecretsWinAndEmptyOnesAreNone) {
  const auto both = read_with(
      [](auto& said) { (*said.mutable_secrets())[kServiceAccountTokens] = "{\"a\":{}}"; });
  EXPECT_EQ(tokens_of(*both)->expose(), "{\"a\":{}}");
  EXPECT_TRUE(both->secrets->contains(kServiceAccountTokens)) << "a provider gets them there too";
  const auto empty =
      read_with([](auto& said) { (*said.mutable_volume_context())[kServiceAccountTokens] = ""; });
  EXPECT_EQ(tokens_of(*empty), nullptr);
  const auto none =
      read_with([](auto& said) { said.mutable_volume_context()->erase(kServiceAccountTokens); });
  EXPECT_EQ(tokens_of(*none), nullptr);
}

TEST(CsiMessages, WhatAPublishLacksIsNamedInTheDriversOrder) {
  const auto complaint = [](const std::function<void(NodePublishVolumeRequest&)>& change) {
    const auto request = read_with(change);
    EXPECT_FALSE(request.ok());
    EXPECT_EQ(request.error().code(), ErrorCode::kInvalidArgument);
    return request.error().message();
  };
  EXPECT_EQ(complaint([](auto& said) { said.Clear(); }), "Volume capability missing in request");
  EXPECT_EQ(complaint([](auto& said) {
              said.Clear();
              said.mutable_volume_capability();
            }),
            "Volume ID missing in request");
  EXPECT_EQ(complaint([](auto& said) { said.clear_target_path(); }),
            "Target path missing in request");
  EXPECT_EQ(complaint([](auto& said) { said.clear_volume_context(); }),
            "Volume attributes missing in request");
}

TEST(CsiMessages, ACapabilityMayBeEmptyOrOfABlockOrOfATimeToCome) {
  const auto empty = read_with([](auto& said) { said.mutable_volume_capability()->Clear(); });
  EXPECT_EQ(empty->capability.access_type, AccessType::kNone);
  EXPECT_EQ(empty->secrets->size(), 1U);
  const auto block =
      read_with([](auto& said) { said.mutable_volume_capability()->mutable_block(); });
  EXPECT_EQ(block->capability.access_type, AccessType::kBlock);
  const auto later = read_with([](auto& said) {
    said.mutable_volume_capability()->mutable_access_mode()->set_mode(
        static_cast<csi::v1::VolumeCapability::AccessMode::Mode>(99));
  });
  EXPECT_EQ(later->capability.access_mode, AccessMode::kUnknown);
  const auto no_secrets = read_with([](auto& said) { said.clear_secrets(); });
  EXPECT_EQ(no_secrets->secrets, nullptr);
}

TEST(CsiMessages, BytesThatAreNoMessageAreRefused) {
  EXPECT_EQ(read_publish(Secret("\x0A\xFF")).error().code(), ErrorCode::kInternal);
  EXPECT_EQ(read_unpublish(Secret("\xFF")).error().code(), ErrorCode::kInternal);
}

TEST(CsiMessages, UnpublishAndStatsNeedTheirTwoFields) {
  csi::v1::NodeUnpublishVolumeRequest unpublish;
  EXPECT_EQ(read_unpublish(serialized(unpublish)).error().message(),
            "Volume ID missing in request");
  unpublish.set_volume_id("v");
  EXPECT_EQ(read_unpublish(serialized(unpublish)).error().message(),
            "Target path missing in request");
  unpublish.set_target_path("/t");
  EXPECT_EQ(read_unpublish(serialized(unpublish))->target_path, "/t");
  csi::v1::NodeGetVolumeStatsRequest stats;
  stats.set_volume_id("v");
  EXPECT_EQ(read_volume_stats(serialized(stats)).error().code(), ErrorCode::kInvalidArgument);
  stats.set_volume_path("/p");
  EXPECT_EQ(read_volume_stats(serialized(stats))->volume_path, "/p");
}

TEST(CsiMessages, AnswersSayWhatANodeOnlyDriverIs) {
  const auto capabilities = parsed<csi::v1::NodeGetCapabilitiesResponse>(write_node_capabilities());
  ASSERT_EQ(capabilities->capabilities_size(), 2);
  EXPECT_EQ(capabilities->capabilities(0).rpc().type(),
            csi::v1::NodeServiceCapability::RPC::GET_VOLUME_STATS);
  EXPECT_EQ(capabilities->capabilities(1).rpc().type(),
            csi::v1::NodeServiceCapability::RPC::VOLUME_MOUNT_GROUP);
  const auto info = parsed<csi::v1::GetPluginInfoResponse>(write_plugin_info("n", "v"));
  EXPECT_EQ(info->name() + info->vendor_version(), "nv");
  EXPECT_FALSE(parsed<csi::v1::ProbeResponse>(write_probe(false))->ready().value());
  EXPECT_TRUE(parsed<csi::v1::ProbeResponse>(write_probe(false))->has_ready());
  EXPECT_EQ(parsed<csi::v1::NodeGetInfoResponse>(write_node_info("node1"))->node_id(), "node1");
  const auto stats =
      parsed<csi::v1::NodeGetVolumeStatsResponse>(write_volume_stats({{1, 3, 2}, {4, 9, 5}}));
  EXPECT_EQ(stats->usage(0).unit(), csi::v1::VolumeUsage::BYTES);
  EXPECT_EQ(stats->usage(0).total(), 3);
  EXPECT_EQ(stats->usage(1).unit(), csi::v1::VolumeUsage::INODES);
  EXPECT_EQ(stats->usage(1).available(), 4);
}

}  // namespace
}  // namespace keyferry::rpc
