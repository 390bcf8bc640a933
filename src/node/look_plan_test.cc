#include "node/look_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keyferry::node {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LookPlanTest : public ::testing::Test {
 protected:
  std::vector<std::string> due(Duration after) {
    std::vector<std::string> names;
    for (const auto& each : plan.take_due(begin + after)) names.push_back(each.group);
    return names;
  }

  const SteadyTime begin = SteadyTime(1h);
  LookPlan plan{{2min, 0.0, 1s, 5min}, [] { return 1.0; }};
};

TEST_F(LookPlanTest, AGroupIsLookedAtOnceForAllItsVolumes) {
  plan.join("v1", "g", begin, std::nullopt);
  plan.join("v2", "g", begin + 1min, std::nullopt);
  EXPECT_EQ(plan.next(), begin + 2min);
  EXPECT_THAT(due(119s), IsEmpty());
  const auto taken = plan.take_due(begin + 2min);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_THAT(taken[0].volumes, ElementsAre("v1", "v2"));
  EXPECT_THAT(due(1h), IsEmpty()) << "it is being looked at";
  plan.looked("g", begin + 2min, std::nullopt);
  EXPECT_EQ(plan.next_of("v2"), begin + 4min);
}

TEST_F(LookPlanTest, TheStoresWishComesBeforeThePoll) {
  plan.join("v", "g", begin, begin + 10s);
  EXPECT_THAT(due(10s), ElementsAre("g"));
  plan.looked("g", begin + 10s, begin + 15s);
  EXPECT_EQ(plan.next(), begin + 15s);
  EXPECT_THAT(due(15s), ElementsAre("g"));
  plan.looked("g", begin + 15s, std::nullopt);
  EXPECT_EQ(plan.next(), begin + 135s);
}

TEST_F(LookPlanTest, FailuresBackOffAndASuccessForgetsThem) {
  const Error down(ErrorCode::kUnavailable, "down");
  plan.join("v", "g", begin, std::nullopt);
  (void)plan.take_due(begin + 2min);
  EXPECT_EQ(plan.failed("g", begin + 2min, down), 1);
  EXPECT_EQ(plan.next(), begin + 2min + 1s);
  (void)plan.take_due(begin + 3min);
  EXPECT_EQ(plan.failed("g", begin + 3min, down), 2);
  EXPECT_EQ(plan.next(), begin + 3min + 2s);
  (void)plan.take_due(begin + 4min);
  plan.looked("g", begin + 4min, std::nullopt);
  EXPECT_EQ(plan.next(), begin + 6min);
}

TEST_F(LookPlanTest, AVolumeHasOneGroupAndTheLastOneTakesItWithIt) {
  plan.join("v", "old", begin, std::nullopt);
  plan.join("v", "new", begin, std::nullopt);
  EXPECT_THAT(due(2min), ElementsAre("new"));
  plan.leave("v");
  plan.looked("new", begin + 2min, std::nullopt);
  EXPECT_EQ(plan.next(), std::nullopt);
  plan.leave("v");
}

}  // namespace
}  // namespace keyferry::node
