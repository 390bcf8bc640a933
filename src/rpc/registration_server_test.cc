#include "rpc/registration_server.h"

#include <gtest/gtest.h>
#include <proto/pluginregistration.pb.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>

#include "base/strings.h"
#include "os/system_clock.h"
#include "rpc/listener.h"
#include "rpc/protobuf_io.h"
#include "rpc/rpc_fixture.h"
#include "rpc/unary_call.h"

namespace keyferry::rpc {
namespace {

using namespace std::chrono_literals;

class RegistrationServerTest : public ::testing::Test {
 protected:
  void start() {
    options.directory = folder.path();
    options.driver_name = "secrets-store.csi.k8s.io";
    options.driver_socket = "/var/lib/kubelet/plugins/csi-secrets-store/csi.sock";
    auto started = RegistrationServer::start(options, clock);
    ASSERT_TRUE(started.ok()) << started.error().message();
    server = std::move(started).value();
  }
  // As kubelet calls it.
  Result<Secret, CallFailure> call(const char* method, Secret message = {}) {
    auto socket = connect_to(path);
    if (!socket.ok()) return CallFailure{socket.error()};
    UnaryCall wanted{cat("/pluginregistration.Registration/", method),
                     std::move(message),
                     1 << 20,
                     Deadline::in(clock, 20s),
                     {}};
    return call_unary(std::move(socket).value(), std::move(wanted), clock);
  }
  void notify(bool registered, const std::string& error) {
    pluginregistration::RegistrationStatus status;
    status.set_plugin_registered(registered);
    status.set_error(error);
    EXPECT_TRUE(call("NotifyRegistrationStatus", serialized(status)).ok());
  }

  SystemClock clock;
  SocketFolder folder;
  const std::string path = folder.at("secrets-store.csi.k8s.io-reg.sock");
  RegistrationOptions options;
  std::unique_ptr<RegistrationServer> server;
};

TEST_F(RegistrationServerTest, TellsKubeletWhoServesWhere) {
  start();
  EXPECT_EQ(server->socket_path(), path);
  EXPECT_FALSE(server->state().asked_at.has_value());
  const auto info = parsed<pluginregistration::PluginInfo>(*call("GetInfo"));
  EXPECT_EQ(info->type(), "CSIPlugin");
  EXPECT_EQ(info->name(), "secrets-store.csi.k8s.io");
  EXPECT_EQ(info->endpoint(), "/var/lib/kubelet/plugins/csi-secrets-store/csi.sock");
  ASSERT_EQ(info->supported_versions_size(), 1);
  EXPECT_EQ(info->supported_versions(0), "1.0.0");
  EXPECT_TRUE(server->state().asked_at.has_value());
}

TEST_F(RegistrationServerTest, KeepsKubeletsLastWord) {
  start();
  EXPECT_FALSE(server->state().registered);
  notify(false, "driver name is taken");
  EXPECT_FALSE(server->state().registered);
  EXPECT_EQ(server->state().refusal, "driver name is taken");
  EXPECT_TRUE(server->state().since.has_value());
  notify(true, "");
  EXPECT_TRUE(server->state().registered);
  EXPECT_EQ(server->state().refusal, "");
  EXPECT_EQ(server->state().notices, 2);
}

TEST_F(RegistrationServerTest, ASocketThatVanishedIsMadeAnew) {
  start();
  notify(true, "");
  ASSERT_EQ(::unlink(path.c_str()), 0);
  while (server->state().served_anew == 0) std::this_thread::yield();
  EXPECT_FALSE(server->state().registered) << "kubelet took its going for the driver's";
  EXPECT_TRUE(call("GetInfo").ok());
  notify(true, "");
  EXPECT_TRUE(server->state().registered);
}

TEST_F(RegistrationServerTest, TheSocketGoesWithTheServer) {
  start();
  server->stop();
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
  EXPECT_FALSE(server->state().registered);
}

TEST_F(RegistrationServerTest, OptionsThatCannotWorkAreNamed) {
  options.directory = folder.at("missing");
  options.driver_name = "d";
  options.driver_socket = "relative.sock";
  EXPECT_EQ(RegistrationServer::start(options, clock).error().code(), ErrorCode::kInvalidArgument);
  options.driver_socket = "/a.sock";
  const auto missing = RegistrationServer::start(options, clock);
  EXPECT_EQ(missing.error().code(), ErrorCode::kUnavailable);
  EXPECT_NE(missing.error().message().find("plugins_registry"), std::string::npos);
}

}  // namespace
}  // namespace keyferry::rpc
