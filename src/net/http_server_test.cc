#include "net/http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <future>
#include <mutex>

#include "base/strings.h"
#include "base/unique_fd.h"

namespace keyferry {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A client of raw bytes, so that the server is judged without our own HTTP client.
std::string exchange_bytes(std::uint16_t port, std::string_view request) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return "refused";
  (void)!::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL);
  std::string answer;
  char buffer[4096];
  for (ssize_t got = 1; got > 0;) {
    got = ::recv(fd.get(), buffer, sizeof buffer, 0);
    if (got > 0) answer.append(buffer, static_cast<std::size_t>(got));
  }
  return answer;
}

std::string get(std::uint16_t port, std::string_view target) {
  return exchange_bytes(port,
                        cat("GET ", target, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
}

std::unique_ptr<HttpServer> start(RequestHandler handler, ListenOptions options = {}) {
  auto server = HttpServer::start(std::move(options), std::move(handler));
  EXPECT_TRUE(server.ok()) << (server.ok() ? "" : server.error().message());
  return server.ok() ? std::move(server).value() : nullptr;
}

RequestHandler answer_with(AnswerEnd end) {
  return [end](const ServerRequest&) {
    ServerResponse response = ServerResponse::of(200, "text/plain", "0123456789");
    response.end = end;
    return response;
  };
}

TEST(HttpServer, HandsOverMethodPathQueryHeadersAndBody) {
  auto server = start([](const ServerRequest& r) {
    return ServerResponse::of(
        201, "text/plain",
        cat(r.method, "|", r.path, "|", r.query_value("version"), "|", r.query.count("list"), "|",
            r.header("x-vault-TOKEN"), "|", r.body.expose()));
  });
  const std::string answer =
      exchange_bytes(server->port(),
                     "LIST /v1/a%20b?version=2&list HTTP/1.1\r\nHost: x\r\nX-Vault-Token: t\r\n"
                     "Content-Length: 4\r\nConnection: close\r\n\r\nbody");
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 201 "), HasSubstr("Content-Type: text/plain"),
                            EndsWith("\r\n\r\nLIST|/v1/a b|2|1|t|body")));
}

