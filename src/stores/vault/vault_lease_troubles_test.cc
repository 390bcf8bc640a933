// Leases where something is in the way: policies, standbys, restarts, neighbours that come and go.
#include "stores/vault/vault_leases_fixture.h"

namespace keyferry::stores::vault {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;

// Policy `default` may have been edited, or left out: the server then answers a token that lives
// as one that is gone, and a database user was made at every poll.
TEST_F(VaultLeasesTest, WhoMayNothingButReadKeepsWhatWasMade) {
  vault.forbidden = {kLookUp, kRenew, kLookupSelf, kRenewSelf, kRevokeSelf, kRevoke};
  given_a_credential();
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp, kLookupSelf, kLogin, kLookupSelf, kRevokeSelf));
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp)) << "the doubt is settled";
  VaultStore again({vault, clock, {}, &kept});
  EXPECT_THAT(look(again), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp)) << "for the next start too";
  clock.tick(401s);
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2")) << "before the first one ends";
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2"));
  EXPECT_EQ(vault.leases.size(), 2U);
}

TEST_F(VaultLeasesTest, ATokenThatMayNotEndItselfIsNotGivenBack) {
  vault.forbidden = {kLookUp, kRenew, kLookupSelf, kRenewSelf, kRevokeSelf, kRevoke};
  given_a_credential();
  const Status released = store.release(request(spc));
  ASSERT_FALSE(released.ok());
  EXPECT_THAT(released.error().message(), HasSubstr("path \"auth/token/revoke-self\""));
}

TEST_F(VaultLeasesTest, ATokenThatCouldLookAndCannotAnyMoreIsGone) {
  given_a_credential();
  look();
  vault.tokens.clear();
  vault.taken();
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp, kLookupSelf, kLogin, kMake));
}

// A standby redirects: its 307 was taken for the end of the lease, and of the token.
TEST_F(VaultLeasesTest, BehindAStandbyLeasesAndTokensAreRenewedAllTheSame) {
  vault.is_standby = true;
  vault.token_life = vault.token_renewal = 600;
  given_a_credential();
  look();
  clock.tick(401s);
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  clock.tick(401s);
  EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1"));
  EXPECT_EQ(vault.tokens.size(), 1U);
}

TEST_F(VaultLeasesTest, OnlyAnAnswerThatSaysSoTakesALeaseForGone) {
  vault.token_life = 600;
  given_a_credential();
  clock.tick(401s);
  for (const int status : {301, 404, 405, 500, 503}) {
    vault.broken = {{kRenew, status}, {kLookUp, status}, {kRenewSelf, status}};
    EXPECT_THAT(look(), ElementsAre("user=u1", "password=p1")) << status;
  }
}

TEST_F(VaultLeasesTest, ARenewalThatDoesNotComeOffEndsInAnotherCredentialInTime) {
  given_a_credential();
  vault.broken = {{kRenew, 500}};
  clock.tick(455s);
  EXPECT_THAT(look(), ElementsAre("user=u2", "password=p2")) << "less than a quarter is left";
}

