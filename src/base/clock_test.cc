#include "base/clock.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/fake_clock.h"

namespace keyferry {
namespace {

using namespace std::chrono_literals;

TEST(FakeClock, TimeMovesOnlyByATick) {
  FakeClock clock(WallTime(100s));
  const SteadyTime start = clock.steady_now();
  EXPECT_EQ(clock.wall_now(), WallTime(100s));
  EXPECT_EQ(clock.steady_now(), start);
  clock.tick(90s);
  EXPECT_EQ(clock.wall_now(), WallTime(190s));
  EXPECT_EQ(clock.steady_now(), start + 90s);
  EXPECT_TRUE(clock.waits().empty());
}

TEST(FakeClock, AWaitMovesTimeToItsEndAndIsRecorded) {
  FakeClock clock;
  const SteadyTime start = clock.steady_now();
  EXPECT_TRUE(clock.wait_for(5s, {}));
  EXPECT_TRUE(clock.wait_until(start + 7s, {}));
  EXPECT_EQ(clock.steady_now(), start + 7s);
  EXPECT_EQ(clock.waits(), (std::vector<Duration>{5s, 2s}));
}

TEST(FakeClock, AMomentThatHasPassedIsNotWaitedFor) {
  FakeClock clock;
  const SteadyTime start = clock.steady_now();
  EXPECT_TRUE(clock.wait_until(start - 1s, {}));
  EXPECT_TRUE(clock.wait_until(start, {}));
  EXPECT_EQ(clock.steady_now(), start);
  EXPECT_TRUE(clock.waits().empty());
}

TEST(FakeClock, AStopEndsTheWaitBeforeTimeMoves) {
  FakeClock clock;
  std::stop_source stop;
  stop.request_stop();
  const SteadyTime start = clock.steady_now();
  EXPECT_FALSE(clock.wait_for(5s, stop.get_token()));
  EXPECT_EQ(clock.steady_now(), start);
}

TEST(FakeClock, AnyThreadMayTickAndWait) {
  FakeClock clock;
  const SteadyTime start = clock.steady_now();
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 100; ++j) clock.tick(1ms);
      });
    }
  }
  EXPECT_EQ(clock.steady_now(), start + 400ms);
}

TEST(Deadline, WhatIsLeftShrinksToZeroAndNeverBelow) {
  FakeClock clock;
  const Deadline deadline = Deadline::in(clock, 10s);
  EXPECT_EQ(deadline.left(clock), 10s);
  clock.tick(4s);
  EXPECT_EQ(deadline.left(clock), 6s);
  clock.tick(6s);
  EXPECT_EQ(deadline.left(clock), 0s);
  clock.tick(1h);
  EXPECT_EQ(deadline.left(clock), 0s);
}

TEST(Deadline, OneThatWasNotSetIsVeryFarAway) {
  FakeClock clock;
  EXPECT_GT(Deadline().left(clock), 24h * 365 * 100);
}

}  // namespace
}  // namespace keyferry
