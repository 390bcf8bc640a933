// What every store makes of a server, or a way to it, that is in trouble.
#include <gmock/gmock.h>

#include "base/strings.h"
#include "conformance.h"

namespace keyferry::conformance {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class Trouble : public Conformance {
 protected:
  void SetUp() override {
    fixture_->put("trouble", {{"key", "value"}});
    spc = fixture_->class_of({{"a", "trouble", "key", ""}});
    ASSERT_EQ(outcome(), "value") << "the login is over";
  }
  // The only object's contents, or why there are none.
  Result<std::string> fetched(Duration within = 30s) {
    auto result = fetch(spc, fixture_->pod(), within);
    if (!result.ok()) return std::move(result).error();
    auto& file = result->objects.at(0).file;
    if (!file.ok()) return file.error();
    return std::string(file->contents.expose());
  }
  std::string outcome() {
    const auto contents = fetched();
    return contents.ok() ? *contents : contents.error().message();
  }
  manifest::SecretProviderClass spc;
};
INSTANTIATE_TEST_SUITE_P(Stores, Trouble, testing::ValuesIn(store_lines()), provider_of);

TEST_P(Trouble, AServerThatIsBusyForAMomentIsAskedAgainWhenItSays) {
  way_.answer(1, 429, "", {{"Retry-After", "0"}});
  EXPECT_EQ(outcome(), "value");
  way_.answer(2, 503, "", {{"Retry-After", "0"}});
  EXPECT_EQ(outcome(), "value");
}

TEST_P(Trouble, AServerThatIsBusyForLongIsNotWaitedForButItsWordIsPassedOn) {
  const int before = way_.requests();
  way_.answer(1, 429, "", {{"Retry-After", "600"}});
  const auto refused = fetched();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_EQ(refused.error().retry_after(), 10min);
  EXPECT_THAT(refused.error().message(), HasSubstr("; "));
  EXPECT_EQ(way_.requests(), before + 1);
  EXPECT_EQ(outcome(), "value") << "nothing is left of it";
}

TEST_P(Trouble, AConnectionThatIsCutIsTriedAgain) {
  way_.fail(1, Error(ErrorCode::kUnavailable, "connection reset"));
  EXPECT_EQ(outcome(), "value");
}

TEST_P(Trouble, AServerThatIsBrokenIsNamedWithItsStatus) {
  way_.answer(100, 500, "");
  const auto refused = fetched();
  way_.answer(0, 0, "");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message(), HasSubstr("HTTP 500"));
  EXPECT_THAT(refused.error().message(), HasSubstr("; "));
}

TEST_P(Trouble, NothingOfGarbageIsTakenOrQuoted) {
  for (const char* garbage : {"<html>s3cr3t-garbage</html>", "{\"s3cr3t-garbage", "", "[]", "null",
                              "{\"s3cr3t-garbage\":1}"}) {
    way_.answer(1, 200, garbage);
    const auto refused = fetched();
    ASSERT_FALSE(refused.ok()) << garbage;
    EXPECT_THAT(refused.error().message(), Not(HasSubstr("s3cr3t"))) << garbage;
  }
  EXPECT_EQ(outcome(), "value");
}

TEST_P(Trouble, AnAnswerThatIsTooLargeSaysSo) {
  const int before = way_.requests();
  way_.fail(1, Error(ErrorCode::kOutOfRange, "the answer is larger than 8 MiB"));
  const auto refused = fetched();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kOutOfRange);
  EXPECT_THAT(refused.error().message(), HasSubstr("larger than"));
  EXPECT_EQ(way_.requests(), before + 1) << "it will not be smaller at the next try";
}

TEST_P(Trouble, ASlowServerIsGivenUpAtTheDeadline) {
  way_.fail(100, Error(ErrorCode::kDeadlineExceeded, "no whole answer in time"));
  const auto refused = fetched();
  way_.answer(0, 0, "");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kDeadlineExceeded);
}

TEST_P(Trouble, CredentialsThatAServerRepeatsAreNotTold) {
  way_.repeat_what_is_sent(100);
  const std::string said = outcome();
  way_.answer(0, 0, "");
  ASSERT_FALSE(way_.repeated().empty());
  for (const std::string& secret : way_.repeated()) EXPECT_THAT(said, Not(HasSubstr(secret)));
}

}  // namespace
}  // namespace keyferry::conformance
