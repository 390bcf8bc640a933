#include "dev/aws/aws_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dev/aws/aws_reply.h"

namespace keyferry::dev {
namespace {

using ::testing::HasSubstr;

AwsPolicy policy_of(std::string_view statements) {
  auto policy = parse_aws_policy(Json().set("Statement", *parse_json(statements)));
  EXPECT_TRUE(policy.ok()) << policy.error().message();
  return std::move(policy).value();
}

AwsVerdict asked(const AwsPolicy& policy, std::string_view action, std::string_view resource) {
  return judge(policy, {action, resource, "", {}});
}

TEST(AwsPolicy, WildcardsStandForAnyText) {
  const std::tuple<const char*, const char*, bool> rows[] = {
      {"*", "", true},          {"a*c", "abbc", true},
      {"a*c", "abbd", false},   {"a?c", "abc", true},
      {"a?c", "ac", false},     {"*:secret:web/*", "x:secret:web/a", true},
      {"a*b*c", "aXbYc", true}, {"a*b*c", "aXcYb", false},
      {"abc", "abcd", false},
  };
  for (const auto& [pattern, text, fits] : rows) {
    EXPECT_EQ(fits_wildcards(pattern, text), fits) << pattern << ' ' << text;
  }
}

TEST(AwsPolicy, NothingIsAllowedButWhatIsAndADenyWins) {
  const AwsPolicy policy = policy_of(R"([
      {"Effect":"Allow","Action":["secretsmanager:get*"],"Resource":"arn:a*"},
      {"Effect":"Deny","Action":"*","Resource":"arn:a/private"}])");
  EXPECT_EQ(asked(policy, "secretsmanager:GetSecretValue", "arn:a/1"), AwsVerdict::kAllowed);
  EXPECT_EQ(asked(policy, "secretsmanager:PutSecretValue", "arn:a/1"), AwsVerdict::kNotAllowed);
  EXPECT_EQ(asked(policy, "secretsmanager:GetSecretValue", "arn:b"), AwsVerdict::kNotAllowed);
  EXPECT_EQ(asked(policy, "secretsmanager:GetSecretValue", "arn:a/private"), AwsVerdict::kDenied);
}

TEST(AwsPolicy, ATrustPolicyNamesWhoAndOnWhatConditions) {
  const AwsPolicy trust = policy_of(R"({"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
      "Principal":{"Federated":"arn:oidc"},
      "Condition":{"StringEquals":{"host:aud":"sts.amazonaws.com"},
                   "StringLike":{"host:sub":"system:serviceaccount:web:*"}}})");
  const auto judged = [&](const char* principal, const char* audience, const char* subject) {
    return judge(trust, {"sts:AssumeRoleWithWebIdentity",
                         "",
                         principal,
                         {{"host:aud", {"other", audience}}, {"host:sub", {subject}}}});
  };
  constexpr const char* kAudience = "sts.amazonaws.com";
  constexpr const char* kShop = "system:serviceaccount:web:shop";
  EXPECT_EQ(judged("Federated arn:oidc", kAudience, kShop), AwsVerdict::kAllowed);
  EXPECT_EQ(judged("Federated arn:other", kAudience, kShop), AwsVerdict::kNotAllowed);
  EXPECT_EQ(judged("Federated arn:oidc", "vault", kShop), AwsVerdict::kNotAllowed);
  EXPECT_EQ(judged("Federated arn:oidc", kAudience, "system:serviceaccount:b:shop"),
            AwsVerdict::kNotAllowed);
}

TEST(AwsPolicy, AConditionOnAKeyThatIsNotThereHoldsOnlyWhenNegated) {
  const AwsPolicy equal = policy_of(R"({"Effect":"Allow","Action":"*","Resource":"*",
      "Condition":{"StringEquals":{"aws:PrincipalTag/x":"1"}}})");
  const AwsPolicy unequal = policy_of(R"({"Effect":"Allow","Action":"*","Resource":"*",
      "Condition":{"StringNotEquals":{"aws:PrincipalTag/x":"1"}}})");
  EXPECT_EQ(asked(equal, "a:b", "r"), AwsVerdict::kNotAllowed);
  EXPECT_EQ(asked(unequal, "a:b", "r"), AwsVerdict::kAllowed);
}

TEST(AwsPolicy, WhatIsNotKnownIsNotPassedOver) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({})", "'Statement' is missing"},
      {R"({"Statement":[{"Effect":"Maybe"}]})", "statement 1: Effect"},
      {R"({"Statement":[{"Effect":"Allow","Resource":"*"}]})", "Action is missing"},
      {R"({"Statement":[{"Effect":"Allow","Action":"*"}]})", "Resource and Principal"},
      {R"({"Statement":[{"Effect":"Allow","NotAction":"*","Resource":"*"}]})", "'NotAction'"},
      {R"({"Statement":[{"Effect":"Allow","Action":"*","Resource":"*",
          "Condition":{"DateLessThan":{}}}]})",
       "'DateLessThan' is not known"},
  };
  for (const auto& [text, words] : rows) {
    const auto policy = parse_aws_policy(*parse_json(text));
    ASSERT_FALSE(policy.ok()) << text;
    EXPECT_THAT(policy.error().message(), HasSubstr(words));
  }
}

}  // namespace
}  // namespace keyferry::dev
