#include "formats/json.h"

#include <gtest/gtest.h>

#include <limits>

namespace keyferry {
namespace {

using namespace std::string_view_literals;

// What was read, printed again; "? message" when it was refused.
std::string reprinted(std::string_view text) {
  const auto json = parse_json(text);
  return json.ok() ? to_text(*json) : "? " + json.error().message();
}

TEST(JsonParse, WhatRfc8259AllowsIsRead) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"null", "null"},
      {"true", "true"},
      {" false\t\r\n", "false"},
      {R"("")", R"("")"},
      {"[]", "[]"},
      {"{}", "{}"},
      {"[ 1 , [ ] , { } ]", "[1,[],{}]"},
      {R"({"b":1,"a":{"d":[null],"c":""}})", R"({"a":{"c":"","d":[null]},"b":1})"},
      {R"({"":0})", R"({"":0})"},
      {R"("\"\\\/\b\f\n\r\t")", R"("\"\\/\u0008\u000c\n\r\t")"},
      {R"("\u0041\u00e9\u20ac")", R"("Aé€")"},
      {R"("\ud83d\uDE00")", R"("😀")"},
      {R"("\u0000")", R"("\u0000")"},
      {"\"\x7F\"", "\"\x7F\""},
      {"\"\u2028\"", "\"\u2028\""},
      {"\xEF\xBB\xBF[]", "[]"},
  };
  for (const auto& [text, answer] : cases) EXPECT_EQ(reprinted(text), answer) << text;
}

TEST(JsonParse, NumbersKeepTheirText) {
  for (const std::string_view text :
       {"0", "-0", "-1", "1.0", "1.50", "-0.0", "1e5", "1E+05", "1e-7", "0.1", "9007199254740993",
        "9223372036854775807", "-9223372036854775808", "18446744073709551615",
        "18446744073709551616", "123456789012345678901234567890", "3.14159265358979323846264338"}) {
    EXPECT_EQ(reprinted(text), text);
  }
}

TEST(JsonParse, WhatRfc8259ForbidsIsRefused) {
  const std::string_view cases[] = {
      ""sv,
      " "sv,
      "nul"sv,
      "True"sv,
      "NaN"sv,
      "Infinity"sv,
      "+1"sv,
      "01"sv,
      "-"sv,
      "1."sv,
      ".5"sv,
      "1e"sv,
      "0x10"sv,
      "1 2"sv,
      "[] []"sv,
      "[1,]"sv,
      "[,1]"sv,
      "[1"sv,
      "]"sv,
      "[1 2]"sv,
      "{"sv,
      R"({"a"})"sv,
      R"({"a":})"sv,
      R"({"a":1,})"sv,
      R"({a:1})"sv,
      R"({1:1})"sv,
      R"({'a':1})"sv,
      R"("a)"sv,
      R"("\x41")"sv,
      R"("\u12")"sv,
      R"("\ud83d")"sv,
      R"("\ud83dx")"sv,
      R"("\ude00")"sv,
      "\"a\nb\""sv,
      "\"a\tb\""sv,
      "\"\0\""sv,
      "null\0"sv,
      "\"\xFF\""sv,
      "\"\xC0\x80\""sv,
      "\"\xED\xA0\x80\""sv,
      "// x\n1"sv,
      "/* x */ 1"sv,
      "[1]x"sv,
      "\xEF\xBB[]"sv,
      "{\"a\":1 \"b\":2}"sv,
  };
  for (const std::string_view text : cases) {
    const auto json = parse_json(text);
    ASSERT_FALSE(json.ok()) << text;
    EXPECT_EQ(json.error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST(JsonParse, AnErrorNamesTheByteAndNeverQuotesTheText) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "? not valid JSON at byte 1"},
      {R"({"password":"hunter2",})", "? not valid JSON at byte 23"},
      {R"({"password":hunter2})", "? not valid JSON at byte 13"},
      {R"(["hunter2)", "? not valid JSON at byte 10"},
      {R"("hunter2" "again")", "? not valid JSON at byte 11"},
      {"\"hunter2\xFF\"", "? not valid JSON at byte 9"},
  };
  for (const auto& [text, answer] : cases) {
    EXPECT_EQ(reprinted(text), answer) << text;
  }
}

TEST(JsonParse, ANumberTooLargeForAnyReaderIsRefused) {
  EXPECT_EQ(reprinted("1e400"), "? not valid JSON at byte 1");
  EXPECT_EQ(reprinted("[-1e999]"), "? not valid JSON at byte 2");
}

