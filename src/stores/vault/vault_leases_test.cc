// The life of what a Vault makes for us, against a server that counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/fake_clock.h"
#include "base/strings.h"
#include "identity/static_token.h"
#include "net/fake_http.h"
#include "stores/vault/vault_store.h"

namespace keyferry::stores::vault {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Optional;

// As much of a server as leases need. Paths are what follows /v1/.
class FakeVault final : public Http {
 public:
  Result<Response> send(const Request& request, Deadline) override {
    const std::string path = request.url.substr(request.url.find("/v1/") + 4);
    std::string token;
    for (const auto& header : request.secret_headers) token = header.value.expose();
    asked.push_back(path);
    if (down.contains(path)) return Error(ErrorCode::kUnavailable, "no route");
    const auto denied = [] { return says(403, R"({"errors":["permission denied"]})"); };
    if (path == "auth/kubernetes/login") return login();
    if (!tokens.contains(token) || forbidden.contains(path)) return denied();
    if (path == "auth/token/renew-self" && past_maximum) {
      return says(500,
                  R"({"errors":["1 error occurred:\n\t* past the max TTL, cannot renew\n\n"]})");
    }
    if (path == "auth/token/renew-self") return says(200, auth(token, token_renewal));
    if (path == "auth/token/lookup-self") return says(200, "{}");
    if (path == "auth/token/revoke-self") return revoke(token);
    const std::string body(request.body.expose());
    if (path.starts_with("sys/leases/")) return lease_call(path, body);
    if (path == "database/creds/shop") return make(token);
    const auto found = answers.find(path);
    return found == answers.end() ? says(404, R"({"errors":[]})") : says(200, found->second);
  }

  std::vector<std::string> taken() { return std::exchange(asked, {}); }

  std::vector<std::string> asked;
  std::set<std::string> down;
  std::set<std::string> forbidden;
  std::map<std::string, std::string> answers;
  std::set<std::string> tokens;
  std::map<std::string, std::string> leases;  // id → token
  int token_life = 3600;
  int token_renewal = 3600;
  int lease_life = 600;
  int lease_renewal = 600;
  bool past_maximum = false;

 private:
  static Response says(int status, const std::string& body) {
    return FakeHttp::response(status, body);
  }
  static std::string auth(const std::string& token, int life) {
    return cat(R"({"auth":{"client_token":")", token, R"(","lease_duration":)", life,
               R"(,"renewable":true}})");
  }
  Response login() {
    const std::string token = cat("tok-", ++logins_);
    tokens.insert(token);
    return says(200, auth(token, token_life));
  }
  Response revoke(const std::string& token) {
    tokens.erase(token);
    std::erase_if(leases, [&](const auto& lease) { return lease.second == token; });
    return says(204, "");
  }
  Response make(const std::string& token) {
    const std::string id = cat("lease-", ++made_);
    leases[id] = token;
    return says(200, cat(R"({"lease_id":")", id, R"(","lease_duration":)", lease_life,
                         R"(,"renewable":true,"data":{"username":"u)", made_, R"(","password":"p)",
                         made_, R"("}})"));
  }
  Response lease_call(const std::string& path, const std::string& body) {
    const std::string id(parse_json(body)->text_of("lease_id"));
    if (!leases.contains(id)) return says(400, R"({"errors":["invalid lease"]})");
    if (path == "sys/leases/renew") {
      return says(200, cat(R"({"lease_id":")", id, R"(","lease_duration":)", lease_renewal,
                           R"(,"renewable":true})"));
    }
    return says(200, "{}");
  }

  int logins_ = 0;
  int made_ = 0;
};

class FakeKeptState final : public KeptState {
 public:
  Result<Secret> load(const std::string& name) override {
    const auto found = texts.find(name);
    if (found == texts.end()) return Error(ErrorCode::kNotFound, "none");
    return Secret(found->second);
  }
  Status save(const std::string& name, const Secret& text) override {
    texts[name] = text.expose();
    return {};
  }
  Status erase(const std::string& name) override {
    texts.erase(name);
    return {};
  }
  std::map<std::string, std::string> texts;
};

const std::string kLogin = "auth/kubernetes/login";
const std::string kMake = "database/creds/shop";
const std::string kLookUp = "sys/leases/lookup";
const std::string kRenew = "sys/leases/renew";
const std::string kRenewSelf = "auth/token/renew-self";
const std::string kLookupSelf = "auth/token/lookup-self";
const std::string kRevokeSelf = "auth/token/revoke-self";

