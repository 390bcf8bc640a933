#include "identity/pod_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/strings.h"

namespace keyferry {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// The clock of the tests stands at 2023-11-14T22:13:20Z.
constexpr const char* kTwo =
    R"({"vault":{"token":"jwt-vault","expirationTimestamp":"2023-11-14T22:23:20Z"},)"
    R"("":{"token":"jwt-own","expirationTimestamp":"2023-11-14T23:13:20Z"}})";

class PodTokensTest : public ::testing::Test {
 protected:
  std::string refusal(const std::string& audience) {
    const auto token = tokens.token(audience);
    return token.ok() ? "" : token.error().message();
  }
  FakeClock clock;
  PodTokens tokens{clock};
};

TEST_F(PodTokensTest, EachAudienceHasItsOwn) {
  ASSERT_TRUE(tokens.replace(Secret(kTwo)).ok());
  EXPECT_EQ(tokens.token("vault")->expose(), "jwt-vault");
  EXPECT_EQ(tokens.token("")->expose(), "jwt-own");
}

TEST_F(PodTokensTest, OneThatIsMissingIsToldWithWhatIsThere) {
  EXPECT_THAT(refusal("vault"), HasSubstr("it gave none at all"));
  ASSERT_TRUE(tokens.replace(Secret(kTwo)).ok());
  EXPECT_THAT(refusal("sts.amazonaws.com"),
              AllOf(HasSubstr("it gave '', 'vault'"), HasSubstr("spec.tokenRequests"),
                    Not(HasSubstr("jwt"))));
}

TEST_F(PodTokensTest, OneThatHasEndedIsNotGiven) {
  ASSERT_TRUE(tokens.replace(Secret(kTwo)).ok());
  clock.tick(std::chrono::minutes(11));
  EXPECT_THAT(refusal("vault"), HasSubstr("ended 60 s ago"));
  EXPECT_EQ(tokens.token("vault").error().code(), ErrorCode::kUnauthenticated);
}

TEST_F(PodTokensTest, ATextThatIsNoneLeavesThoseHeld) {
  ASSERT_TRUE(tokens.replace(Secret(kTwo)).ok());
  for (const char* text :
       {"", "[]", "null", R"({"vault":{}})", R"({"vault":{"token":7}})", R"({"vault":"jwt"})",
        R"({"vault":{"token":"hunter2","expirationTimestamp":"soon"}})"}) {
    const Status replaced = tokens.replace(Secret(text));
    ASSERT_FALSE(replaced.ok()) << text;
    EXPECT_EQ(replaced.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(replaced.error().message(),
                AllOf(HasSubstr("the pod's tokens"), Not(HasSubstr("hunter2"))));
  }
  EXPECT_EQ(tokens.token("vault")->expose(), "jwt-vault");
}

}  // namespace
}  // namespace keyferry
