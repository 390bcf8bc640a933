#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace keyferry {
namespace {

const Error kRefused(ErrorCode::kPermissionDenied, "refused");

Result<int> half_of(int number) {
  if (number % 2 != 0) return Error(ErrorCode::kInvalidArgument, "odd");
  return number / 2;
}

Result<std::string> quarter_in_words(int number, int& steps) {
  ++steps;
  KF_ASSIGN(const int half, half_of(number));
  ++steps;
  KF_ASSIGN(const int quarter, half_of(half));
  ++steps;
  return std::to_string(quarter);
}

Status both(const Status& first, const Status& second, int& steps) {
  KF_TRY(Status(first));
  ++steps;
  KF_TRY(Status(second));
  ++steps;
  return {};
}

Status no_value_needed(int number) {
  KF_TRY(half_of(number));
  return {};
}

TEST(Result, AValueIsOk) {
  Result<std::string> result = std::string("here");
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(static_cast<bool>(result));
  EXPECT_EQ(*result, "here");
  EXPECT_EQ(result->size(), 4U);
  result.value() += "!";
  EXPECT_EQ(result.value(), "here!");
}

TEST(Result, AnErrorIsNotOkAndKeepsCodeAndMessage) {
  const Result<std::string> result = kRefused;
  EXPECT_FALSE(result.ok());
  EXPECT_FALSE(static_cast<bool>(result));
  EXPECT_EQ(result.error(), kRefused);
}

TEST(Result, AValueThatCannotBeCopiedIsMovedOut) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> owned = std::move(result).value();
  EXPECT_EQ(*owned, 7);
}

// A reference into the temporary would be dead in the first round of the loop.
TEST(Result, WalkingOverTheValueOfATemporaryIsSafe) {
  const auto make = [] { return Result(std::vector<std::string>{"a", "b"}); };
  std::string seen;
  for (const std::string& item : make().value()) seen += item;
  for (const std::string& item : *make()) seen += item;
  EXPECT_EQ(seen, "abab");
}

TEST(Result, AResultOfAnErrorTypeIsStillAValueOrAnError) {
  const Result<std::string> empty = std::string();
  EXPECT_TRUE(empty.ok()) << "an empty value is a value";
}

struct Place {
  int line;
};

Result<int, Place> line_of(int number) {
  if (number < 0) return Place{7};
  return number;
}

Result<int, Place> next_line_of(int number) {
  KF_ASSIGN(const int line, line_of(number));
  return line + 1;
}

TEST(Result, ARoomMayHaveErrorsOfItsOwnType) {
  EXPECT_EQ(*next_line_of(1), 2);
  EXPECT_EQ(next_line_of(-1).error().line, 7);
}

TEST(Result, ContextGoesInFrontOfAnErrorAndLeavesAValueAlone) {
  EXPECT_EQ(half_of(1).with_context("number").error().message(), "number: odd");
  EXPECT_EQ(*half_of(4).with_context("number"), 2);
  EXPECT_EQ(Status(kRefused).with_context("login").error().message(), "login: refused");
  EXPECT_TRUE(Status().with_context("login").ok());
}

TEST(Result, AssignGoesOnWithTheValueAndLeavesWithTheFirstError) {
  struct {
    int number;
    std::string answer;
    int steps;
  } const cases[] = {{8, "2", 3}, {6, "odd", 2}, {5, "odd", 1}};
  for (const auto& [number, answer, steps] : cases) {
    int taken = 0;
    const auto result = quarter_in_words(number, taken);
    EXPECT_EQ(result.ok() ? *result : result.error().message(), answer) << number;
    EXPECT_EQ(taken, steps) << number;
  }
}

TEST(Result, TryLeavesWithTheFirstError) {
  int steps = 0;
  EXPECT_TRUE(both({}, {}, steps).ok());
  EXPECT_EQ(steps, 2);
  steps = 0;
  EXPECT_EQ(both(kRefused, {}, steps).error(), kRefused);
  EXPECT_EQ(steps, 0);
  EXPECT_EQ(both({}, kRefused, steps).error(), kRefused);
  EXPECT_EQ(steps, 1);
}

TEST(Result, TryTakesAResultWhoseValueIsNotWanted) {
  EXPECT_TRUE(no_value_needed(2).ok());
  EXPECT_EQ(no_value_needed(3).error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace keyferry