class VaultLeases : public testing::Test {
 protected:
  void SetUp() override {
    spc.meta.name = "shop";
    spc.parameters["vaultAddress"] = {"https://vault:8200", 1};
    spc.parameters["roleName"] = {"shop", 2};
    given_objects(
        "- {objectName: user, secretPath: database/creds/shop, secretKey: username}\n"
        "- {objectName: password, secretPath: database/creds/shop, secretKey: password}");
  }
  void given_objects(const std::string& objects) { spc.parameters["objects"] = {objects, 3}; }
  FetchRequest request(const manifest::SecretProviderClass& of) {
    return {{"web", "pod", "uid", "shop"}, of, tokens, {}, Deadline::in(clock, 10min), {}};
  }
  // Each object's id and contents, or why there are none.
  std::vector<std::string> look(VaultStore& asked) {
    const auto result = asked.fetch(request(spc));
    if (!result.ok()) return {result.error().message()};
    next = result->look_again_in;
    std::vector<std::string> lines;
    for (const auto& object : result->objects) {
      lines.push_back(object.file.ok() ? cat(object.id, '=', object.file->contents.expose())
                                       : cat(object.id, ": ", object.file.error().message()));
    }
    return lines;
  }
  std::vector<std::string> look() { return look(store); }
  // After the first look at a credential, which is over.
  void given_a_credential() {
    ASSERT_THAT(look(), ElementsAre("user=u1", "password=p1"));
    vault.taken();
  }

  manifest::SecretProviderClass spc;
  FakeClock clock;
  FakeVault vault;
  FakeKeptState kept;
  StaticToken tokens{"a.b.c"};
  VaultStore store{{vault, clock, {}, &kept}};
  std::optional<Duration> next;
};

TEST_F(VaultLeases, UserAndPasswordAreOfOneCredentialAndAPollMakesNoOther) {
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLogin, kMake));
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp));
}

TEST_F(VaultLeases, ALeaseIsRenewedAtTwoThirdsOfItsLife) {
  given_a_credential();
  EXPECT_THAT(next, Optional(AllOf(Ge(360s), Le(400s))));
  clock.tick(401s);
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kRenew));
  EXPECT_THAT(next, Optional(AllOf(Ge(360s), Le(400s))));
}

TEST_F(VaultLeases, TheTokenIsRenewedBeforeItTakesItsLeasesAlong) {
  vault.token_life = 300;
  vault.token_renewal = 300;
  given_a_credential();
  EXPECT_THAT(next, Optional(AllOf(Ge(180s), Le(200s))));
  clock.tick(201s);
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kRenewSelf, kLookUp));
}

TEST_F(VaultLeases, NearTheLeasesMaximumAnotherIsMadeWhileTheOldOneLives) {
  given_a_credential();
  vault.lease_renewal = 299;
  clock.tick(401s);
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2"));
  EXPECT_THAT(vault.taken(), ElementsAre(kRenew, kMake));
  EXPECT_TRUE(vault.leases.contains("lease-1"));
}

TEST_F(VaultLeases, ALeaseThatWasCutIsNotRenewedOnceMore) {
  given_a_credential();
  vault.lease_renewal = 400;
  clock.tick(401s);
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kRenew));
  clock.tick(267s);
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2"));
  EXPECT_THAT(vault.taken(), ElementsAre(kMake));
}

// OpenBao says 500, which looked like a server in trouble that is better asked again later.
TEST_F(VaultLeases, ATokenPastItsMaximumIsReplacedAtOnce) {
  given_a_credential();
  vault.past_maximum = true;
  clock.tick(41min);
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2"));
  EXPECT_THAT(vault.taken(), ElementsAre(kRenewSelf, kLogin, kMake));
}

TEST_F(VaultLeases, NearTheTokensMaximumThereIsANewLoginAndANewCredential) {
  given_a_credential();
  vault.token_renewal = 1799;
  clock.tick(41min);
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2"));
  EXPECT_THAT(vault.taken(), ElementsAre(kRenewSelf, kLogin, kMake));
  EXPECT_TRUE(vault.leases.contains("lease-1"));
}

