#include "dev/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keyferry::dev {
namespace {

using ::testing::HasSubstr;

TEST(Faults, WhatAFaultIsFollowsFromItsMembers) {
  const std::pair<const char*, FaultKind> rows[] = {
      {R"({"path":"/a","status":503})", FaultKind::kStatus},
      {R"({"path":"/a","delay_ms":20})", FaultKind::kDelay},
      {R"({"path":"/a"})", FaultKind::kDelay},
      {R"({"path":"/a","kind":"status"})", FaultKind::kStatus},
      {R"({"path":"/a","kind":"garbage"})", FaultKind::kGarbage},
      {R"({"path":"/a","kind":"cut"})", FaultKind::kCutBody},
      {R"({"path":"/a","kind":"cut_headers"})", FaultKind::kCutHeaders},
      {R"({"path":"/a","kind":"close"})", FaultKind::kClose},
  };
  for (const auto& [json, kind] : rows) {
    const auto fault = parse_fault(*parse_json(json));
    ASSERT_TRUE(fault.ok()) << json;
    EXPECT_EQ(fault->kind, kind) << json;
    EXPECT_EQ(fault->times, 1);
  }
  const auto fault =
      parse_fault(*parse_json(R"({"path":"/a","status":429,"retry_after":7,"times":3})"));
  EXPECT_EQ(fault->status, 429);
  EXPECT_EQ(fault->retry_after_seconds, 7);
  EXPECT_EQ(fault->times, 3);
}

TEST(Faults, WrongMembersAreNamed) {
  const std::pair<const char*, const char*> rows[] = {
      {"{}", "'path' is missing"},
      {R"({"path":"/a","kind":"earthquake"})", "unknown kind 'earthquake'"},
      {R"({"path":"/a","status":99})", "'status' must be 200 to 599"},
      {R"({"path":"/a","status":600})", "'status' must be 200 to 599"},
  };
  for (const auto& [json, words] : rows) {
    EXPECT_THAT(parse_fault(*parse_json(json)).error().message(), HasSubstr(words)) << json;
  }
}

Fault fault(std::string path, int times, int status = 500) {
  Fault fault;
  fault.path = std::move(path);
  fault.times = times;
  fault.status = status;
  return fault;
}

TEST(Faults, EachIsPlayedAsOftenAsOrdered) {
  FaultPlan plan;
  plan.add(fault("/a", 2));
  plan.add(fault("/b*", 0));
  EXPECT_TRUE(plan.take("/a").has_value());
  EXPECT_TRUE(plan.take("/a").has_value());
  EXPECT_FALSE(plan.take("/a").has_value());
  EXPECT_FALSE(plan.take("/ab").has_value()) << "without a star it is that path";
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(plan.take("/b/c").has_value()) << "0: for ever";
  plan.clear();
  EXPECT_FALSE(plan.take("/b").has_value());
}

TEST(Faults, TheyComeInTheOrderOfTheirOrdering) {
  FaultPlan plan;
  plan.add(fault("*", 1, 501));
  plan.add(fault("/a", 1, 502));
  EXPECT_EQ(plan.take("/a")->status, 501);
  EXPECT_EQ(plan.take("/a")->status, 502);
}

TEST(Faults, TheLogHoldsMethodPathAndStatusOnly) {
  RequestLog log;
  log.add("GET", "/v1/a", 200);
  EXPECT_EQ(to_text(log.to_json()),
            R"({"requests":[{"method":"GET","path":"/v1/a","status":200}]})");
  log.clear();
  EXPECT_EQ(to_text(log.to_json()), R"({"requests":[]})");
}

}  // namespace
}  // namespace keyferry::dev
