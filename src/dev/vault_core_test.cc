#include "dev/vault_core.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"

namespace keyferry::dev {
namespace {

using ::testing::HasSubstr;

constexpr WallTime kNow{std::chrono::seconds(1'700'000'000)};

class VaultCoreTest : public testing::Test {
 protected:
  VaultReply ask(Operation operation, const std::string& path, std::string_view token,
                 std::string_view body = "null") {
    return core_.handle({operation, path, {}, std::string(token), *parse_json(body), now_});
  }
  // A token with these policies, made by root.
  std::string token(std::string_view members) {
    const VaultReply reply =
        ask(Operation::kWrite, "auth/token/create", "root", cat("{", members, "}"));
    return std::string(reply.body.find("auth")->text_of("client_token"));
  }
  Status seed(std::string_view json) { return core_.seed(*parse_json(json), kNow); }

  VaultCore core_{"root"};
  WallTime now_ = kNow;
};

TEST_F(VaultCoreTest, WhatATokenMayDoIsItsPolicies) {
  ASSERT_TRUE(seed(R"({"secrets":{"secret/shop":{"p":"one"}},
                       "policies":{"shop":{"secret/data/shop":["read"],"secret/data/new":["create"]},
                                   "list":{"secret/metadata/*":["list"]}}})")
                  .ok());
  const std::string shop = token(R"("policies":["shop"])");
  const std::string both = token(R"("policies":["shop","list"])");
  const std::string none = token(R"("policies":["none"])");
  constexpr const char* kBody = R"({"data":{"p":"two"}})";
  const std::tuple<Operation, const char*, std::string, const char*, int> rows[] = {
      {Operation::kRead, "secret/data/shop", shop, "null", 200},
      {Operation::kRead, "secret/data/shop", none, "null", 403},
      {Operation::kRead, "secret/data/shop", "root", "null", 200},
      {Operation::kRead, "secret/data/shop", "", "null", 403},
      {Operation::kRead, "secret/data/shop", "s.unknown", "null", 403},
      {Operation::kRead, "secret/data/other", shop, "null", 403},
      {Operation::kList, "secret/metadata", shop, "null", 403},
      {Operation::kList, "secret/metadata", both, "null", 200},
      {Operation::kWrite, "secret/data/shop", shop, kBody, 403},
      {Operation::kDelete, "secret/data/shop", shop, "null", 403},
      {Operation::kWrite, "secret/data/new", shop, kBody, 200},  // creates
      {Operation::kWrite, "secret/data/new", shop, kBody, 403},  // would update
      {Operation::kRead, "auth/token/lookup-self", none, "null", 200},
      {Operation::kRead, "nowhere/at/all", "root", "null", 404},
  };
  for (const auto& [operation, path, who, body, status] : rows) {
    EXPECT_EQ(ask(operation, path, who, body).status, status) << path << ' ' << who;
  }
}

TEST_F(VaultCoreTest, TokensEndByTimeByUseAndByHand) {
  const std::string hour = token(R"("ttl":"1h")");
  const std::string twice = token(R"("num_uses":2)");
  const std::string revoked = token("");
  const auto alive = [&](const std::string& who) {
    return ask(Operation::kRead, "auth/token/lookup-self", who).status == 200;
  };
  EXPECT_TRUE(alive(hour) && alive(revoked));
  EXPECT_TRUE(alive(twice));
  ask(Operation::kRead, "auth/token/lookup-self", twice);
  EXPECT_FALSE(alive(twice));
  EXPECT_EQ(ask(Operation::kWrite, "auth/token/revoke-self", revoked).status, 204);
  EXPECT_FALSE(alive(revoked));
  now_ += std::chrono::minutes(59);
  EXPECT_EQ(ask(Operation::kWrite, "auth/token/renew-self", hour, R"({"increment":"2h"})").status,
            200);
  now_ += std::chrono::minutes(119);
  EXPECT_TRUE(alive(hour));
  now_ += std::chrono::minutes(1);
  EXPECT_FALSE(alive(hour));
}

TEST_F(VaultCoreTest, ALoginAtAMethodThatIsNotThereIsDenied) {
  EXPECT_EQ(ask(Operation::kWrite, "auth/none/login", "", R"({"role":"r","jwt":"x"})").status, 403);
}

TEST_F(VaultCoreTest, BothEnginesAreSeeded) {
  ASSERT_TRUE(seed(R"({"mounts":{"kv1":{"version":1},"kv2":{"version":2},"kv2/deep":{}},
                       "secrets":{"kv1/a":{"p":"1"},"kv2/a":{"p":"2"},"kv2/deep/a":{"p":"3"}}})")
                  .ok());
  EXPECT_EQ(ask(Operation::kRead, "kv1/a", "root").body.find("data")->text_of("p"), "1");
  const auto second = [&](const std::string& path) {
    return std::string(
        ask(Operation::kRead, path, "root").body.find("data")->find("data")->text_of("p"));
  };
  EXPECT_EQ(second("kv2/data/a"), "2");
  EXPECT_EQ(second("kv2/deep/data/a"), "3") << "the longest mount wins";
}

TEST_F(VaultCoreTest, ASeedsWrongMemberIsNamed) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"mounts":7})", "seed: mounts: expected an object"},
      {R"({"mounts":{"kv":{"version":3}}})", "mounts.kv.version: expected 1 or 2"},
      {R"({"secrets":7})", "seed: secrets"},
      {R"({"secrets":{"nowhere/a":{}}})", "secrets.nowhere/a: expected a path inside one"},
      {R"({"secrets":{"secret/a":7}})", "secrets.secret/a: expected an object"},
      {R"({"policies":7})", "seed: policies"},
      {R"({"policies":{"p":"path"}})", "seed: policies.p: policy:"},
      {R"({"policies":{"p":{"a":["reed"]}}})", "unknown capability 'reed'"},
      {R"({"auth":7})", "seed: auth"},
      {R"({"auth":{"m":{"type":"ldap"}}})", "auth.m.type: expected kubernetes or jwt"},
      {R"({"auth":{"jwt":{"jwks_url":"https://x"}}})", "auth.jwt: expected pem_keys, no jwks_url"},
  };
  for (const auto& [json, words] : rows) {
    const Status status = VaultCore("root").seed(*parse_json(json), kNow);
    ASSERT_FALSE(status.ok()) << json;
    EXPECT_THAT(status.error().message(), HasSubstr(words));
  }
}

}  // namespace
}  // namespace keyferry::dev
