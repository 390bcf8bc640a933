#include "rpc/grpc_wire.h"

#include <gtest/gtest.h>

#include <string>

#include "base/strings.h"

namespace keyferry::rpc {
namespace {

using namespace std::chrono_literals;

TEST(GrpcWire, EveryCodeHasItsNumberAndComesBack) {
  for (int number = 1; number <= 16; ++number) {
    EXPECT_EQ(status_number(code_of_status(number)), number);
  }
  EXPECT_EQ(status_number(ErrorCode::kUnavailable), 14);
  EXPECT_EQ(code_of_status(0), ErrorCode::kUnknown);
  EXPECT_EQ(code_of_status(17), ErrorCode::kUnknown);
  EXPECT_EQ(code_of_status(-1), ErrorCode::kUnknown);
}

TEST(GrpcWire, AnHttpStatusAloneIsReadAsTheProtocolSays) {
  EXPECT_EQ(code_of_http_status(404), ErrorCode::kUnimplemented);
  EXPECT_EQ(code_of_http_status(503), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of_http_status(418), ErrorCode::kUnknown);
}

TEST(GrpcWire, AMessageIsFramedByFlagAndLength) {
  EXPECT_EQ(framed("abc").expose(), std::string_view("\0\0\0\0\3abc", 8));
  EXPECT_EQ(framed(std::string(70'000, 'x')).expose().substr(0, 5),
            std::string_view("\0\0\1\x11\x70", 5));
  EXPECT_EQ(unframed(framed("abc"))->expose(), "abc");
  EXPECT_EQ(unframed(framed(""))->expose(), "");
}

TEST(GrpcWire, WhatIsNotOneWholePlainMessageIsRefused) {
  const auto code = [](std::string_view bytes) { return unframed(Secret(bytes)).error().code(); };
  EXPECT_EQ(code(std::string_view("\0\0\0", 3)), ErrorCode::kInternal);
  EXPECT_EQ(code(std::string_view("\0\0\0\0\4abc", 8)), ErrorCode::kInternal);
  EXPECT_EQ(code(std::string_view("\0\0\0\0\2abc", 8)), ErrorCode::kInternal);
  EXPECT_EQ(code(std::string_view("\1\0\0\0\3abc", 8)), ErrorCode::kUnimplemented);
}

TEST(GrpcWire, ATimeoutIsDigitsAndAUnit) {
  EXPECT_EQ(parse_timeout("2M"), 2min);
  EXPECT_EQ(parse_timeout("119999m"), 119'999ms);
  EXPECT_EQ(parse_timeout("0S"), 0s);
  EXPECT_EQ(parse_timeout("99999999n"), 99'999'999ns);
  EXPECT_EQ(parse_timeout("99999999H"), 8760h) << "longer than a clock can count";
  for (const char* bad : {"", "S", "1", "1s", "-1S", "+1S", "1 S", "123456789S", "1.5S", "1SS"}) {
    EXPECT_FALSE(parse_timeout(bad)) << bad;
  }
}

TEST(GrpcWire, ATimeoutIsWrittenInTheFinestUnitThatHoldsIt) {
  EXPECT_EQ(timeout_text(5ms), "5000000n");
  EXPECT_EQ(timeout_text(2min), "120000m");
  EXPECT_EQ(timeout_text(100ms + 1ns), "100001u") << "rounded up";
  EXPECT_EQ(timeout_text(-1s), "0n");
  for (const Duration left : {Duration(1ms), Duration(2min), Duration(50h)}) {
    EXPECT_EQ(parse_timeout(timeout_text(left)), left);
  }
}

TEST(GrpcWire, AStatusMessageSurvivesAHeaderLine) {
  const std::string message = "object 'a': 100% f\xC3\xBCr\nnothing";
  const std::string encoded = encode_status_message(message);
  EXPECT_EQ(encoded.find_first_of("\n\xC3"), std::string::npos);
  EXPECT_EQ(decode_status_message(encoded), message);
  EXPECT_EQ(decode_status_message("as others write it: 50%25 of %C3%BC"),
            "as others write it: 50% of \xC3\xBC");
  EXPECT_EQ(decode_status_message("broken %zz"), "broken %zz");
}

TEST(GrpcWire, AMessageThatNoHeaderTakesIsCutBetweenCharacters) {
  std::string message;
  while (message.size() < 20'000) message += "\xC3\xBC";
  const std::string encoded = encode_status_message(message);
  EXPECT_LE(encoded.size(), 6003U);
  EXPECT_GT(encoded.size(), 5000U);
  EXPECT_TRUE(encoded.ends_with("%C3%BC...")) << encoded.substr(encoded.size() - 12);
}

}  // namespace
}  // namespace keyferry::rpc
