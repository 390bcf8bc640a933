#include "net/retry.h"

#include <gtest/gtest.h>

#include "base/fake_clock.h"

namespace keyferry {
namespace {

using namespace std::chrono_literals;

// A call that fails as the list says and then works.
class Flaky {
 public:
  explicit Flaky(std::vector<Error> failures) : failures_(std::move(failures)) {}
  Result<int> operator()() {
    if (static_cast<std::size_t>(tries_) == failures_.size()) return ++tries_;
    return failures_[static_cast<std::size_t>(tries_++)];
  }
  int tries() const { return tries_; }

 private:
  std::vector<Error> failures_;
  int tries_ = 0;
};

class Retry : public testing::Test {
 protected:
  Result<int> run(Flaky& call, double share = 0.5, Duration deadline = 1h) {
    return with_retries(policy, {clock, Deadline::in(clock, deadline), {}, [=] { return share; }},
                        call);
  }
  FakeClock clock;
  RetryPolicy policy;
};

const Error kDown(ErrorCode::kUnavailable, "down");

TEST_F(Retry, WaitsGrowAndAreAShareOfThePower) {
  policy.attempts = 4;
  Flaky call({kDown, kDown, kDown});
  EXPECT_EQ(*run(call), 4);
  EXPECT_EQ(clock.waits(), (std::vector<Duration>{500ms, 1000ms, 2000ms}));
}

TEST_F(Retry, NoWaitIsLongerThanTheLongest) {
  policy.attempts = 40;
  policy.longest_wait = 3s;
  Flaky call(std::vector<Error>(39, kDown));
  EXPECT_TRUE(run(call, 0.999).ok());
  for (const Duration wait : clock.waits()) EXPECT_LE(wait, 3s);
}

TEST_F(Retry, A429WithRetryAfterWaitsThatLong) {
  Error busy(ErrorCode::kResourceExhausted, "429");
  busy.set_retry_after(7s);
  Flaky call({busy});
  EXPECT_TRUE(run(call).ok());
  EXPECT_EQ(clock.waits(), (std::vector<Duration>{7s}));
}

// OpenBao's rate limit says Retry-After: 0, and three tries at once are three refusals.
TEST_F(Retry, ARetryAfterOfNothingBacksOffAndALimitIsTriedLonger) {
  Error busy(ErrorCode::kResourceExhausted, "429");
  busy.set_retry_after(0s);
  Flaky call(std::vector<Error>(9, busy));
  EXPECT_FALSE(run(call).ok());
  EXPECT_EQ(call.tries(), 6);
  EXPECT_EQ(clock.waits(), (std::vector<Duration>{500ms, 1s, 2s, 4s, 8s}));
}

TEST_F(Retry, ARetryAfterBeyondPatienceIsLeftToTheCaller) {
  Error busy(ErrorCode::kResourceExhausted, "429");
  busy.set_retry_after(31s);
  Flaky call({busy});
  EXPECT_EQ(run(call).error().retry_after(), 31s);
  EXPECT_EQ(call.tries(), 1);
}

TEST_F(Retry, TheLastErrorIsTheAnswerWhenAttemptsAreUsedUp) {
  Flaky call({kDown, kDown, Error(ErrorCode::kUnavailable, "third")});
  EXPECT_EQ(run(call).error().message(), "third");
  EXPECT_EQ(call.tries(), 3);
}

TEST_F(Retry, OtherCodesAreNotTriedAgain) {
  Flaky call({Error(ErrorCode::kPermissionDenied, "no")});
  EXPECT_EQ(run(call).error().code(), ErrorCode::kPermissionDenied);
  EXPECT_EQ(call.tries(), 1);
}

TEST_F(Retry, NoWaitOutlastsTheDeadline) {
  Flaky call({kDown, kDown});
  EXPECT_FALSE(run(call, 0.5, 400ms).ok());
  EXPECT_EQ(call.tries(), 1);
  EXPECT_TRUE(clock.waits().empty());
}

TEST_F(Retry, AStopEndsTheWaiting) {
  std::stop_source stop;
  stop.request_stop();
  Flaky call({kDown});
  const RetryScope scope{clock, Deadline::in(clock, 1h), stop.get_token(), [] { return 0.5; }};
  EXPECT_FALSE(with_retries(policy, scope, call).ok());
  EXPECT_EQ(call.tries(), 1);
}

Response with_retry_after(const char* text) {
  Response response;
  response.headers = {{"Retry-After", text}};
  return response;
}

TEST(RetryAfter, SecondsDatesAndNonsense) {
  const WallTime now{1'445'412'480s};  // Wed, 21 Oct 2015 07:28:00 GMT
  EXPECT_EQ(retry_after_of(with_retry_after("120"), now), 120s);
  EXPECT_EQ(retry_after_of(with_retry_after("Wed, 21 Oct 2015 07:28:30 GMT"), now), 30s);
  EXPECT_EQ(retry_after_of(with_retry_after("Wed, 21 Oct 2015 07:00:00 GMT"), now), 0s);
  EXPECT_EQ(retry_after_of(with_retry_after("soon"), now), std::nullopt);
  EXPECT_EQ(retry_after_of(with_retry_after("-5"), now), std::nullopt);
  EXPECT_EQ(retry_after_of(Response(), now), std::nullopt);
}

// A date that nanoseconds of a 64-bit clock cannot hold (before 1677, after 2262) overflowed.
TEST(RetryAfter, ADateFarOffIsTenMinutesAtMost) {
  const WallTime now{1'445'412'480s};
  EXPECT_EQ(retry_after_of(with_retry_after("Fri, 31 Dec 9999 23:59:59 GMT"), now), 10min);
  EXPECT_EQ(retry_after_of(with_retry_after("Tue, 14 Nov 0023 22:13:50 GMT"), now), 0s);
}

}  // namespace
}  // namespace keyferry