TEST(JsonParse, SixtyFourLevelsAreReadAndNoMore) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(reprinted(nested(64)), nested(64));
  EXPECT_EQ(reprinted(nested(65)), "? JSON nested deeper than 64 levels");
  EXPECT_EQ(reprinted(std::string(1'000'000, '[')), "? JSON nested deeper than 64 levels");
  std::string objects;
  for (int i = 0; i < 65; ++i) objects += R"({"a":)";
  EXPECT_EQ(reprinted(objects), "? JSON nested deeper than 64 levels");
}

TEST(JsonParse, OfTwoEqualKeysTheLastWins) {
  EXPECT_EQ(reprinted(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
  EXPECT_EQ(reprinted(R"({"a":{"x":1},"\u0061":{"y":1}})"), R"({"a":{"y":1}})");
}

TEST(JsonValue, EachReaderGivesNothingForAnotherType) {
  const Json values[] = {Json(), true, 7, "text", Json::Array{1}, Json::Object{{"a", 1}}};
  constexpr std::string_view kNames[] = {"null",     "true or false", "a number",
                                         "a string", "an array",      "an object"};
  for (std::size_t i = 0; i < std::size(values); ++i) {
    const Json& value = values[i];
    EXPECT_EQ(value.type_name(), kNames[i]);
    EXPECT_EQ(value.is_null(), i == 0) << kNames[i];
    EXPECT_EQ(value.as_bool() != nullptr, i == 1) << kNames[i];
    EXPECT_EQ(value.as_number() != nullptr, i == 2) << kNames[i];
    EXPECT_EQ(value.as_int().has_value(), i == 2) << kNames[i];
    EXPECT_EQ(value.as_string() != nullptr, i == 3) << kNames[i];
    EXPECT_EQ(value.as_array() != nullptr, i == 4) << kNames[i];
    EXPECT_EQ(value.as_object() != nullptr, i == 5) << kNames[i];
    EXPECT_EQ(value.find("a") != nullptr, i == 5) << kNames[i];
    EXPECT_EQ(value.text_of("a"), "") << kNames[i];
  }
}

TEST(JsonValue, AWholeNumberIsReadWhenItFits) {
  const std::pair<std::string_view, std::optional<std::int64_t>> cases[] = {
      {"0", 0},
      {"-0", 0},
      {"-42", -42},
      {"9223372036854775807", 9223372036854775807},
      {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
      {"9223372036854775808", std::nullopt},
      {"1.0", std::nullopt},
      {"1e2", std::nullopt},
  };
  for (const auto& [text, number] : cases) EXPECT_EQ(parse_json(text)->as_int(), number) << text;
  EXPECT_EQ(Json("7").as_int(), std::nullopt) << "a string is no number";
}

TEST(JsonValue, MembersAreFoundByName) {
  const auto json = parse_json(R"({"name":"shop","count":2,"none":null})");
  EXPECT_EQ(json->text_of("name"), "shop");
  EXPECT_EQ(json->text_of("count"), "");
  EXPECT_EQ(json->text_of("absent"), "");
  ASSERT_NE(json->find("none"), nullptr);
  EXPECT_TRUE(json->find("none")->is_null());
  EXPECT_EQ(json->find("absent"), nullptr);
}

TEST(JsonValue, SettingAMemberMakesAnObjectOfAnything) {
  Json value = 7;
  value.set("b", "2").set("a", Json::Array{true, Json()}).set("b", 3);
  EXPECT_EQ(to_text(value), R"({"a":[true,null],"b":3})");
}

TEST(JsonPrint, MinimalEscapesLeaveHtmlAlone) {
  EXPECT_EQ(to_text(Json("<a href=\"x\">&\u2028\u2029</a>")),
            "\"<a href=\\\"x\\\">&\u2028\u2029</a>\"");
}

// As Go's encoding/json writes by default.
TEST(JsonPrint, HtmlSafeEscapesAreThoseOfGo) {
  const Json value = Json::Object{{"<k&>", "a<b>&c\u2028\u2029\\<"}};
  EXPECT_EQ(to_text(value, JsonEscapes::kHtmlSafe),
            R"({"\u003ck\u0026\u003e":"a\u003cb\u003e\u0026c\u2028\u2029\\\u003c"})");
  EXPECT_EQ(*parse_json(to_text(value, JsonEscapes::kHtmlSafe)), value);
}

TEST(JsonPrint, IndentedIsAsGoIndents) {
  const auto json = parse_json(R"({"b":[1,{"c":[]}],"a":{},"d":"x"})");
  EXPECT_EQ(to_text(*json, JsonEscapes::kMinimal, JsonLayout::kIndented), R"({
  "a": {},
  "b": [
    1,
    {
      "c": []
    }
  ],
  "d": "x"
})");
}

TEST(JsonPrint, TextThatIsNotUtf8IsMadeUtf8) { EXPECT_EQ(to_text(Json("a\xFFz")), "\"a\uFFFDz\""); }

}  // namespace
}  // namespace keyferry