TEST_F(VaultLeases, ARevokedLeaseIsReplacedUnderTheSameLogin) {
  given_a_credential();
  vault.leases.clear();
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp, kMake));
}

TEST_F(VaultLeases, ARevokedTokenIsReplacedWithItsLeases) {
  given_a_credential();
  vault.tokens.clear();
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp, kLookupSelf, kLogin, kMake));
}

TEST_F(VaultLeases, WhoMayNotLookUpLeasesIsAskedWhetherTheTokenLives) {
  given_a_credential();
  vault.forbidden = {kLookUp};
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp, kLookupSelf));
}

// What the first object gave ended with the token that the second one found refused.
TEST_F(VaultLeases, NothingOfARevokedTokenStaysInTheSet) {
  given_objects(
      "- {objectName: user, secretPath: database/creds/shop, secretKey: username}\n"
      "- {objectName: a, secretPath: kv/a, secretKey: x}");
  vault.answers["kv/a"] = R"({"data":{"x":"1"}})";
  look();
  vault.tokens.clear();
  vault.down = {kLookUp};
  EXPECT_THAT(look(), ElementsAre("user=u2", "a=1"));
}

TEST_F(VaultLeases, AnObjectThatIsDeniedForGoodMakesNoCredentialsAnew) {
  given_objects(
      "- {objectName: user, secretPath: database/creds/shop, secretKey: username}\n"
      "- {objectName: a, secretPath: kv/a, secretKey: x}");
  vault.forbidden = {"kv/a"};
  look();
  vault.taken();
  EXPECT_THAT(look(), ElementsAre("user=u1", HasSubstr("a: GET kv/a: HTTP 403")));
  EXPECT_EQ(vault.leases.size(), 1U);
  EXPECT_EQ(vault.tokens.size(), 1U) << "the login that was of no use is given back";
}

// Each look logged in anew, and left the token before to end by itself.
TEST_F(VaultLeases, AnObjectThatIsDeniedForGoodCostsALoginNowAndThen) {
  given_objects("- {objectName: a, secretPath: kv/a, secretKey: x}");
  vault.forbidden = {"kv/a"};
  const auto logins = [&] {
    look();
    const auto taken = vault.taken();
    return std::count_if(taken.begin(), taken.end(),
                         [](const std::string& line) { return line.find("/login") != line.npos; });
  };
  EXPECT_EQ(logins(), 1);
  EXPECT_EQ(logins(), 1) << "other policies may have been given to the role";
  EXPECT_EQ(logins(), 0);
  clock.tick(4min);
  EXPECT_EQ(logins(), 0);
  clock.tick(2min);
  EXPECT_EQ(logins(), 1);
  EXPECT_EQ(vault.tokens.size(), 1U);
}

TEST_F(VaultLeases, WhereNoOtherCanBeMadeTheOldOneIsUsedAsLongAsItLives) {
  given_a_credential();
  vault.lease_renewal = 10;
  vault.down = {kMake};
  clock.tick(401s);
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(next, Optional(AllOf(Ge(1s), Le(150s)))) << "tried again before it ends";
  clock.tick(200s);
  EXPECT_THAT(look(), ElementsAre(HasSubstr("user: "), HasSubstr("password: ")));
}

TEST_F(VaultLeases, WhileTheServerIsDownWhatLivesIsUsed) {
  given_a_credential();
  clock.tick(401s);
  vault.down = {kRenew, kLookUp, kLogin, kRenewSelf};
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(next, Optional(Le(200s)));
}

TEST_F(VaultLeases, ANewStartGoesOnWithTheOldLeases) {
  given_a_credential();
  ASSERT_EQ(kept.texts.size(), 1U);
  VaultStore again({vault, clock, {}, &kept});
  EXPECT_THAT(look(again), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp));
  clock.tick(401s);
  EXPECT_THAT(look(again), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kRenew));
}

TEST_F(VaultLeases, WhatIsKeptOfAnotherProgramIsNotUsed) {
  given_a_credential();
  kept.texts.begin()->second = R"({"format":"something else"})";
  VaultStore again({vault, clock, {}, &kept});
  EXPECT_THAT(look(again), ElementsAre("user=u2", "password=p2"));
}

