#include "kube/token_bucket.h"

#include <gtest/gtest.h>

namespace keyferry::kube {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kStart{1h};

TEST(TokenBucket, ABurstIsFreeAndThenTheRateHolds) {
  TokenBucket bucket(10, 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.take(kStart), Duration::zero());
  EXPECT_EQ(bucket.take(kStart), 100ms);
  EXPECT_EQ(bucket.take(kStart), 200ms);
  EXPECT_EQ(bucket.take(kStart + 200ms), 100ms);
  EXPECT_EQ(bucket.take(kStart + 1h), Duration::zero());
}

TEST(TokenBucket, WhatIsNotThereIsNotTaken) {
  TokenBucket bucket(1, 2);
  EXPECT_TRUE(bucket.try_take(kStart));
  EXPECT_TRUE(bucket.try_take(kStart));
  EXPECT_FALSE(bucket.try_take(kStart + 999ms));
  EXPECT_TRUE(bucket.try_take(kStart + 1s));
}

TEST(TokenBucket, WhatIsGivenBackCanBeTaken) {
  TokenBucket bucket(1, 1);
  bucket.take(kStart);
  bucket.take(kStart);
  bucket.give_back();
  EXPECT_EQ(bucket.take(kStart), 1s);
}

TEST(TokenBucket, WithoutARateThereIsNoLimit) {
  TokenBucket bucket(0, 0);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(bucket.take(kStart), Duration::zero());
  EXPECT_TRUE(bucket.try_take(kStart));
}

}  // namespace
}  // namespace keyferry::kube
