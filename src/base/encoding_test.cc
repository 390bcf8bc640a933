#include "base/encoding.h"

#include <gtest/gtest.h>

namespace keyferry {
namespace {

using namespace std::string_view_literals;

std::string shown(const Result<Secret>& result) {
  return result.ok() ? std::string(result->expose()) : "? " + result.error().message();
}

TEST(Base64, TheVectorsOfRfc4648) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(shown(base64_decode(text)), bytes);
  }
}

TEST(Base64, EveryByteComesBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (std::size_t size = 253; size <= 256; ++size) {
    const std::string_view part = std::string_view(bytes).substr(256 - size);
    EXPECT_EQ(shown(base64_decode(base64_encode(part))), part);
    EXPECT_EQ(shown(hex_decode(hex_encode(part))), part);
  }
}

TEST(Base64, TheUrlAlphabetDiffersInTwoCharacters) {
  EXPECT_EQ(base64_encode("\xFB\xFF\xFE"), "+//+");
  EXPECT_EQ(base64url_encode("\xFB\xFF\xFE"), "-__-");
  EXPECT_EQ(base64url_encode("\xFF"), "_w==");
}

TEST(Base64, AnythingElseIsRefusedSayingWhereNeverShowingTheText) {
  constexpr std::string_view kLength = "? not base64: the length is not a multiple of 4";
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"Z", kLength},
      {"Zg", kLength},
      {"Zg=", kLength},
      {"Zg===", kLength},
      {"Zm9v\n", kLength},
      {"Zm9v Zm9", "? not base64 at byte 4"},
      {"Zm9vZm\n=", "? not base64 at byte 6"},
      {"-__-", "? not base64 at byte 0"},
      {"Zg==Zg==", "? not base64 at byte 2"},
      {"====", "? not base64 at byte 0"},
      {"Z===", "? not base64 at byte 1"},
      {"=Zg=", "? not base64 at byte 0"},
      {"Zg=v", "? not base64 at byte 2"},
      {"Zm9\0"sv, "? not base64 at byte 3"},
      {"Zm9\xC3", "? not base64 at byte 3"},
  };
  for (const auto& [text, answer] : cases) {
    const auto decoded = base64_decode(text);
    EXPECT_EQ(shown(decoded), answer) << text;
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST(Hex, TheVectorsOfRfc4648InLowerCase) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""}, {"f", "66"}, {"foobar", "666f6f626172"}, {"\x00\xAB\xFF"sv, "00abff"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(hex_encode(bytes), text);
    EXPECT_EQ(shown(hex_decode(text)), bytes);
  }
  EXPECT_EQ(shown(hex_decode("DEADbeef")), "\xDE\xAD\xBE\xEF");
}

TEST(Hex, AnythingElseIsRefused) {
  for (const std::string_view text :
       {"6"sv, "666"sv, "6g"sv, "g6"sv, "0x66"sv, "66 6"sv, "6\0"sv, "６６"sv}) {
    const auto decoded = hex_decode(text);
    ASSERT_FALSE(decoded.ok()) << text;
    EXPECT_EQ(decoded.error().code(), ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(hex_decode("66zz").error().message(), "not hex at byte 2");
  EXPECT_EQ(hex_decode("666z").error().message(), "not hex at byte 3");
}

TEST(Percent, EverythingButUnreservedCharactersIsEncoded) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},
      {"AZaz09-._~", "AZaz09-._~"},
      {"a b+c", "a%20b%2Bc"},
      {"secret/data/ü", "secret%2Fdata%2F%C3%BC"},
      {"%:@!$&'()*,;=?#[]", "%25%3A%40%21%24%26%27%28%29%2A%2C%3B%3D%3F%23%5B%5D"},
      {"\0\x7F\xFF"sv, "%00%7F%FF"},
  };
  for (const auto& [text, encoded] : cases) {
    EXPECT_EQ(percent_encode(text), encoded);
    const auto decoded = percent_decode(encoded);
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(*decoded, text);
  }
}

TEST(Percent, DecodingTakesEitherCaseAndLeavesPlusAlone) {
  EXPECT_EQ(*percent_decode("%2f%2F+/"), "//+/");
}