TEST_F(VaultLeases, WithoutLeasesNothingIsKept) {
  given_objects("- {objectName: a, secretPath: kv/a, secretKey: x}");
  vault.answers["kv/a"] = R"({"data":{"x":"1"},"lease_id":"","lease_duration":2764800})";
  EXPECT_THAT(look(), ElementsAre("a=1"));
  EXPECT_THAT(kept.texts, IsEmpty());
  EXPECT_EQ(next, std::nullopt);
}

TEST_F(VaultLeases, TheLastClassThatGoesEndsTheLoginAndItsLeases) {
  given_a_credential();
  manifest::SecretProviderClass other = spc;
  other.meta.name = "other";
  ASSERT_TRUE(store.fetch(request(other)).ok());
  vault.taken();
  EXPECT_TRUE(store.release(request(other)).ok());
  EXPECT_THAT(vault.taken(), IsEmpty());
  EXPECT_TRUE(store.release(request(spc)).ok());
  EXPECT_THAT(vault.taken(), ElementsAre(kRevokeSelf));
  EXPECT_THAT(vault.leases, IsEmpty());
  EXPECT_THAT(kept.texts, IsEmpty());
  EXPECT_TRUE(store.release(request(spc)).ok()) << "once more is nothing";
}

TEST_F(VaultLeases, TheLoginThatWasReplacedWhileItsCredentialLivedGoesToo) {
  vault.token_life = 300;
  vault.token_renewal = 149;
  given_a_credential();
  clock.tick(201s);
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2"));
  EXPECT_EQ(vault.leases.size(), 2U);
  EXPECT_TRUE(store.release(request(spc)).ok());
  EXPECT_THAT(vault.leases, IsEmpty());
  EXPECT_THAT(vault.tokens, IsEmpty());
}

TEST_F(VaultLeases, AfterARestartWhoGoesStillEndsTheLogin) {
  given_a_credential();
  VaultStore again({vault, clock, {}, &kept});
  EXPECT_TRUE(again.release(request(spc)).ok());
  EXPECT_THAT(vault.taken(), ElementsAre(kRevokeSelf));
  EXPECT_THAT(kept.texts, IsEmpty());
}

TEST_F(VaultLeases, WhatWasWrappedIsAskedForOnceAndOutlivesItsLogin) {
  given_objects(
      "- {objectName: a, secretPath: sys/wrapping/unwrap, method: PUT, secretKey: x, "
      "secretArgs: {token: t}}");
  vault.answers["sys/wrapping/unwrap"] = R"({"data":{"x":"1"}})";
  EXPECT_THAT(look(), ElementsAre("a=1"));
  vault.answers.clear();
  EXPECT_THAT(look(), ElementsAre("a=1"));
  clock.tick(2h);
  EXPECT_THAT(look(), ElementsAre("a=1"));
  VaultStore again({vault, clock, {}, &kept});
  EXPECT_THAT(look(again), ElementsAre("a=1"));
}

TEST_F(VaultLeases, AStaticRolesPasswordIsLookedAtRightAfterItsRotation) {
  given_objects("- {objectName: a, secretPath: database/static-creds/s, secretKey: password}");
  vault.answers["database/static-creds/s"] =
      R"({"data":{"password":"1","last_vault_rotation":"2026-01-01T00:00:00Z","ttl":77}})";
  EXPECT_THAT(look(), ElementsAre("a=1"));
  EXPECT_EQ(next, 78s);
}

TEST_F(VaultLeases, ACertificateIsMadeAnewWhenTwoThirdsOfItsLifeAreOver) {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(clock.wall_now().time_since_epoch());
  given_objects(
      "- {objectName: a, secretPath: pki/issue/r, method: PUT, secretKey: certificate, "
      "secretArgs: {common_name: x}}");
  vault.answers["pki/issue/r"] =
      cat(R"({"data":{"certificate":"c1","expiration":)", now.count() + 300, "}}");
  EXPECT_THAT(look(), ElementsAre("a=c1"));
  EXPECT_THAT(next, Optional(AllOf(Ge(180s), Le(200s))));
  vault.answers["pki/issue/r"] =
      cat(R"({"data":{"certificate":"c2","expiration":)", now.count() + 900, "}}");
  EXPECT_THAT(look(), ElementsAre("a=c1"));
  clock.tick(201s);
  EXPECT_THAT(look(), ElementsAre("a=c2"));
}

}  // namespace
}  // namespace keyferry::stores::vault
