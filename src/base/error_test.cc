#include "base/error.h"

#include <gtest/gtest.h>

#include <set>

namespace keyferry {
namespace {

using std::chrono::milliseconds;

// The numbers are those of gRPC: they go over the wire.
TEST(Error, CodesHaveTheCanonicalNumbersAndNames) {
  struct {
    ErrorCode code;
    int number;
    std::string_view name;
  } const cases[] = {
      {ErrorCode::kCancelled, 1, "cancelled"},
      {ErrorCode::kUnknown, 2, "unknown"},
      {ErrorCode::kInvalidArgument, 3, "invalid_argument"},
      {ErrorCode::kDeadlineExceeded, 4, "deadline_exceeded"},
      {ErrorCode::kNotFound, 5, "not_found"},
      {ErrorCode::kAlreadyExists, 6, "already_exists"},
      {ErrorCode::kPermissionDenied, 7, "permission_denied"},
      {ErrorCode::kResourceExhausted, 8, "resource_exhausted"},
      {ErrorCode::kFailedPrecondition, 9, "failed_precondition"},
      {ErrorCode::kAborted, 10, "aborted"},
      {ErrorCode::kOutOfRange, 11, "out_of_range"},
      {ErrorCode::kUnimplemented, 12, "unimplemented"},
      {ErrorCode::kInternal, 13, "internal"},
      {ErrorCode::kUnavailable, 14, "unavailable"},
      {ErrorCode::kDataLoss, 15, "data_loss"},
      {ErrorCode::kUnauthenticated, 16, "unauthenticated"},
  };
  std::set<std::string_view> names;
  for (const auto& [code, number, name] : cases) {
    EXPECT_EQ(static_cast<int>(code), number) << name;
    EXPECT_EQ(name_of(code), name);
    names.insert(name_of(code));
  }
  EXPECT_EQ(names.size(), 16U);
}

TEST(Error, ContextIsAddedOutermostFirst) {
  const Error inner(ErrorCode::kUnavailable, "connection refused");
  const Error outer = inner.with_context("vault login").with_context("mount shop/web-0");
  EXPECT_EQ(outer.message(), "mount shop/web-0: vault login: connection refused");
  EXPECT_EQ(outer.code(), ErrorCode::kUnavailable);
  EXPECT_EQ(inner.message(), "connection refused") << "the inner error is left as it was";
}

TEST(Error, ContextKeepsHowLongToWait) {
  Error busy(ErrorCode::kResourceExhausted, "slow down");
  EXPECT_EQ(busy.retry_after(), std::nullopt);
  busy.set_retry_after(milliseconds(1500));
  EXPECT_EQ(busy.with_context("read").retry_after(), milliseconds(1500));
  EXPECT_EQ(Error(busy).with_context("read").retry_after(), milliseconds(1500));
}

TEST(Error, ErrorsAreEqualWhenAllTheirPartsAre) {
  const Error error(ErrorCode::kAborted, "gone");
  EXPECT_EQ(error, Error(ErrorCode::kAborted, "gone"));
  EXPECT_NE(error, Error(ErrorCode::kInternal, "gone"));
  EXPECT_NE(error, Error(ErrorCode::kAborted, "lost"));
  EXPECT_NE(error, Error(error).set_retry_after(milliseconds(1)));
}

}  // namespace
}  // namespace keyferry
