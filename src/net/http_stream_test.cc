#include "net/http_stream.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <semaphore>
#include <sstream>
#include <thread>

#include "base/strings.h"
#include "base/unique_fd.h"
#include "net/curl_http.h"
#include "os/system_clock.h"

namespace keyferry {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A server of one connection that sends the next piece when it is told to, and then closes.
class PieceServer {
 public:
  explicit PieceServer(std::vector<std::string> pieces)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), pieces_(std::move(pieces)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { serve(); });
  }
  ~PieceServer() { go_on(1000); }

  std::string url() const { return cat("http://127.0.0.1:", port_, "/watch"); }
  std::uint16_t port() const { return port_; }
  void go_on(int pieces = 1) { next_.release(pieces); }

 private:
  void serve() {
    pollfd waits{listener_.get(), POLLIN, 0};
    if (::poll(&waits, 1, 20'000) <= 0) return;
    const UniqueFd connection(::accept(listener_.get(), nullptr, nullptr));
    char request[4096];
    EXPECT_GT(::recv(connection.get(), request, sizeof request, 0), 0);
    for (const std::string& piece : pieces_) {
      next_.acquire();
      if (::send(connection.get(), piece.data(), piece.size(), MSG_NOSIGNAL) < 0) return;
    }
    next_.acquire();
  }

  UniqueFd listener_;
  std::vector<std::string> pieces_;
  std::uint16_t port_ = 0;
  std::counting_semaphore<> next_{0};
  std::jthread thread_;
};

class HttpStreamTest : public testing::Test {
 protected:
  Result<Response> stream(const PieceServer& server, const BodySink& sink, Duration within = 20s) {
    Request request;
    request.url = server.url();
    request.stop = stop_.get_token();
    request.max_response_bytes = 10;
    return stream_->stream(request, sink, Deadline::in(clock_, within));
  }

  SystemClock clock_;
  std::stop_source stop_;
  const std::unique_ptr<HttpStream> stream_ = make_curl_http_stream();
};

const std::string kHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";

// The next piece is sent only when the one before has arrived.
TEST_F(HttpStreamTest, EachPieceComesBeforeTheNextIsSent) {
  PieceServer server({kHead, "one\n", "two and more than ten bytes\n"});
  server.go_on();
  std::vector<std::string> got;
  const auto answer = stream(server, [&](std::string_view bytes) -> Status {
    got.emplace_back(bytes);
    server.go_on();
    return {};
  });
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->body.empty());
  EXPECT_EQ(answer->header("content-type"), "application/json");
  EXPECT_THAT(got, ElementsAre("", "one\n", "two and more than ten bytes\n"));
}

TEST_F(HttpStreamTest, AnotherAnswerThan200IsWhole) {
  PieceServer server({"HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\n", "gone"});
  server.go_on(3);
  int called = 0;
  const auto answer = stream(server, [&](std::string_view) -> Status {
    ++called;
    return {};
  });
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  EXPECT_EQ(answer->status, 410);
  EXPECT_EQ(answer->body.expose(), "gone");
  EXPECT_EQ(called, 0);
}

TEST_F(HttpStreamTest, TheSinksErrorEndsIt) {
  PieceServer server({kHead, "one\n"});
  server.go_on(2);
  const auto answer = stream(server, [&](std::string_view bytes) -> Status {
    if (bytes.empty()) return {};
    return Error(ErrorCode::kOutOfRange, "a line is too long");
  });
  EXPECT_EQ(answer.error(), Error(ErrorCode::kOutOfRange, "a line is too long"));
}

TEST_F(HttpStreamTest, ACutIsUnavailable) {
  PieceServer server({"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"});
  server.go_on(2);
  const auto answer = stream(server, [](std::string_view) { return Status(); });
  EXPECT_EQ(answer.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(answer.error().message(), HasSubstr("GET http://127.0.0.1"));
}

TEST_F(HttpStreamTest, AStopEndsItAtOnce) {
  PieceServer server({kHead});
  server.go_on();
  const SteadyTime begin = clock_.steady_now();
  const auto answer = stream(server, [&](std::string_view) {
    stop_.request_stop();
    return Status();
  });
  EXPECT_EQ(answer.error().code(), ErrorCode::kCancelled);
  EXPECT_LT(clock_.steady_now() - begin, 5s);
}

TEST_F(HttpStreamTest, ItsDeadlineEndsIt) {
  PieceServer server({kHead});
  server.go_on();
  const auto answer = stream(
      server, [](std::string_view) { return Status(); }, 100ms);
  EXPECT_EQ(answer.error().code(), ErrorCode::kDeadlineExceeded);
}

// "02" in the column tr of /proc/net/tcp: the kernel will ask the peer whether it is there.
bool is_kept_alive(std::uint16_t server) {
  std::ostringstream end;
  end << ':' << std::uppercase << std::hex << server;
  std::ifstream table("/proc/self/net/tcp");
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    std::string slot, local, remote, state, queues, timer;
    words >> slot >> local >> remote >> state >> queues >> timer;
    if (remote.ends_with(end.str()) && state == "01" && timer.starts_with("02:")) return true;
  }
  return false;
}

TEST_F(HttpStreamTest, APeerThatWentWithoutAWordWillBeNoticed) {
  PieceServer server({kHead});
  server.go_on();
  const auto answer = stream(server, [&](std::string_view) {
    for (int i = 0; i < 200 && !is_kept_alive(server.port()); ++i) std::this_thread::yield();
    EXPECT_TRUE(is_kept_alive(server.port()));
    stop_.request_stop();
    return Status();
  });
  EXPECT_EQ(answer.error().code(), ErrorCode::kCancelled);
}

}  // namespace
}  // namespace keyferry