TEST(Percent, ABrokenEscapeIsRefused) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"%", "not a percent escape at byte 0"},      {"ab%2", "not a percent escape at byte 2"},
      {"%2G", "not a percent escape at byte 0"},    {"%%20", "not a percent escape at byte 0"},
      {"%20%+1", "not a percent escape at byte 3"},
  };
  for (const auto& [text, answer] : cases) {
    const auto decoded = percent_decode(text);
    ASSERT_FALSE(decoded.ok()) << text;
    EXPECT_EQ(decoded.error(), Error(ErrorCode::kInvalidArgument, std::string(answer)));
  }
}

// The boundaries of table 3-7 of the Unicode standard.
TEST(Utf8, WellFormedSequencesOnly) {
  const std::pair<std::string_view, bool> cases[] = {
      {"", true},
      {"plain", true},
      {"\0"sv, true},
      {"\x7F", true},
      {"\x80", false},
      {"\xBF", false},
      {"\xC0\x80", false},
      {"\xC1\xBF", false},
      {"\xC2\x80", true},
      {"\xDF\xBF", true},
      {"\xC2", false},
      {"\xC2\x41", false},
      {"\xC2\xC2\x80", false},
      {"\xE0\x9F\xBF", false},
      {"\xE0\xA0\x80", true},
      {"\xED\x9F\xBF", true},
      {"\xED\xA0\x80", false},
      {"\xED\xBF\xBF", false},
      {"\xEE\x80\x80", true},
      {"\xEF\xBF\xBF", true},
      {"\xE2\x82", false},
      {"\xE2\x82\x41", false},
      {"\xF0\x8F\xBF\xBF", false},
      {"\xF0\x90\x80\x80", true},
      {"\xF4\x8F\xBF\xBF", true},
      {"\xF4\x90\x80\x80", false},
      {"\xF0\x9F\x98", false},
      {"\xF5\x80\x80\x80", false},
      {"\xFE", false},
      {"\xFF", false},
      {"ok \xE2\x82\xAC ok", true},
      {"ok \xE2\x82\xAC \x80", false},
  };
  for (const auto& [bytes, good] : cases) {
    EXPECT_EQ(is_utf8(bytes), good) << hex_encode(bytes);
  }
}

TEST(JsonEscape, WhatRfc8259AsksForAndNoMore) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},
      {"plain / text", "plain / text"},
      {"say \"hi\"", "say \\\"hi\\\""},
      {"back\\slash", "back\\\\slash"},
      {"a\nb\rc\td", "a\\nb\\rc\\td"},
      {"\0\x01\x1B\x1F"sv, "\\u0000\\u0001\\u001b\\u001f"},
      {"\x7F", "\x7F"},
      {"grün €😀", "grün €😀"},
      {"<&>", "<&>"},
      {"\xFF", "\xEF\xBF\xBD"},
      {"a\xE2\x82z", "a\xEF\xBF\xBD\xEF\xBF\xBDz"},
  };
  for (const auto& [text, escaped] : cases) EXPECT_EQ(json_escape(text), escaped);
}

TEST(Printable, NothingIsLeftThatATerminalObeys) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},
      {"say \"grün\" \\ 😀", "say \"grün\" \\ 😀"},
      {"\x1B[2J", "\\x1b[2J"},
      {"a\nb\tc\x7F\0"sv, "a\\x0ab\\x09c\\x7f\\x00"},
      {"\xC2\x9B"
       "2J",
       "\\x9b2J"},
      {"\xC2\xA0", "\xC2\xA0"},
      {"\xFF", "\xEF\xBF\xBD"},
  };
  for (const auto& [text, printed] : cases) EXPECT_EQ(printable(text), printed);
}

TEST(Encoding, Base64UrlMayLackItsPadding) {
  EXPECT_EQ(base64url_decode("-_8")->expose(), "\xFB\xFF");
  EXPECT_EQ(base64url_decode("-_8=")->expose(), "\xFB\xFF");
  EXPECT_EQ(base64url_decode("")->expose(), "");
  for (const char* text : {"A", "+/8=", "A===", "=", "AB=", "AB C"}) {
    EXPECT_FALSE(base64url_decode(text).ok()) << text;
  }
}

}  // namespace
}  // namespace keyferry
