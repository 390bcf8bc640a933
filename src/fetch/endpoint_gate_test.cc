#include "fetch/endpoint_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "base/fake_clock.h"
#include "net/fake_http.h"

namespace keyferry::fetch {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EndpointGateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* url : {"GET http://a/x", "GET http://b/x"}) {
      http.script(url, [this](const FakeHttp::Sent& sent) -> Result<Response> {
        times.push_back(clock.steady_now() - begin);
        return sent.url == "http://a/x" ? answer_of_a() : FakeHttp::response(200, "");
      });
    }
  }
  Response answer_of_a() const {
    if (retry_after.empty()) return FakeHttp::response(status, "");
    return FakeHttp::response(status, "", {{"Retry-After", retry_after}});
  }
  Result<Response> send(EndpointGate& asked, const std::string& url = "http://a/x",
                        Duration patience = 10min) {
    Request request;
    request.url = url;
    return asked.send(request, Deadline::in(clock, patience));
  }
  Result<Response> send(const std::string& url = "http://a/x", Duration patience = 10min) {
    return send(gate, url, patience);
  }
  EndpointState a() { return gate.states().at(0); }

  FakeClock clock;
  const SteadyTime begin = clock.steady_now();
  FakeHttp http;
  int status = 200;
  std::string retry_after;
  std::vector<Duration> times;
  EndpointGate gate{http, clock, {}, [] { return 1.0; }};
};

TEST_F(EndpointGateTest, WithoutTroubleAndBudgetNothingWaits) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(send().ok());
  EXPECT_THAT(clock.waits(), IsEmpty());
  EXPECT_EQ(a().requests, 100U);
  EXPECT_EQ(a().circuit, Circuit::kClosed);
  EXPECT_EQ(a().waiting, 0U);
}

TEST_F(EndpointGateTest, APatienceThatIsAskedForIsEverybodysAndOnlyThatEndpoints) {
  status = 429;
  retry_after = "7";
  EXPECT_EQ(send()->status, 429);
  EXPECT_EQ(a().circuit, Circuit::kOpen);
  EXPECT_TRUE(send("http://b/x").ok());
  status = 200;
  EXPECT_EQ(send()->status, 200);
  EXPECT_THAT(times, ElementsAre(0s, 0s, 7s));
  EXPECT_EQ(a().circuit, Circuit::kClosed);
}

