#include "dev/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keyferry::dev {
namespace {

using ::testing::HasSubstr;

TEST(Policy, HclAndJsonSayTheSame) {
  const Policy expected = {{"secret/data/shop", {Capability::kRead, Capability::kList}},
                           {"secret/*", {Capability::kDeny}}};
  const auto hcl = parse_policy(R"(
    # who may read
    path "secret/data/shop" { capabilities = ["read", "list"] }  // and no more
    path "secret/*" {
      capabilities = ["deny",]
    })");
  ASSERT_TRUE(hcl.ok()) << hcl.error().message();
  EXPECT_EQ(*hcl, expected);
  const auto json = parse_policy(
      R"({"path":{"secret/data/shop":{"capabilities":["read","list"]},
                  "secret/*":{"capabilities":["deny"]}}})");
  ASSERT_TRUE(json.ok());
  EXPECT_THAT(*json, testing::UnorderedElementsAreArray(expected));
  EXPECT_TRUE(parse_policy("")->empty());
  EXPECT_TRUE(parse_policy("# nothing")->empty());
}

TEST(Policy, WhatIsWrongIsSaidWithItsPlace) {
  const std::pair<const char*, const char*> rows[] = {
      {"paths \"a\" {}", "expected \" at byte 4"},
      {"path a", "expected \" at byte 5"},
      {"path \"a", "string without end at byte 6"},
      {"path \"a\" capabilities", "expected { at byte 9"},
      {"path \"a\" { capability = [] }", "expected capabilities"},
      {"path \"a\" { capabilities [] }", "expected ="},
      {"path \"a\" { capabilities = \"read\" }", "expected ["},
      {"path \"a\" { capabilities = [\"reed\"] }", "unknown capability 'reed'"},
      {"path \"a\" { capabilities = [\"read\"", "expected \""},
      {"{\"paths\":{}}", "expected an object 'path'"},
      {"{\"path\":{\"a\":{}}}", "path 'a' needs an array 'capabilities'"},
      {"{\"path\":{\"a\":{\"capabilities\":[7]}}}", "unknown capability ''"},
      {"{", "byte"},
  };
  for (const auto& [text, words] : rows) {
    const auto policy = parse_policy(text);
    ASSERT_FALSE(policy.ok()) << text;
    EXPECT_EQ(policy.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(policy.error().message(), HasSubstr(words)) << text;
  }
}

TEST(Policy, EveryCapabilityHasItsWord) {
  for (const char* word : {"create", "read", "update", "patch", "delete", "list", "sudo", "deny"}) {
    EXPECT_TRUE(capability_of(word).ok()) << word;
  }
  EXPECT_FALSE(capability_of("Read").ok());
}

TEST(Policy, TheNearestRuleDecides) {
  const Policy shop = {{"secret/*", {Capability::kRead}},
                       {"secret/data/*", {Capability::kList}},
                       {"secret/data/shop", {Capability::kUpdate}},
                       {"secret/data/shop*", {Capability::kDelete}}};
  const std::tuple<const char*, Capability, bool> rows[] = {
      {"secret/other", Capability::kRead, true},
      {"secret/data/cafe", Capability::kList, true},
      {"secret/data/cafe", Capability::kRead, false},  // the longer prefix replaces the shorter
      {"secret/data/shop", Capability::kUpdate, true},
      {"secret/data/shop", Capability::kDelete, false},  // the exact path before any prefix
      {"secret/data/shops", Capability::kDelete, true},
      {"secrets", Capability::kRead, false},
      {"", Capability::kRead, false},
  };
  for (const auto& [path, wanted, allowed] : rows) {
    EXPECT_EQ(allows({shop}, path, wanted), allowed) << path;
  }
}

TEST(Policy, EqualPathsAddUpButDenyWins) {
  const Policy reads = {{"a", {Capability::kRead}}};
  const Policy updates = {{"a", {Capability::kUpdate}}};
  const Policy denies = {{"a", {Capability::kDeny}}};
  EXPECT_TRUE(allows({reads, updates}, "a", Capability::kRead));
  EXPECT_TRUE(allows({reads, updates}, "a", Capability::kUpdate));
  EXPECT_FALSE(allows({reads, denies}, "a", Capability::kRead));
  EXPECT_FALSE(allows({denies, reads}, "a", Capability::kRead));
  EXPECT_FALSE(allows({}, "a", Capability::kRead));
}

}  // namespace
}  // namespace keyferry::dev
