#include "rpc/csi_server.h"

#include <gtest/gtest.h>
#include <proto/csi.pb.h>

#include <memory>
#include <string>

#include "os/system_clock.h"
#include "rpc/listener.h"
#include "rpc/protobuf_io.h"
#include "rpc/rpc_fixture.h"
#include "rpc/unary_call.h"

namespace keyferry::rpc {
namespace {

using namespace std::chrono_literals;

class RecordingHandler final : public CsiHandler {
 public:
  Status publish(const PublishRequest& request, Deadline deadline, std::stop_token) override {
    volume = request.volume_id;
    published_until = deadline.at;
    return answer;
  }
  Status unpublish(const UnpublishRequest& request, Deadline, std::stop_token) override {
    volume = cat("no ", request.volume_id);
    return answer;
  }
  Result<VolumeStats> stats(const VolumeStatsRequest&, Deadline, std::stop_token) override {
    return VolumeStats{{1, 3, 2}, {}};
  }
  bool ready() override { return is_ready; }

  Status answer;
  bool is_ready = true;
  std::string volume;
  SteadyTime published_until{};
};

class CsiServerTest : public ::testing::Test {
 protected:
  CsiServerTest() {
    options.serve.endpoint = cat("unix://", path);
    options.driver_name = "secrets-store.csi.k8s.io";
    options.vendor_version = "1";
    options.node_id = "node1";
  }
  void start() {
    auto started = CsiServer::start(options, handler, clock);
    ASSERT_TRUE(started.ok()) << started.error().message();
    server = std::move(started).value();
  }
  Result<Secret, CallFailure> call(const char* method, Secret message = {}) {
    UnaryCall wanted{cat("/csi.v1.", method),
                     std::move(message),
                     std::size_t{1} << 20,
                     Deadline::in(clock, 30s),
                     {}};
    return call_unary(connect_to(path).value(), std::move(wanted), clock);
  }
  static Secret usual_publish() {
    csi::v1::NodePublishVolumeRequest said;
    said.set_volume_id("csi-1");
    said.set_target_path("/t");
    said.mutable_volume_capability()->mutable_mount();
    (*said.mutable_volume_context())["secretProviderClass"] = "shop";
    return serialized(said);
  }

  SystemClock clock;
  SocketFolder folder;
  const std::string path = folder.at("csi.sock");
  CsiServerOptions options;
  RecordingHandler handler;
  std::unique_ptr<CsiServer> server;
};

TEST_F(CsiServerTest, SaysWhoItIsAndThatItLivesOnNodesOnly) {
  start();
  EXPECT_EQ(server->endpoint(), cat("unix://", path));
  const auto info = parsed<csi::v1::GetPluginInfoResponse>(*call("Identity/GetPluginInfo"));
  EXPECT_EQ(info->name(), "secrets-store.csi.k8s.io");
  EXPECT_TRUE(call("Identity/GetPluginCapabilities")->empty());
  EXPECT_EQ(parsed<csi::v1::NodeGetInfoResponse>(*call("Node/NodeGetInfo"))->node_id(), "node1");
  for (const char* absent : {"Node/NodeStageVolume", "Node/NodeUnstageVolume",
                             "Node/NodeExpandVolume", "Controller/ControllerGetCapabilities"}) {
    EXPECT_EQ(call(absent).error().error.code(), ErrorCode::kUnimplemented) << absent;
  }
}

TEST_F(CsiServerTest, ProbeTellsWhatTheHandlerSays) {
  start();
  EXPECT_TRUE(parsed<csi::v1::ProbeResponse>(*call("Identity/Probe"))->ready().value());
  handler.is_ready = false;
  EXPECT_FALSE(parsed<csi::v1::ProbeResponse>(*call("Identity/Probe"))->ready().value());
}

TEST_F(CsiServerTest, APublishReachesTheHandlerWithTheCallersDeadline) {
  start();
  const SteadyTime before = clock.steady_now();
  const auto answer = call("Node/NodePublishVolume", usual_publish());
  ASSERT_TRUE(answer.ok()) << answer.error().error.message();
  EXPECT_EQ(handler.volume, "csi-1");
  EXPECT_GT(handler.published_until, before + 25s);
  EXPECT_LT(handler.published_until, before + 35s);
}

TEST_F(CsiServerTest, TheHandlersErrorIsTheCallers) {
  start();
  handler.answer = Error(ErrorCode::kPermissionDenied, "vault login: role 'shop' is not bound");
  const auto answer = call("Node/NodePublishVolume", usual_publish());
  EXPECT_EQ(answer.error().error.code(), ErrorCode::kPermissionDenied);
  EXPECT_EQ(answer.error().error.message(), "vault login: role 'shop' is not bound");
}

TEST_F(CsiServerTest, ARequestThatLacksSomethingNeverReachesTheHandler) {
  start();
  EXPECT_EQ(call("Node/NodePublishVolume").error().error.code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(call("Node/NodeUnpublishVolume").error().error.code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(handler.volume, "");
}

TEST_F(CsiServerTest, UnpublishAndStatsAreHandled) {
  start();
  csi::v1::NodeUnpublishVolumeRequest unpublish;
  unpublish.set_volume_id("csi-1");
  unpublish.set_target_path("/t");
  EXPECT_TRUE(call("Node/NodeUnpublishVolume", serialized(unpublish)).ok());
  EXPECT_EQ(handler.volume, "no csi-1");
  csi::v1::NodeGetVolumeStatsRequest stats;
  stats.set_volume_id("csi-1");
  stats.set_volume_path("/t");
  const auto told = parsed<csi::v1::NodeGetVolumeStatsResponse>(
      *call("Node/NodeGetVolumeStats", serialized(stats)));
  EXPECT_EQ(told->usage(0).used(), 2);
}

TEST_F(CsiServerTest, WhatKubeletWouldRefuseIsSaidAtStart) {
  options.node_id = "";
  EXPECT_NE(CsiServer::start(options, handler, clock).error().message().find("spec.nodeName"),
            std::string::npos);
  options.node_id = "n";
  options.driver_name = std::string(64, 'd');
  EXPECT_EQ(CsiServer::start(options, handler, clock).error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace keyferry::rpc
