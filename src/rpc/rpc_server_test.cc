#include "rpc/rpc_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "os/system_clock.h"
#include "rpc/listener.h"
#include "rpc/rpc_fixture.h"
#include "rpc/unary_call.h"

namespace keyferry::rpc {
namespace {

using namespace std::chrono_literals;

// A handler that works until it is let go or told to stop.
class Gate {
 public:
  Result<Secret> pass(const IncomingCall& call) {
    std::unique_lock lock(mutex_);
    ++inside_;
    changed_.notify_all();
    changed_.wait(lock, call.stop, [&] { return open_; });
    --inside_;
    changed_.notify_all();
    if (open_) return Secret("through");
    ++stopped_;
    return Error(ErrorCode::kCancelled, "told to stop");
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  bool wait_inside(int wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] { return inside_ == wanted; });
  }
  int stopped() {
    const std::lock_guard lock(mutex_);
    return stopped_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool open_ = false;
  int inside_ = 0;
  int stopped_ = 0;
};

class RpcServerTest : public ::testing::Test {
 protected:
  void start(ServeOptions options = {}) {
    options.endpoint = cat("unix://", path);
    Methods methods;
    methods["/t.T/Echo"].work = [](const IncomingCall& call) -> Result<Secret> {
      return call.message.copy();
    };
    methods["/t.T/Gate"].work = [this](const IncomingCall& call) { return gate.pass(call); };
    methods["/t.T/Quick"] = {[](const IncomingCall&) { return Secret("quick"); },
                             WorkPlace::kAtOnce};
    methods["/t.T/Fail"].work = [](const IncomingCall&) -> Result<Secret> {
      return Error(ErrorCode::kNotFound, "object 'a': 100% gone\nask the owner");
    };
    methods["/t.T/Throw"].work = [](const IncomingCall&) -> Result<Secret> {
      throw std::runtime_error("a library's word");
    };
    auto started = RpcServer::start(options, std::move(methods), clock);
    ASSERT_TRUE(started.ok()) << started.error().message();
    server = std::move(started).value();
  }

  Result<Secret, CallFailure> call(const std::string& method, std::string_view message = "",
                                   Duration limit = 20s, std::stop_token stop = {}) {
    auto socket = connect_to(path);
    if (!socket.ok()) return CallFailure{socket.error()};
    UnaryCall wanted{cat("/t.T/", method), Secret(message), std::size_t{4} << 20,
                     Deadline::in(clock, limit), std::move(stop)};
    return call_unary(std::move(socket).value(), std::move(wanted), clock);
  }
  ErrorCode code_of(const std::string& method, std::string_view message = "") {
    return call(method, message).error().error.code();
  }
  std::future<Result<Secret, CallFailure>> call_beside(std::string method, Duration limit = 20s,
                                                       const std::stop_token& stop = {}) {
    return std::async(std::launch::async, [this, method = std::move(method), limit, stop] {
      return call(method, "", limit, stop);
    });
  }

