// The life of what a Vault makes for us, against a server that counts.
#include "stores/vault/vault_leases_fixture.h"

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

TEST_F(VaultLeasesTest, UserAndPasswordAreOfOneCredentialAndAPollMakesNoOther) {
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLogin, kMake));
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp));
}

TEST_F(VaultLeasesTest, ALeaseIsRenewedAtTwoThirdsOfItsLife) {
  given_a_credential();
  EXPECT_THAT(next, Optional(AllOf(Ge(360s), Le(400s))));
  clock.tick(401s);
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kRenew));
  EXPECT_THAT(next, Optional(AllOf(Ge(360s), Le(400s))));
}

TEST_F(VaultLeasesTest, TheTokenIsRenewedBeforeItTakesItsLeasesAlong) {
  vault.token_life = 300;
  vault.token_renewal = 300;
  given_a_credential();
  EXPECT_THAT(next, Optional(AllOf(Ge(180s), Le(200s))));
  clock.tick(201s);
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kRenewSelf, kLookUp));
}

TEST_F(VaultLeasesTest, NearTheLeasesMaximumAnotherIsMadeWhileTheOldOneLives) {
  given_a_credential();
  vault.lease_renewal = 299;
  clock.tick(401s);
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2"));
  EXPECT_THAT(vault.taken(), ElementsAre(kRenew, kMake));
  EXPECT_TRUE(vault.leases.contains("lease-1"));
}

TEST_F(VaultLeasesTest, ALeaseThatWasCutIsNotRenewedOnceMore) {
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
TEST_F(VaultLeasesTest, ATokenPastItsMaximumIsReplacedAtOnce) {
  given_a_credential();
  vault.past_maximum = true;
  clock.tick(41min);
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2"));
  EXPECT_THAT(vault.taken(), ElementsAre(kRenewSelf, kLogin, kMake));
}

TEST_F(VaultLeasesTest, NearTheTokensMaximumThereIsANewLoginAndANewCredential) {
  given_a_credential();
  vault.token_renewal = 1799;
  clock.tick(41min);
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2"));
  EXPECT_THAT(vault.taken(), ElementsAre(kRenewSelf, kLogin, kMake));
  EXPECT_TRUE(vault.leases.contains("lease-1"));
}

TEST_F(VaultLeasesTest, ARevokedLeaseIsReplacedUnderTheSameLogin) {
  given_a_credential();
  vault.leases.clear();
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp, kMake));
}

TEST_F(VaultLeasesTest, ARevokedTokenIsReplacedWithItsLeases) {
  given_a_credential();
  vault.tokens.clear();
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp, kLookupSelf, kLogin, kLookupSelf, kMake));
}

TEST_F(VaultLeasesTest, WhoMayNotLookUpLeasesIsAskedWhetherTheTokenLives) {
  given_a_credential();
  vault.forbidden = {kLookUp};
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp, kLookupSelf));
}

// What the first object gave ended with the token that the second one found refused.
TEST_F(VaultLeasesTest, NothingOfARevokedTokenStaysInTheSet) {
  given_objects(
      "- {objectName: user, secretPath: database/creds/shop, secretKey: username}\n"
      "- {objectName: a, secretPath: kv/a, secretKey: x}");
  vault.answers["kv/a"] = R"({"data":{"x":"1"}})";
  look();
  vault.tokens.clear();
  vault.down = {kLookUp};
  EXPECT_THAT(look(), ElementsAre("user=u2", "a=1"));
}

TEST_F(VaultLeasesTest, AnObjectThatIsDeniedForGoodMakesNoCredentialsAnew) {
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
TEST_F(VaultLeasesTest, AnObjectThatIsDeniedForGoodCostsALoginNowAndThen) {
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

TEST_F(VaultLeasesTest, WhereNoOtherCanBeMadeTheOldOneIsUsedAsLongAsItLives) {
  given_a_credential();
  vault.lease_renewal = 10;
  vault.down = {kMake};
  clock.tick(401s);
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(next, Optional(AllOf(Ge(1s), Le(150s)))) << "tried again before it ends";
  clock.tick(200s);
  EXPECT_THAT(look(), ElementsAre(HasSubstr("user: "), HasSubstr("password: ")));
}

TEST_F(VaultLeasesTest, WhileTheServerIsDownWhatLivesIsUsed) {
  given_a_credential();
  clock.tick(401s);
  vault.down = {kRenew, kLookUp, kLogin, kRenewSelf};
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(next, Optional(Le(200s)));
}

TEST_F(VaultLeasesTest, ANewStartGoesOnWithTheOldLeases) {
  given_a_credential();
  ASSERT_EQ(kept.texts.size(), 1U);
  VaultStore again({vault, clock, {}, &kept});
  EXPECT_THAT(look(again), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp));
  clock.tick(401s);
  EXPECT_THAT(look(again), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kRenew));
}

TEST_F(VaultLeasesTest, WhatIsKeptOfAnotherProgramIsNotUsed) {
  given_a_credential();
  kept.texts.begin()->second = R"({"format":"something else"})";
  VaultStore again({vault, clock, {}, &kept});
  EXPECT_THAT(look(again), ElementsAre("user=u2", "password=p2"));
}

TEST_F(VaultLeasesTest, WithoutLeasesNothingIsKept) {
  given_objects("- {objectName: a, secretPath: kv/a, secretKey: x}");
  vault.answers["kv/a"] = R"({"data":{"x":"1"},"lease_id":"","lease_duration":2764800})";
  EXPECT_THAT(look(), ElementsAre("a=1"));
  EXPECT_THAT(kept.texts, IsEmpty());
  EXPECT_EQ(next, std::nullopt);
}

TEST_F(VaultLeasesTest, TheLastClassThatGoesEndsTheLoginAndItsLeases) {
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

TEST_F(VaultLeasesTest, TheLoginThatWasReplacedWhileItsCredentialLivedGoesToo) {
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

TEST_F(VaultLeasesTest, AfterARestartWhoGoesStillEndsTheLogin) {
  given_a_credential();
  VaultStore again({vault, clock, {}, &kept});
  EXPECT_TRUE(again.release(request(spc)).ok());
  EXPECT_THAT(vault.taken(), ElementsAre(kRevokeSelf));
  EXPECT_THAT(kept.texts, IsEmpty());
}

TEST_F(VaultLeasesTest, WhatWasWrappedIsAskedForOnceAndOutlivesItsLogin) {
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

TEST_F(VaultLeasesTest, AStaticRolesPasswordIsLookedAtRightAfterItsRotation) {
  given_objects("- {objectName: a, secretPath: database/static-creds/s, secretKey: password}");
  vault.answers["database/static-creds/s"] =
      R"({"data":{"password":"1","last_vault_rotation":"2026-01-01T00:00:00Z","ttl":77}})";
  EXPECT_THAT(look(), ElementsAre("a=1"));
  EXPECT_EQ(next, 78s);
}

TEST_F(VaultLeasesTest, ACertificateIsMadeAnewWhenTwoThirdsOfItsLifeAreOver) {
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
