// The database engine, its leases and what ends by itself, on a database that only writes down what
// it is told. The real one is in tests/e2e/test_dev_database.py.
#include "dev/database/database_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/strings.h"
#include "dev/vault_face.h"

namespace keyferry::dev {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Database : public testing::Test {
 protected:
  Database() {
    auto face = VaultFace::from_seed(clock_, *parse_json(R"({"mounts":{"db":{"type":"database",
            "config":{"pg":{"plugin_name":"postgresql-database-plugin","allowed_roles":["shop","st"],
                      "username":"ad@min","password":"p/w",
                      "connection_url":"postgresql://{{username}}:{{password}}@h/d"}},
            "roles":{"shop":{"db_name":"pg","creation_statements":["make {{name}} {{password}}"],
                     "revocation_statements":["drop {{name}}"],
                     "renew_statements":"until {{expiration}}",
                     "default_ttl":"60s","max_ttl":"90s"},
                     "other":{"db_name":"pg","creation_statements":"x"}}}},
            "policies":{"db":{"db/*":["read"]}}})"),
                                     "root", [this](const SqlWork& work) -> Status {
                                       urls_.push_back(work.url);
                                       for (const auto& one : work.statements) told_.push_back(one);
                                       if (fails_)
                                         return Error(ErrorCode::kUnavailable, "no database");
                                       return {};
                                     });
    EXPECT_TRUE(face.ok()) << face.error().message();
    face_ = std::move(face).value();
  }

  Json ask(std::string_view method, std::string_view path, std::string_view body = "",
           std::string_view token = "root", int status = 200) {
    ServerRequest request;
    request.method = method;
    request.path = cat("/v1/", path);
    request.body = Secret(body);
    request.headers = {{"X-Vault-Token", std::string(token)}};
    const ServerResponse response = face_->answer(request);
    EXPECT_EQ(response.status, status) << response.body.expose();
    const auto json = parse_json(response.body.expose());
    return json.ok() ? *json : Json();
  }
  std::string lease(std::string_view token = "root") {
    return std::string(ask("GET", "db/creds/shop", "", token).text_of("lease_id"));
  }
  // What the database was told since the last time, by the first word of each statement.
  std::vector<std::string> told() {
    std::vector<std::string> words;
    for (const std::string& statement : std::exchange(told_, {}))
      words.push_back(statement.substr(0, statement.find(' ')));
    return words;
  }
  void tick(Duration duration) {
    clock_.tick(duration);
    face_->end_due();
  }
  std::string body_of(const std::string& lease_id) {
    return to_text(Json().set("lease_id", lease_id));
  }

  FakeClock clock_;
  bool fails_ = false;
  std::vector<std::string> urls_, told_;
  std::unique_ptr<VaultFace> face_;
};

TEST_F(Database, ACredentialIsMadeAsTheRoleSays) {
  const Json reply = ask("GET", "db/creds/shop");
  const Json& data = *reply.find("data");
  EXPECT_EQ(reply.find("lease_duration")->as_int(), 60);
  EXPECT_THAT(urls_, ElementsAre("postgresql://ad%40min:p%2Fw@h/d"));
  EXPECT_THAT(told_,
              ElementsAre(cat("make ", data.text_of("username"), ' ', data.text_of("password"))));
  EXPECT_THAT(std::string(data.text_of("username")), HasSubstr("v-root-shop-"));
  ask("GET", "db/creds/other", "", "root", 500);
  ask("GET", "db/creds/none", "", "root", 400);
}

TEST_F(Database, WhatFailsInTheDatabaseLeavesNoLease) {
  fails_ = true;
  EXPECT_THAT(to_text(ask("GET", "db/creds/shop", "", "root", 500)), HasSubstr("no database"));
  ask("LIST", "sys/leases/lookup/db/creds/shop", "", "root", 404);
  ask("POST", "db/static-roles/st", R"({"db_name":"pg","username":"u"})", "root", 500);
  ask("GET", "db/static-roles/st", "", "root", 404);
}

TEST_F(Database, ALeaseIsRenewedUpToItsLongestAndThenEnds) {
  const std::string id = lease();
  told();
  tick(50s);
  EXPECT_EQ(ask("PUT", "sys/leases/renew", body_of(id)).find("lease_duration")->as_int(), 40);
  EXPECT_THAT(told(), ElementsAre("until"));
  tick(39s);
  EXPECT_THAT(told(), IsEmpty());
  tick(1s);
  EXPECT_THAT(told(), ElementsAre("drop"));
  ask("PUT", "sys/leases/renew", body_of(id), "root", 400);
  tick(1h);
  EXPECT_THAT(told(), IsEmpty()) << "once";
}

TEST_F(Database, LeasesEndWithTheirToken) {
  const auto token = [&] {
    return std::string(ask("POST", "auth/token/create", R"({"policies":["db"],"ttl":"30s"})")
                           .find("auth")
                           ->text_of("client_token"));
  };
  const std::string first = token(), second = token(), third = token();
  for (const std::string& one : {first, second, third}) lease(one);
  told();
  ask("POST", "auth/token/revoke-self", "", first, 204);
  EXPECT_THAT(told(), SizeIs(1));
  ask("POST", "auth/token/revoke", to_text(Json().set("token", second)), "root", 204);
  EXPECT_THAT(told(), SizeIs(1));
  tick(30s);
  EXPECT_THAT(told(), ElementsAre("drop"));
}

TEST_F(Database, RevocationsThatFailAreTriedAgain) {
  const std::string id = lease();
  told();
  fails_ = true;
  ask("PUT", "sys/leases/revoke", body_of(id), "root", 204);
  EXPECT_THAT(told(), ElementsAre("drop"));
  fails_ = false;
  tick(9s);
  EXPECT_THAT(told(), IsEmpty());
  tick(1s);
  EXPECT_THAT(told(), ElementsAre("drop"));
  lease();
  lease();
  told();
  ask("PUT", "sys/leases/revoke-prefix/db/creds", "", "root", 204);
  EXPECT_THAT(told(), ElementsAre("drop", "drop"));
  lease();
  told();
  ask("DELETE", "sys/mounts/db", "", "root", 204);
  EXPECT_THAT(told(), ElementsAre("drop")) << "a mount takes its leases along";
}

TEST_F(Database, AStaticRoleGetsItsNextPasswordWhenTheDatabaseHasIt) {
  ask("POST", "db/static-roles/st", R"({"db_name":"pg","username":"u","rotation_period":"60s"})",
      "root", 204);
  const auto password = [&] {
    return std::string(ask("GET", "db/static-creds/st").find("data")->text_of("password"));
  };
  const std::string first = password();
  EXPECT_THAT(told_.back(), HasSubstr(first));
  tick(59s);
  EXPECT_EQ(password(), first);
  fails_ = true;
  tick(1s);
  EXPECT_EQ(password(), first);
  fails_ = false;
  tick(10s);
  EXPECT_NE(password(), first);
  EXPECT_THAT(told_.back(), HasSubstr(password()));
}

}  // namespace
}  // namespace keyferry::dev
