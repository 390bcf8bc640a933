#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace keyferry::log {
namespace {

using namespace std::string_view_literals;

std::string text(std::string_view event, Fields fields) {
  return render(Level::kInfo, event, fields, Format::kText);
}
std::string json(std::string_view event, Fields fields) {
  return render(Level::kInfo, event, fields, Format::kJson);
}

TEST(LogText, IsOneLineOfKeysAndValues) {
  EXPECT_EQ(text("set written", {{"files", 3}, {"generation", "..2026"}, {"changed", true}}),
            "level=info event=\"set written\" files=3 generation=..2026 changed=true");
}

TEST(LogText, AValueIsQuotedWhereItCouldBeMisread) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"plain", "plain"},
      {"a/b:c,d-e_f.g", "a/b:c,d-e_f.g"},
      {"grün", "grün"},
      {"", "\"\""},
      {"two words", "\"two words\""},
      {"a=b", "\"a=b\""},
      {"say \"hi\"", "\"say \\\"hi\\\"\""},
      {"back\\slash", "\"back\\\\slash\""},
      {"two\nlines", "\"two\\nlines\""},
      {"\r", "\"\\r\""},
      {"tab\there", "\"tab\\there\""},
      {"\xFF", "\"\xEF\xBF\xBD\""},
      {"nul\0"sv, "\"nul\\u0000\""},
  };
  for (const auto& [value, shown] : cases) {
    EXPECT_EQ(text("e", {{"k", value}}), "level=info event=\"e\" k=" + std::string(shown));
  }
}

// A terminal obeyed the colour and cursor sequences that a server had put into its answer: such
// values used to be written bare.
TEST(LogText, ControlCharactersNeverReachTheTerminal) {
  EXPECT_EQ(text("e", {{"k", "\x1B[2J"}}), "level=info event=\"e\" k=\"\\u001b[2J\"");
  EXPECT_EQ(text("\x1B[2J", {}), "level=info event=\"\\u001b[2J\"");
  EXPECT_EQ(text("e", {{"k",
                        "a\x7F"
                        "b"}}),
            "level=info event=\"e\" k=\"a\\u007fb\"");
  EXPECT_EQ(text("\xC2\x9B"
                 "2J",
                 {{"k", "\xC2\x80\xC2\xA0"}}),
            "level=info event=\"\\u009b2J\" k=\"\\u0080\xC2\xA0\"");
  EXPECT_EQ(json("\xC2\x9B", {}), "\"level\":\"info\",\"event\":\"\\u009b\"}");
}

TEST(LogJson, IsTheInsideOfOneObjectWithTypedValues) {
  EXPECT_EQ(json("set written", {{"files", -3}, {"to", "a \"b\"\n"}, {"changed", false}}),
            "\"level\":\"info\",\"event\":\"set written\",\"files\":-3,"
            "\"to\":\"a \\\"b\\\"\\n\",\"changed\":false}");
}

TEST(LogJson, BytesThatAreNotUtf8DoNotBreakTheLine) {
  EXPECT_EQ(json("\xFF", {{"k", "\xC3"}}),
            "\"level\":\"info\",\"event\":\"\xEF\xBF\xBD\",\"k\":\"\xEF\xBF\xBD\"}");
}

TEST(Log, EveryLevelHasItsNameAndIsReadBackFromIt) {
  const std::pair<std::string_view, Level> cases[] = {{"debug", Level::kDebug},
                                                      {"info", Level::kInfo},
                                                      {"warning", Level::kWarning},
                                                      {"error", Level::kError}};
  for (const auto& [name, level] : cases) {
    ASSERT_TRUE(level_of(name).ok());
    EXPECT_EQ(*level_of(name), level);
    EXPECT_EQ(render(level, "e", {}, Format::kText), "level=" + std::string(name) + " event=\"e\"");
  }
}

TEST(Log, UnknownFlagValuesAreRefusedNamingTheChoices) {
  EXPECT_EQ(level_of("warn").error(),
            Error(ErrorCode::kInvalidArgument,
                  "log level 'warn' is not one of debug, info, warning, error"));
  EXPECT_EQ(format_of("xml").error(),
            Error(ErrorCode::kInvalidArgument, "log format 'xml' is not text or json"));
  EXPECT_EQ(*format_of("text"), Format::kText);
  EXPECT_EQ(*format_of("json"), Format::kJson);
}

class Written : public testing::Test {
 protected:
  ~Written() override { set_up(Level::kInfo, Format::kText); }

  template <class Action>
  static std::string written_by(const Action& action) {
    testing::internal::CaptureStderr();
    action();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(Written, ALineInTextBeginsWithTheTimeInUtc) {
  set_up(Level::kInfo, Format::kText);
  EXPECT_THAT(written_by([] {
                info("started", {{"port", 8800}});
              }),
              testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
                                    "\\.[0-9]{3}Z level=info event=\"started\" port=8800\n"));
}

TEST_F(Written, ALineInJsonIsOneObject) {
  set_up(Level::kInfo, Format::kJson);
  EXPECT_THAT(
      written_by([] {
        error("failed", {{"reason", "{} %v %n {0}"}});
      }),
      testing::MatchesRegex("\\{\"time\":\"[0-9T:.-]+Z\",\"level\":\"error\",\"event\":\"failed\","
                            "\"reason\":\"\\{\\} %v %n \\{0\\}\"\\}\n"));
}

TEST_F(Written, OnlyLevelsAtOrAboveTheOneSet) {
  const auto all = [] {
    debug("d");
    info("i");
    warning("w");
    error("e");
  };
  const std::pair<Level, int> cases[] = {
      {Level::kDebug, 4}, {Level::kInfo, 3}, {Level::kWarning, 2}, {Level::kError, 1}};
  for (const auto& [level, lines] : cases) {
    set_up(level, Format::kText);
    const std::string output = written_by(all);
    EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), lines) << output;
    EXPECT_NE(output.find("event=\"e\""), std::string::npos);
  }
}

// Neither a fraction nor a pointer has a meaning here; both used to be logged as "true".
static_assert(std::is_constructible_v<Field, std::string_view, bool>);
static_assert(std::is_constructible_v<Field, std::string_view, std::uint64_t>);
static_assert(!std::is_constructible_v<Field, std::string_view, double>);
static_assert(!std::is_constructible_v<Field, std::string_view, int*>);

}  // namespace
}  // namespace keyferry::log
