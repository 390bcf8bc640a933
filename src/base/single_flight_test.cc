#include "base/single_flight.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "base/fake_clock.h"

namespace keyferry {
namespace {

using Value = std::shared_ptr<const int>;

class SingleFlightTest : public ::testing::Test {
 protected:
  // A question that is on its way until let_land() is called.
  Result<Value> slow_question(const Error* failure = nullptr) {
    if (asked++ == 0) on_its_way.count_down();
    land.wait();
    if (failure != nullptr) return *failure;
    return Value(std::make_shared<const int>(7));
  }
  // Another caller, whose question is on its way when this returns.
  std::jthread first_caller() {
    std::jthread first([this] { (void)flights.run("k", {}, [&] { return slow_question(); }); });
    on_its_way.wait();
    return first;
  }
  static Result<Value> quick_question() { return Value(std::make_shared<const int>(8)); }

  FakeClock clock;
  SingleFlight<Value> flights{clock};
  std::atomic<int> asked = 0;
  std::latch on_its_way{1};
  std::latch land{1};
};

// Once the answer did not wait for the callers, so any number of questions had to be allowed.
TEST_F(SingleFlightTest, ManyCallersOneQuestion) {
  std::vector<Value> got(8);
  {
    std::vector<std::jthread> callers;
    callers.reserve(got.size());
    for (Value& value : got) {
      callers.emplace_back([&] {
        const auto answer = flights.run("k", {}, [&] { return slow_question(); });
        if (answer.ok()) value = *answer;
      });
    }
    while (flights.waiting() < got.size() - 1 && asked <= 1) std::this_thread::yield();
    land.count_down();
  }
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(flights.waiting(), 0U);
  for (const Value& value : got) {
    ASSERT_NE(value, nullptr);
    EXPECT_EQ(value, got[0]) << "one answer, shared";
    EXPECT_EQ(*value, 7);
  }
}

TEST_F(SingleFlightTest, AnotherQuestionIsAskedMeanwhile) {
  const std::jthread first = first_caller();
  const auto other = flights.run("b", {}, [] { return quick_question(); });
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(**other, 8);
  land.count_down();
}

TEST_F(SingleFlightTest, AnAnswerIsNotKept) {
  int count = 0;
  for (int i = 0; i < 3; ++i) {
    (void)flights.run("k", {}, [&] {
      ++count;
      return quick_question();
    });
  }
  EXPECT_EQ(count, 3);
}

TEST_F(SingleFlightTest, AWaiterEndsWithItsOwnPatience) {
  const std::jthread first = first_caller();
  std::stop_source stop;
  stop.request_stop();
  const auto stopped =
      flights.run("k", {Deadline(), stop.get_token()}, [] { return quick_question(); });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code(), ErrorCode::kCancelled);
  const auto late =
      flights.run("k", {Deadline{clock.steady_now()}, {}}, [] { return quick_question(); });
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code(), ErrorCode::kDeadlineExceeded);
  land.count_down();
}

// A pod that went away while it asked the store once failed every other pod that waited with it.
TEST_F(SingleFlightTest, TheFirstOnesEndIsNotTheWaitersEnd) {
  for (const ErrorCode code : {ErrorCode::kCancelled, ErrorCode::kDeadlineExceeded}) {
    SingleFlight<Value> those{clock};
    std::latch there(1);
    std::latch gone(1);
    std::stop_source stop;
    std::jthread first([&] {
      const bool stopped = code == ErrorCode::kCancelled;
      const Patience patience{stopped ? Deadline() : Deadline{clock.steady_now()},
                              stop.get_token()};
      const auto answer = those.run("k", patience, [&]() -> Result<Value> {
        there.count_down();
        gone.wait();
        return Error(code, "its own end");
      });
      EXPECT_EQ(answer.error().code(), code);
    });
    there.wait();
    std::jthread waiter([&] {
      const auto answer = those.run("k", {}, [] { return quick_question(); });
      ASSERT_TRUE(answer.ok());
      EXPECT_EQ(**answer, 8);
    });
    if (code == ErrorCode::kCancelled) stop.request_stop();
    gone.count_down();
  }
}

// The server's own time limit is over, not the patience of who asked: all that wait have that
// answer, and do not ask one after the other.
TEST_F(SingleFlightTest, ATimeLimitOfTheServersIsAnAnswerForAll) {
  std::latch there(1);
  std::latch over(1);
  const auto slow = [&]() -> Result<Value> {
    there.count_down();
    over.wait();
    return Error(ErrorCode::kDeadlineExceeded, "no whole answer in time");
  };
  const std::jthread first([&] { (void)flights.run("k", {}, slow); });
  there.wait();
  std::jthread waiter([&] {
    const auto answer = flights.run("k", {}, [] { return quick_question(); });
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code(), ErrorCode::kDeadlineExceeded);
  });
  while (flights.waiting() == 0) std::this_thread::yield();
  over.count_down();
}

TEST_F(SingleFlightTest, AFailureIsSharedToo) {
  const Error down(ErrorCode::kUnavailable, "down");
  std::jthread first([&] {
    const auto answer = flights.run("k", {}, [&] { return slow_question(&down); });
    EXPECT_EQ(answer.error(), down);
  });
  on_its_way.wait();
  std::jthread second([&] {
    const auto answer = flights.run("k", {}, [&] { return Result<Value>(down); });
    EXPECT_EQ(answer.error(), down);
  });
  land.count_down();
}

}  // namespace
}  // namespace keyferry
