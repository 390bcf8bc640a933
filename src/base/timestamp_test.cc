#include "base/timestamp.h"

#include <gtest/gtest.h>

namespace keyferry {
namespace {

using namespace std::chrono_literals;

TEST(Timestamp, EveryFormOfRfc3339IsRead) {
  constexpr WallTime kNoon = WallTime(1'769'860'800s);  // 2026-01-31T12:00:00Z
  EXPECT_EQ(*parse_timestamp("2026-01-31T12:00:00Z"), kNoon);
  EXPECT_EQ(*parse_timestamp("2026-01-31t12:00:00z"), kNoon);
  EXPECT_EQ(*parse_timestamp("2026-01-31 12:00:00Z"), kNoon);
  EXPECT_EQ(*parse_timestamp("2026-01-31T13:00:00+01:00"), kNoon);
  EXPECT_EQ(*parse_timestamp("2026-01-31T06:30:00-05:30"), kNoon);
  EXPECT_EQ(*parse_timestamp("2026-01-31T12:00:00.25Z"), kNoon + 250ms);
  EXPECT_EQ(*parse_timestamp("2026-01-31T12:00:00.123456789123Z"), kNoon + 123'456'789ns);
  EXPECT_EQ(*parse_timestamp("2016-12-31T23:59:60Z"), *parse_timestamp("2017-01-01T00:00:00Z"));
  EXPECT_EQ(*parse_timestamp("2024-02-29T00:00:00Z") - *parse_timestamp("2024-02-28T00:00:00Z"),
            24h);
}

TEST(Timestamp, IsWrittenInUtcWithoutFraction) {
  EXPECT_EQ(to_timestamp(WallTime(1'769'860'800s)), "2026-01-31T12:00:00Z");
  EXPECT_EQ(to_timestamp(WallTime(1'769'860'800s) + 999ms), "2026-01-31T12:00:00Z");
  EXPECT_EQ(to_timestamp(*parse_timestamp("1969-12-31T23:59:58.5Z")), "1969-12-31T23:59:58Z");
  EXPECT_EQ(to_timestamp(*parse_timestamp("2024-02-29T23:01:09Z")), "2024-02-29T23:01:09Z");
}

// Found by fuzzing: nanoseconds of such a year do not fit the clock.
TEST(Timestamp, WhatTheClockCannotReachIsAsFarAsItCan) {
  const WallTime never = *parse_timestamp("9999-12-31T23:59:59Z");
  EXPECT_EQ(never, *parse_timestamp("2250-01-01T00:00:00Z"));
  EXPECT_GT(never.time_since_epoch(), std::chrono::hours(24) * 365 * 200);
  EXPECT_EQ(*parse_timestamp("0000-01-01T00:00:00Z"), *parse_timestamp("1700-01-01T00:00:00Z"));
}

TEST(Timestamp, AnythingElseIsRefused) {
  for (const char* text :
       {"", "now", "2026", "2026-01-31", "2026-01-31T12:00:00", "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z",
        "2026-01-31T12:00:61Z", "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00+1:00",
        "2026-01-31T12:00:00Zx", "-026-01-31T12:00:00Z", "2026/01/31T12:00:00Z",
        "2026-01-31T12:00:00+01:00x", "1769860800"}) {
    EXPECT_FALSE(parse_timestamp(text).ok()) << text;
  }
}

}  // namespace
}  // namespace keyferry
