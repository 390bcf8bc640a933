#include "base/duration.h"

#include <gtest/gtest.h>

namespace keyferry {
namespace {

TEST(Duration, ANumberAndAUnitIsRead) {
  const std::pair<std::string_view, std::int64_t> cases[] = {
      {"1ms", 1},
      {"500ms", 500},
      {"2s", 2'000},
      {"5m", 300'000},
      {"1h", 3'600'000},
      {"007s", 7'000},
      {"8784h", 31'622'400'000},
      {"31622400s", 31'622'400'000},
  };
  for (const auto& [text, milliseconds] : cases) {
    const auto read = duration_of(text);
    ASSERT_TRUE(read.ok()) << text;
    EXPECT_EQ(read->count(), milliseconds) << text;
  }
}

TEST(Duration, AnythingElseIsRefusedNamingIt) {
  for (const std::string_view text : {"",
                                      "5",
                                      "s",
                                      "0s",
                                      "-5s",
                                      "+5s",
                                      "1.5h",
                                      "5 s",
                                      " 5s",
                                      "5s ",
                                      "5S",
                                      "5min",
                                      "5d",
                                      "1h30m",
                                      "8785h",
                                      "31622401s",
                                      "9223372036854775807h",
                                      "99999999999999999999s",
                                      "0x5s",
                                      "fünf"}) {
    const auto read = duration_of(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(read.error().message(), "'" + std::string(text) +
                                          "' is not a duration; write a number and ms, s, m or h, "
                                          "such as 2m");
  }
}

}  // namespace
}  // namespace keyferry