TEST_F(EndpointGateTest, WhoCannotWaitThatLongIsToldAtOnceHowLong) {
  status = 503;
  retry_after = "20";
  ASSERT_TRUE(send().ok());
  const auto short_of_time = send("http://a/x", 5s);
  ASSERT_FALSE(short_of_time.ok());
  EXPECT_EQ(short_of_time.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(short_of_time.error().retry_after(), 20s);
  EXPECT_THAT(short_of_time.error().message(),
              HasSubstr("http://a is left alone for 20000 ms after it asked for patience; last: "
                        "HTTP 503"));
  retry_after = "3600";
  clock.tick(20s);
  ASSERT_TRUE(send().ok());
  EXPECT_FALSE(send().ok()) << "an hour is not waited out inside a call";
  EXPECT_EQ(http.sent().size(), 2U);
}

TEST_F(EndpointGateTest, AfterFailuresInARowOneRequestTriesWhileTheOthersFailAtOnce) {
  status = 502;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(send()->status, 502);
  EXPECT_EQ(a().circuit, Circuit::kOpen);
  EXPECT_THAT(send().error().message(), HasSubstr("after failures in a row; last: HTTP 502"));
  clock.tick(1s);
  EXPECT_EQ(a().circuit, Circuit::kHalfOpen);
  EXPECT_EQ(send()->status, 502);
  EXPECT_EQ(send().error().retry_after(), 2s) << "twice as long";
  clock.tick(2s);
  status = 200;
  EXPECT_EQ(send()->status, 200);
  EXPECT_EQ(send()->status, 200);
  EXPECT_EQ(a().failures_in_a_row, 0);
  EXPECT_EQ(a().held_off, 2U);
  EXPECT_THAT(clock.waits(), IsEmpty());
}

TEST_F(EndpointGateTest, WhileOneTriesNobodyElseIsSent) {
  Result<Response> meanwhile = FakeHttp::response(0, "not asked");
  FakeHttp recovering;
  EndpointGate other(recovering, clock, {}, [] { return 1.0; });
  recovering.script("GET http://a/x", [&](const FakeHttp::Sent&) -> Result<Response> {
    if (recovering.sent().size() <= 5) return FakeHttp::response(502, "");
    meanwhile = send(other);
    return FakeHttp::response(200, "");
  });
  for (int i = 0; i < 5; ++i) (void)send(other);
  clock.tick(1s);
  EXPECT_EQ(send(other)->status, 200);
  ASSERT_FALSE(meanwhile.ok());
  EXPECT_THAT(meanwhile.error().message(), HasSubstr("is left alone"));
}

TEST_F(EndpointGateTest, A500IsOneQuestionsTroubleAndClosesNothing) {
  status = 500;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(send()->status, 500);
  EXPECT_EQ(a().circuit, Circuit::kClosed);
}

TEST_F(EndpointGateTest, WhereTheServerSaysItOtherwiseTheRequestKnowsHow) {
  status = 400;
  retry_after = "7";
  Request request;
  request.url = "http://a/x";
  ASSERT_TRUE(gate.send(request, Deadline::in(clock, 10min)).ok());
  EXPECT_EQ(a().circuit, Circuit::kClosed);
  request.asks_for_less = [](const Response& answer) { return answer.status == 400; };
  ASSERT_TRUE(gate.send(request, Deadline::in(clock, 10min)).ok());
  EXPECT_EQ(a().circuit, Circuit::kOpen);
}

TEST_F(EndpointGateTest, ADayOfPatienceIsTenMinutes) {
  status = 503;
  retry_after = "86400";
  ASSERT_TRUE(send().ok());
  clock.tick(10min);
  status = 200;
  EXPECT_TRUE(send().ok());
}

TEST_F(EndpointGateTest, ARequestThatThrowsIsAnErrorAndNoTrial) {
  http.script("GET http://c/x", [](const FakeHttp::Sent&) -> Result<Response> {
    throw std::runtime_error("broken");
  });
  EXPECT_EQ(send("http://c/x").error().code(), ErrorCode::kInternal);
}

TEST_F(EndpointGateTest, EndpointsThatNobodyAsksAnyMoreAreForgotten) {
  for (int i = 0; i < 1'000; ++i) {
    const std::string url = cat("http://host-", i, "/x");
    http.answer(cat("GET ", url), 200, "");
    ASSERT_TRUE(send(url).ok());
    clock.tick(1min);
  }
  EXPECT_LT(gate.states().size(), 200U);
}

TEST_F(EndpointGateTest, RequestsKeepTheirDistanceWhereThereIsABudget) {
  EndpointGate slow(http, clock, {4}, [] { return 1.0; });
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(send(slow).ok());
  EXPECT_THAT(times, ElementsAre(0ms, 250ms, 500ms, 750ms));
  const auto late = send(slow, "http://a/x", 100ms);
  EXPECT_EQ(late.error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_THAT(late.error().message(), HasSubstr("the budget is 4 per second"));
}

// A clock during whose first wait something else happens.
class InterruptedClock final : public Clock {
 public:
  InterruptedClock(Clock& clock, std::function<void()> happens)
      : clock_(clock), happens_(std::move(happens)) {}
  WallTime wall_now() const override { return clock_.wall_now(); }
  SteadyTime steady_now() const override { return clock_.steady_now(); }
  bool wait_until(SteadyTime when, std::stop_token stop) override {
    if (const auto happens = std::exchange(happens_, nullptr)) happens();
    return clock_.wait_until(when, stop);
  }

 private:
  Clock& clock_;
  std::function<void()> happens_;
};

TEST_F(EndpointGateTest, WhatSomebodyWaitsForGoesFirst) {
  std::vector<std::string> order;
  FakeHttp server;
  for (const char* url : {"GET http://a/now", "GET http://a/later"}) {
    server.script(url, [&order](const FakeHttp::Sent& sent) -> Result<Response> {
      order.push_back(sent.url);
      return FakeHttp::response(200, "");
    });
  }
  EndpointGate* shared = nullptr;
  InterruptedClock interrupted(clock, [&] { (void)send(*shared, "http://a/now"); });
  EndpointGate slow(server, interrupted, {1}, [] { return 1.0; });
  shared = &slow;
  (void)send(slow, "http://a/now");
  Request refresh;
  refresh.url = "http://a/later";
  refresh.priority = RequestPriority::kBackground;
  EXPECT_TRUE(slow.send(refresh, {}).ok());
  EXPECT_THAT(order, ElementsAre("http://a/now", "http://a/now", "http://a/later"));
  EXPECT_EQ(clock.steady_now() - begin, 2s);
}

TEST_F(EndpointGateTest, WhatWasStoppedSaysNothingOfTheEndpoint) {
  http.fail("GET http://c/x", Error(ErrorCode::kCancelled, "stopped"));
  for (int i = 0; i < 10; ++i) (void)send("http://c/x");
  EXPECT_EQ(a().failures_in_a_row, 0);
}

TEST_F(EndpointGateTest, AnAddressThatIsNoneIsRefused) {
  EXPECT_EQ(send("vault:8200").error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace keyferry::fetch