TEST(HttpServer, ABodyOverTheLimitIsAnswered413AndNeverReachesTheHandler) {
  std::atomic<int> calls = 0;
  ListenOptions options;
  options.max_body_bytes = 10;
  auto server = start(
      [&](const ServerRequest&) {
        ++calls;
        return ServerResponse::of(200, "text/plain", "ok");
      },
      options);
  const auto post = [&](std::string_view body) {
    return exchange_bytes(server->port(),
                          cat("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ",
                              body.size(), "\r\n\r\n", body));
  };
  EXPECT_THAT(post("12345678901"), StartsWith("HTTP/1.1 413 "));
  EXPECT_EQ(calls, 0);
  EXPECT_THAT(post("1234567890"), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(calls, 1);
}

TEST(HttpServer, AnswersEndAsTold) {
  EXPECT_THAT(get(start(answer_with(AnswerEnd::kWhole))->port(), "/"), EndsWith("0123456789"));
  EXPECT_THAT(get(start(answer_with(AnswerEnd::kCutInBody))->port(), "/"),
              AllOf(HasSubstr("Content-Length: 10\r\n"), EndsWith("\r\n\r\n01234")));
  EXPECT_EQ(get(start(answer_with(AnswerEnd::kCutInHeaders))->port(), "/"),
            "HTTP/1.1 200 OK\r\nContent-Type: applic");
  EXPECT_EQ(get(start(answer_with(AnswerEnd::kDropped))->port(), "/"), "");
}

TEST(HttpServer, ABlockedHandlerDelaysOnlyItsOwnConnection) {
  std::promise<void> release;
  ListenOptions options;
  options.serving = Serving::kThreadPerConnection;
  auto server = start(
      [&, released = release.get_future().share()](const ServerRequest& r) {
        if (r.path == "/slow") released.wait();
        return ServerResponse::of(200, "text/plain", r.path);
      },
      options);
  auto slow = std::async(std::launch::async, [&] { return get(server->port(), "/slow"); });
  EXPECT_THAT(get(server->port(), "/quick"), EndsWith("/quick"));
  release.set_value();
  EXPECT_THAT(slow.get(), EndsWith("/slow"));
}

// Connected from another loopback address than everybody else's, saying nothing.
UniqueFd silent_neighbour(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

// Sixteen silent connections of one neighbour once kept kubelet's probe of the sidecar out.
TEST(HttpServer, OnePeerCannotKeepTheOthersOut) {
  ListenOptions options;
  options.max_connections = 4;
  options.max_connections_per_peer = 2;
  const auto server = start(answer_with(AnswerEnd::kWhole), options);
  std::vector<UniqueFd> silent;
  silent.reserve(4);
  for (int i = 0; i < 4; ++i) silent.push_back(silent_neighbour(server->port()));
  EXPECT_THAT(get(server->port(), "/"), EndsWith("0123456789"));
}

TEST(HttpServer, EndingTellsAWaitingHandlerToStop) {
  std::promise<void> inside;
  ListenOptions options;
  options.serving = Serving::kThreadPerConnection;
  auto server = start(
      [&](const ServerRequest& r) {
        std::mutex mutex;
        std::condition_variable_any stopped;
        std::unique_lock lock(mutex);
        inside.set_value();
        stopped.wait(lock, r.stop, [] { return false; });
        return ServerResponse::of(200, "text/plain", "");
      },
      options);
  auto client = std::async(std::launch::async, [port = server->port()] { return get(port, "/"); });
  inside.get_future().wait();
  const auto before = std::chrono::steady_clock::now();
  server.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(2));
  client.get();
}

TEST(HttpServer, APortInUseIsNamedWithTheRemedy) {
  auto first = start(answer_with(AnswerEnd::kWhole));
  ListenOptions options;
  options.port = first->port();
  auto second = HttpServer::start(options, answer_with(AnswerEnd::kWhole));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().message(),
              AllOf(HasSubstr(cat("127.0.0.1:", first->port())), HasSubstr("another port")));
}

TEST(HttpServer, WrongAddressesAndTlsFilesAreRefusedByName) {
  ListenOptions address;
  address.address = "localhost";
  EXPECT_THAT(HttpServer::start(address, answer_with(AnswerEnd::kWhole)).error().message(),
              HasSubstr("'localhost' is not an IP address"));
  ListenOptions half;
  half.tls_key_file = "key.pem";
  EXPECT_THAT(HttpServer::start(half, answer_with(AnswerEnd::kWhole)).error().message(),
              HasSubstr("give both"));
}

TEST(HttpServer, AStoppedServerLeavesNoDescriptorBehind) {
  const auto next_free = [] { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)).get(); };
  start(answer_with(AnswerEnd::kWhole));
  const int before = next_free();
  get(start(answer_with(AnswerEnd::kWhole))->port(), "/");
  EXPECT_EQ(next_free(), before);

  const std::string junk = cat(::testing::TempDir(), "/not-a-certificate.pem");
  std::ofstream(junk) << "junk";
  ListenOptions bad;
  bad.tls_certificate_file = junk;
  bad.tls_key_file = junk;
  EXPECT_THAT(HttpServer::start(bad, answer_with(AnswerEnd::kWhole)).error().message(),
              HasSubstr(junk));
  EXPECT_EQ(next_free(), before);
}

TEST(HttpServer, ListensOnIpv6) {
  ListenOptions options;
  options.address = "::";
  auto server = start(answer_with(AnswerEnd::kWhole), options);
  EXPECT_EQ(server->url(), cat("http://[::]:", server->port()));
  EXPECT_THAT(get(server->port(), "/"), EndsWith("0123456789"));
}

}  // namespace
}  // namespace keyferry
