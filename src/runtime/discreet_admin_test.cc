#include "runtime/discreet_admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/fake_runtime_admin.h"

namespace keyferry::runtime {
namespace {

class DiscreetAdminTest : public testing::Test {
 protected:
  std::string said() {
    const auto reply = discreet_.call("start", {}, {});
    return cat(reply->message, " | ", reply->cause);
  }

  FakeRuntimeAdmin admin_;
  DiscreetAdmin discreet_{admin_};
  const Secret old_{"\"pw-one!\""};
  const Secret new_{"\"pw-two!\""};
};

TEST_F(DiscreetAdminTest, ARefusalQuotesNothingThatIsHidden) {
  admin_.answer("start", 1, "null", "not pw-one!", "but pw-two! for shop");
  EXPECT_EQ(said(), "not pw-one! | but pw-two! for shop");
  discreet_.hide({&new_});
  EXPECT_EQ(said(), "not pw-one! | but *** for shop");
  discreet_.hide({&old_, &new_});
  EXPECT_EQ(said(), "not *** | but *** for shop");
  discreet_.hide_only({&old_});
  EXPECT_EQ(said(), "not *** | but pw-two! for shop");
  EXPECT_EQ(discreet_.blotted("pw-one! pw-two!"), "*** pw-two!");
}

TEST_F(DiscreetAdminTest, WordsThatMayQuoteWhatNobodyKnowsAreWithheld) {
  admin_.answer("start", 1, "null", "who is", "pw-three!");
  discreet_.withhold_words(true);
  EXPECT_EQ(said(), cat(DiscreetAdmin::kWithheld, " | "));
  discreet_.withhold_words(false);
  EXPECT_EQ(said(), "who is | pw-three!");
}

TEST_F(DiscreetAdminTest, WhatIsNoRefusalComesAsItIs) {
  const Error down(ErrorCode::kUnavailable, "down");
  admin_.answer("start", down);
  admin_.answer("about", 0, R"({"version":"10"})", "fine");
  discreet_.withhold_words(true);
  EXPECT_EQ(discreet_.call("start", {}, {}).error(), down);
  const auto about = discreet_.call("about", Secret("{}"), {});
  EXPECT_EQ(about->message, "fine");
  EXPECT_EQ(about->feedback.text_of("version"), "10");
  EXPECT_EQ(admin_.calls().back(), "about {}");
}

}  // namespace
}  // namespace keyferry::runtime
