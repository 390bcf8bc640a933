// Our provider client against our provider server: both ends of v1alpha1 in plain types.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <memory>
#include <string>
#include <thread>

#include "base/fake_clock.h"
#include "os/system_clock.h"
#include "rpc/listener.h"
#include "rpc/provider_client.h"
#include "rpc/provider_server.h"
#include "rpc/provider_wire.h"
#include "rpc/rpc_fixture.h"

namespace keyferry::rpc {
namespace {

using namespace std::chrono_literals;

class RecordingProvider final : public ProviderHandler {
 public:
  Result<MountResponse> mount(const MountRequest& request, Deadline, std::stop_token) override {
    asked = cat(request.attributes.expose(), "|", request.secrets.expose(), "|",
                request.target_path, "|", request.permission);
    versions = request.current_versions;
    if (failure) return *failure;
    MountResponse response;
    response.versions = {{"a", "1"}};
    response.error_code = error_code;
    response.files.push_back({"dir/a", 0640, Secret(std::string_view("x\0y", 3))});
    response.files.push_back({"b", 0, Secret(std::string(size, 'b'))});
    return response;
  }

  std::string asked;
  std::vector<ProvidedVersion> versions;
  std::optional<Error> failure;
  std::string error_code;
  std::size_t size = 10;
};

class ProviderTest : public ::testing::Test {
 protected:
  ProviderTest() {
    first = folder.at("first");
    second = folder.at("second");
    ::mkdir(first.c_str(), 0700);
    ::mkdir(second.c_str(), 0700);
    options.folders = {first, second};
  }
  std::unique_ptr<ProviderServer> serve(const std::string& in) {
    ProviderServerOptions serving;
    serving.serve.endpoint = cat("unix://", in, "/vault.sock");
    serving.version.runtime_name = "keyferry-provider";
    serving.version.runtime_version = "1";
    auto server = ProviderServer::start(serving, provider, clock);
    EXPECT_TRUE(server.ok()) << (server.ok() ? "" : server.error().message());
    return std::move(server).value();
  }
  ProviderClient client() { return {"vault", options, clock}; }
  Result<MountResponse> mount(Duration limit = 20s, const std::stop_token& stop = {}) {
    MountRequest request{Secret("{}"), Secret("null"), "/target", "420", {{"a", "0"}}};
    return client().mount(request, Deadline::in(clock, limit), stop);
  }