// One hung lookup took the whole time of the refresh.
TEST_F(VaultLeasesTest, AServerThatDoesNotAnswerLookupsDelaysTheRestByAFewSeconds) {
  given_objects(
      "- {objectName: user, secretPath: database/creds/shop, secretKey: username}\n"
      "- {objectName: other, secretPath: \"database/creds/shop?x=1\", secretKey: username}\n"
      "- {objectName: a, secretPath: kv/a, secretKey: x}");
  vault.answers["kv/a"] = R"({"data":{"x":"1"}})";
  look();
  vault.taken();
  vault.hanging = {kLookUp};
  EXPECT_THAT(look(), ElementsAre("user=u1", "other=u2", "a=1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp, "kv/a"));
  EXPECT_THAT(vault.waited_until, ElementsAre(Le(clock.steady_now() + 5s)));
}

// What was renewed was written nowhere: the next start believed it was over.
TEST_F(VaultLeasesTest, ANewStartKnowsWhatWasRenewed) {
  vault.token_life = vault.token_renewal = 300;
  given_a_credential();
  clock.tick(250s);
  look();
  vault.taken();
  clock.tick(100s);
  VaultStore again({vault, clock, {}, &kept});
  EXPECT_THAT(look(again), ElementsAre("user=u1", "password=p1"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp));
}

TEST_F(VaultLeasesTest, ANewStartKnowsALoginThatTookThePlaceOfAnother) {
  given_a_credential();
  vault.token_renewal = 1;
  vault.lease_life = 36000;
  clock.tick(41min);
  look();
  vault.taken();
  VaultStore again({vault, clock, {}, &kept});
  EXPECT_THAT(look(again), ElementsAre("user=u2", "password=p2"));
  EXPECT_THAT(vault.taken(), ElementsAre(kLookUp));
}

TEST_F(VaultLeasesTest, WhatEndedWhileNobodyHeldItIsForgottenAtTheNextStart) {
  given_a_credential();
  clock.tick(30min);
  VaultStore early({vault, clock, {}, &kept});
  EXPECT_EQ(kept.texts.size(), 1U) << "its token lives";
  clock.tick(31min);
  kept.texts["vault-of_before"] = "{}";
  kept.texts["of somebody else"] = "{}";
  VaultStore late({vault, clock, {}, &kept});
  EXPECT_EQ(kept.texts.size(), 1U);
  EXPECT_TRUE(kept.texts.contains("of somebody else"));
}

// Account and class alone told who used a login: the first pod to go ended the second one's lease.
TEST_F(VaultLeasesTest, APodThatGoesLeavesTheLoginToTheOthers) {
  given_a_credential();
  store.use(request(spc, "pod-2"));  // the answer was shared: nothing was asked for it
  spc.parameters["objects"].value +=
      "\n- {objectName: third, secretPath: database/creds/shop, secretKey: username}";
  look();
  EXPECT_TRUE(store.release(request(spc)).ok());
  EXPECT_EQ(vault.leases.size(), 1U);
  EXPECT_TRUE(store.release(request(spc, "pod-2")).ok());
  EXPECT_THAT(vault.leases, IsEmpty());
  EXPECT_THAT(vault.tokens, IsEmpty());
}

TEST_F(VaultLeasesTest, AfterARestartThePodsOfBeforeStillCount) {
  store.use(request(spc, "pod-2"));
  given_a_credential();
  VaultStore again({vault, clock, {}, &kept});
  EXPECT_TRUE(again.release(request(spc)).ok());
  EXPECT_EQ(vault.leases.size(), 1U);
  EXPECT_TRUE(again.release(request(spc, "pod-2")).ok());
  EXPECT_THAT(vault.leases, IsEmpty());
}

// Its own login, made as the one it used was ended under it, was nobody's to end.
TEST_F(VaultLeasesTest, AFetchUnderWayWhileItsVolumeGoesLeavesNothingBehind) {
  given_objects(
      "- {objectName: user, secretPath: database/creds/shop, secretKey: username}\n"
      "- {objectName: a, secretPath: kv/a, secretKey: x}");
  vault.answers["kv/a"] = R"({"data":{"x":"1"}})";
  look();
  vault.before_answer["kv/a"] = [&] { EXPECT_TRUE(store.release(request(spc)).ok()); };
  look();
  EXPECT_THAT(vault.tokens, IsEmpty());
  EXPECT_THAT(vault.leases, IsEmpty());
  EXPECT_THAT(kept.texts, IsEmpty());
}

TEST_F(VaultLeasesTest, AVolumeThatGoesDuringItsFirstLoginLeavesNothingBehind) {
  vault.before_answer[kLogin] = [&] { EXPECT_TRUE(store.release(request(spc)).ok()); };
  look();
  EXPECT_THAT(vault.tokens, IsEmpty());
  EXPECT_THAT(kept.texts, IsEmpty());
}

}  // namespace
}  // namespace keyferry::stores::vault
