#include "base/doubling_prune.h"

#include <gtest/gtest.h>

namespace keyferry {
namespace {

// Looking through the whole table at each insertion made a thousand of them a million steps.
TEST(DoublingPrune, WhatHasEndedGoesAndAnInsertionStaysCheap) {
  std::map<int, bool> table;  // number → whether it lives
  DoublingPrune prune;
  int looked_at = 0;
  const auto has_ended = [&](const auto& entry) {
    ++looked_at;
    return !entry.second;
  };
  for (int i = 0; i < 1000; ++i) {
    prune.before_insertion(table, has_ended);
    table[i] = i % 2 == 0;
  }
  EXPECT_LT(looked_at, 3000);
  EXPECT_LT(table.size(), 800U);
  for (int i = 0; i < 1000; i += 2) EXPECT_TRUE(table.contains(i)) << i;
}

}  // namespace
}  // namespace keyferry