  SystemClock clock;
  SocketFolder folder;
  std::string first;
  std::string second;
  ProviderClientOptions options;
  RecordingProvider provider;
};

TEST_F(ProviderTest, AMountGoesThereAndItsFilesComeBack) {
  const auto server = serve(second);
  const auto response = mount();
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(provider.asked, "{}|null|/target|420");
  EXPECT_EQ(provider.versions, (std::vector<ProvidedVersion>{{"a", "0"}}));
  EXPECT_EQ(response->versions, (std::vector<ProvidedVersion>{{"a", "1"}}));
  ASSERT_EQ(response->files.size(), 2U);
  EXPECT_EQ(response->files[0].path, "dir/a");
  EXPECT_EQ(response->files[0].mode, 0640);
  EXPECT_EQ(response->files[0].contents.expose(), std::string_view("x\0y", 3));
  EXPECT_EQ(response->error_code, "");
}

TEST_F(ProviderTest, VersionSaysWhoServes) {
  const auto server = serve(second);
  const auto version = client().version(Deadline::in(clock, 5s), {});
  ASSERT_TRUE(version.ok()) << version.error().message();
  EXPECT_EQ(version->version, "v1alpha1");
  EXPECT_EQ(version->runtime_name, "keyferry-provider");
}

TEST_F(ProviderTest, TheProvidersErrorKeepsCodeAndWords) {
  const auto server = serve(second);
  provider.failure = Error(ErrorCode::kUnavailable, "key vault: 503");
  const auto response = mount();
  EXPECT_EQ(response.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(response.error().message(), "key vault: 503");
}

TEST_F(ProviderTest, AnAnswerThatIsTooLargeNamesTheFlag) {
  const auto server = serve(second);
  options.largest_response = 100'000;
  provider.size = 200'000;
  const auto response = mount();
  EXPECT_EQ(response.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_NE(response.error().message().find("--max-call-recv-msg-size"), std::string::npos);
  provider.size = 90'000;
  EXPECT_TRUE(mount().ok());
}

TEST_F(ProviderTest, TheFirstFolderWinsAndASocketThatMovedIsFoundAgain) {
  auto in_second = serve(second);
  EXPECT_TRUE(mount().ok());
  const auto in_first = serve(first);
  in_second.reset();
  EXPECT_TRUE(mount().ok()) << "Q28: the stock driver stays with the socket it found first";
}

TEST_F(ProviderTest, AProviderThatIsNotThereIsNamedWithThoseThatAre) {
  const auto server = serve(second);
  const auto found = find_provider_socket(options.folders, "aws");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code(), ErrorCode::kNotFound);
  EXPECT_NE(found.error().message().find("provider not found: provider \"aws\""),
            std::string::npos);
  EXPECT_NE(found.error().message().find("there: vault"), std::string::npos);
  EXPECT_EQ(provider_names(options.folders), std::vector<std::string>{"vault"});
  EXPECT_EQ(find_provider_socket(options.folders, "vault").value(), cat(second, "/vault.sock"));
}

TEST_F(ProviderTest, NamesThatCouldLeaveTheFolderAreNoNames) {
  for (const char* bad : {"", "../x", "a/b", "a.b", "a b", "a123456789012345678901234567890"}) {
    EXPECT_FALSE(is_provider_name(bad)) << bad;
    EXPECT_EQ(find_provider_socket(options.folders, bad).error().code(),
              ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(is_provider_name("e2e-Provider_1"));
}

TEST_F(ProviderTest, ASocketThatIsServedABitLaterIsWaitedFor) {
  const std::string path = cat(second, "/vault.sock");
  {
    auto gone = Listener::open({path, 0});
    ::rename(path.c_str(), cat(second, "/kept").c_str());
  }
  ::rename(cat(second, "/kept").c_str(), path.c_str());
  EXPECT_EQ(mount(50ms).error().code(), ErrorCode::kDeadlineExceeded) << "nobody serves it";
  std::unique_ptr<ProviderServer> server;
  std::thread starter([&] { server = serve(second); });
  EXPECT_TRUE(mount().ok());
  starter.join();
}

TEST_F(ProviderTest, AStopEndsTheWaitForAnAnswer) {
  auto silent = Listener::open({cat(second, "/vault.sock"), 0});
  std::stop_source stop;
  std::thread stopper([&] { stop.request_stop(); });
  EXPECT_EQ(mount(20s, stop.get_token()).error().code(), ErrorCode::kCancelled);
  stopper.join();
}

TEST_F(ProviderTest, ADeadlineEndsTheWaitForAProviderThatIsSilent) {
  auto silent = Listener::open({cat(second, "/vault.sock"), 0});
  EXPECT_EQ(mount(30ms).error().code(), ErrorCode::kDeadlineExceeded);
}

TEST_F(ProviderTest, AProviderThatSpeaksSomethingElseIsNoProvider) {
  auto listener = Listener::open({cat(second, "/vault.sock"), 0});
  std::thread other([&] {
    UniqueFd peer;
    while (!peer) {
      peer = UniqueFd(::accept4(listener->descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
      std::this_thread::yield();
    }
    const std::string_view words = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    (void)!::send(peer.get(), words.data(), words.size(), MSG_NOSIGNAL);
    std::array<char, 4096> ignored{};
    while (::recv(peer.get(), ignored.data(), ignored.size(), 0) > 0) {
    }
  });
  const auto response = mount();
  other.join();
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code(), ErrorCode::kInternal);
  EXPECT_NE(response.error().message().find("HTTP/2"), std::string::npos);
}

TEST_F(ProviderTest, AnErrorCodeInAGoodAnswerComesThrough) {
  const auto server = serve(second);
  provider.error_code = "PodNotFound";
  EXPECT_EQ(mount()->error_code, "PodNotFound");
}

TEST(ProviderWire, AnEmptyAnswerOfAnOldProviderIsRead) {
  const auto response = read_mount_response(Secret());
  ASSERT_TRUE(response.ok());
  EXPECT_TRUE(response->versions.empty() && response->files.empty());
  EXPECT_EQ(read_mount_response(Secret("\xFF")).error().code(), ErrorCode::kInternal);
  EXPECT_EQ(read_mount_request(Secret("\x0A\x05")).error().code(), ErrorCode::kInternal);
}

}  // namespace
}  // namespace keyferry::rpc