  SystemClock clock;
  SocketFolder folder;
  const std::string path = folder.at("rpc.sock");
  Gate gate;
  std::unique_ptr<RpcServer> server;
};

TEST_F(RpcServerTest, AnswersWithTheHandlersMessage) {
  start();
  EXPECT_EQ(call("Echo", "hello")->expose(), "hello");
  EXPECT_EQ(call("Echo", "")->expose(), "");
  EXPECT_EQ(call("Quick")->expose(), "quick");
}

TEST_F(RpcServerTest, AnErrorArrivesWithItsCodeAndEveryWord) {
  start();
  const auto answer = call("Fail");
  ASSERT_FALSE(answer.ok());
  EXPECT_TRUE(answer.error().is_remote);
  EXPECT_EQ(answer.error().error.code(), ErrorCode::kNotFound);
  EXPECT_EQ(answer.error().error.message(), "object 'a': 100% gone\nask the owner");
}

TEST_F(RpcServerTest, WhatAHandlerThrowsFailsThatCallOnly) {
  start();
  EXPECT_EQ(code_of("Throw"), ErrorCode::kInternal);
  EXPECT_EQ(call("Echo", "still here")->expose(), "still here");
}

TEST_F(RpcServerTest, AMethodThatIsNotThereIsUnimplemented) {
  start();
  EXPECT_EQ(code_of("Nothing"), ErrorCode::kUnimplemented);
}

TEST_F(RpcServerTest, MessagesUpToTheLimitPassAndLargerOnesAreRefused) {
  ServeOptions options;
  options.largest_request = 300'000;
  start(options);
  EXPECT_EQ(call("Echo", std::string(300'000, 'x'))->size(), 300'000U);
  EXPECT_EQ(code_of("Echo", std::string(300'001, 'x')), ErrorCode::kResourceExhausted);
  EXPECT_EQ(code_of("Echo", std::string(3'000'000, 'x')), ErrorCode::kResourceExhausted);
}

TEST_F(RpcServerTest, TheCallersDeadlineIsTheHandlersStop) {
  start();
  const auto answer = call("Gate", "", 50ms);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().error.code(), ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(gate.wait_inside(0));
  EXPECT_EQ(gate.stopped(), 1);
}

TEST_F(RpcServerTest, ACallerThatGoesAwayStopsItsHandler) {
  start();
  std::stop_source stop;
  auto answer = call_beside("Gate", 20s, stop.get_token());
  ASSERT_TRUE(gate.wait_inside(1));
  stop.request_stop();
  EXPECT_EQ(answer.get().error().error.code(), ErrorCode::kCancelled);
  EXPECT_TRUE(gate.wait_inside(0));
  EXPECT_EQ(gate.stopped(), 1);
}

TEST_F(RpcServerTest, CallsBeyondTheThreadsWaitAndBeyondTheQueueAreRefused) {
  ServeOptions options;
  options.handler_threads = 2;
  options.most_waiting = 1;
  start(options);
  auto one = call_beside("Gate");
  auto two = call_beside("Gate");
  ASSERT_TRUE(gate.wait_inside(2));
  auto three = call_beside("Echo");
  auto four = call_beside("Echo");
  EXPECT_EQ(call("Quick")->expose(), "quick") << "answered however busy the others are";
  // One of them waits until the gate opens, so it is the other that has an answer now.
  while (three.wait_for(0s) != std::future_status::ready &&
         four.wait_for(0s) != std::future_status::ready) {
    std::this_thread::yield();
  }
  gate.open();
  const auto third = three.get();
  const auto fourth = four.get();
  EXPECT_NE(third.ok(), fourth.ok());
  const auto& refused = third.ok() ? fourth : third;
  EXPECT_EQ(refused.error().error.code(), ErrorCode::kResourceExhausted);
  EXPECT_EQ(one.get()->expose(), "through");
  EXPECT_EQ(two.get()->expose(), "through");
}

TEST_F(RpcServerTest, AStopLetsRunningCallsFinishAndTakesNoNewOnes) {
  start();
  auto running = call_beside("Gate");
  ASSERT_TRUE(gate.wait_inside(1));
  std::thread stopper([&] { server->stop(); });
  while (connect_to(path).ok()) std::this_thread::yield();
  gate.open();
  EXPECT_EQ(running.get()->expose(), "through");
  stopper.join();
  EXPECT_EQ(connect_to(path).error().code(), ErrorCode::kNotFound);
}

TEST_F(RpcServerTest, AStopThatTakesTooLongTellsCallersAndHandlers) {
  ServeOptions options;
  options.stop_limit = 20ms;
  start(options);
  auto running = call_beside("Gate");
  ASSERT_TRUE(gate.wait_inside(1));
  server->stop();
  EXPECT_EQ(running.get().error().error.code(), ErrorCode::kUnavailable);
  EXPECT_EQ(gate.stopped(), 1);
}

TEST_F(RpcServerTest, ManyCallersAtOnceAllGetTheirOwnAnswer) {
  start();
  std::vector<std::thread> callers;
  callers.reserve(20);
  std::atomic<int> right = 0;
  for (int caller = 0; caller < 20; ++caller) {
    callers.emplace_back([&, caller] {
      for (int round = 0; round < 20; ++round) {
        const std::string text = cat(caller, "/", round, std::string(2000, 'x'));
        const auto answer = call("Echo", text);
        if (answer.ok() && answer->expose() == text) ++right;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(right, 400);
}

TEST_F(RpcServerTest, APeerThatDoesNotSpeakHttp2IsLetGo) {
  start();
  const auto socket = connect_to(path);
  const std::string_view words = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
  (void)!::send(socket->get(), words.data(), words.size(), MSG_NOSIGNAL);
  char byte = 0;
  ssize_t got = -1;
  while (got < 0 || byte != 0) {
    got = ::recv(socket->get(), &byte, 1, 0);
    if (got == 0) break;
    std::this_thread::yield();
  }
  EXPECT_EQ(got, 0);
  EXPECT_EQ(call("Echo", "others")->expose(), "others");
}

TEST_F(RpcServerTest, OptionsThatCannotWorkAreNamed) {
  ServeOptions options;
  options.endpoint = "unix:///no/such/folder/a.sock";
  EXPECT_EQ(RpcServer::start(options, {}, clock).error().code(), ErrorCode::kUnavailable);
  options.handler_threads = 0;
  EXPECT_EQ(RpcServer::start(options, {}, clock).error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace keyferry::rpc
