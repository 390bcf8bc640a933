#include "identity/aws_credential_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "base/encoding.h"
#include "base/fake_clock.h"
#include "base/strings.h"
#include "identity/pod_identity.h"
#include "net/fake_http.h"

namespace keyferry {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::chrono_literals;

constexpr const char* kSts = "POST https://sts.eu-west-1.amazonaws.com/";
constexpr const char* kAgent = "GET http://169.254.170.23/v1/credentials";

// Tokens that name their audience and count how often they were asked for.
class CountedTokens final : public TokenSource {
 public:
  Result<Secret> token(const std::string& audience) override {
    ++asked;
    if (missing) return Error(ErrorCode::kNotFound, cat("no token for ", audience));
    return Secret(cat("jwt-for-", audience));
  }
  std::atomic<int> asked = 0;
  bool missing = false;
};

std::string sts_answer(const std::string& action, const std::string& key,
                       const std::string& expires) {
  return cat("<", action, "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><", action,
             "Result><Credentials><AccessKeyId>", key,
             "</AccessKeyId><SecretAccessKey>the-secret</SecretAccessKey><SessionToken>the-session"
             "</SessionToken><Expiration>",
             expires, "</Expiration></Credentials></", action, "Result></", action, "Response>");
}

// The clock of the tests stands at 2023-11-14T22:13:20Z.
std::string web_answer(const std::string& key,
                       const std::string& expires = "2023-11-14T23:13:20Z") {
  return sts_answer("AssumeRoleWithWebIdentity", key, expires);
}

class AwsCredentialSourceTest : public ::testing::Test {
 protected:
  Result<AwsCredentialSource::CredentialsPtr> get() {
    return source.credentials(identity, tokens, {});
  }
  std::string failure() {
    const auto got = get();
    return got.ok() ? "" : got.error().message();
  }

  FakeClock clock;
  FakeHttp http;
  CountedTokens tokens;
  AwsCredentialSource source{http, clock};
  AwsIdentity identity{AwsLogin::kWebIdentity,
                       "shop",
                       "web",
                       "eu-west-1",
                       "https://sts.eu-west-1.amazonaws.com",
                       "arn:aws:iam::123456789012:role/shop",
                       "",
                       {pod_identity::kIpv4Endpoint}};
};

TEST_F(AwsCredentialSourceTest, AWebIdentityIsExchangedUnsigned) {
  http.answer(kSts, 200, web_answer("ASIA1"));
  const auto got = get();
  ASSERT_TRUE(got.ok()) << got.error().message();
  EXPECT_EQ((*got)->access_key_id, "ASIA1");
  EXPECT_EQ((*got)->secret_access_key.expose(), "the-secret");
  EXPECT_EQ((*got)->session_token.expose(), "the-session");
  EXPECT_EQ((*got)->expires, clock.wall_now() + 1h);
  const auto sent = http.sent().at(0);
  EXPECT_EQ(sent.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A"
            "123456789012%3Arole%2Fshop&RoleSessionName=keyferry-shop-web&WebIdentityToken="
            "jwt-for-sts.amazonaws.com");
  EXPECT_FALSE(sent.headers.contains("authorization"));
}

TEST_F(AwsCredentialSourceTest, ThePodIdentityAgentIsAskedDirectlyWithTheToken) {
  identity.login = AwsLogin::kPodIdentity;
  http.answer(kAgent, 200,
              R"({"AccessKeyId":"ASIA2","SecretAccessKey":"s","Token":"t","AccountId":"1",)"
              R"("Expiration":"2023-11-15T04:13:20Z"})");
  const auto got = get();
  ASSERT_TRUE(got.ok()) << got.error().message();
  EXPECT_EQ((*got)->access_key_id, "ASIA2");
  const auto sent = http.sent().at(0);
  EXPECT_EQ(sent.headers.at("authorization"), "jwt-for-pods.eks.amazonaws.com");
  EXPECT_EQ(sent.proxy, ProxyUse::kNever);
}

TEST_F(AwsCredentialSourceTest, ASecondRoleIsAssumedByTheFirst) {
  identity.assume_role_arn = "arn:aws:iam::999999999999:role/vault";
  http.answer(kSts, 200, web_answer("ASIA1"));
  http.answer(kSts, 200, sts_answer("AssumeRole", "ASIA9", "2023-11-14T23:13:20Z"));
  const auto got = get();
  ASSERT_TRUE(got.ok()) << got.error().message();
  EXPECT_EQ((*got)->access_key_id, "ASIA9");
  const auto second = http.sent().at(1);
  EXPECT_THAT(second.body, HasSubstr("Action=AssumeRole&"));
  EXPECT_THAT(second.headers.at("authorization"),
              HasSubstr("Credential=ASIA1/20231114/eu-west-1/sts/aws4_request"));
  EXPECT_EQ(second.headers.at("x-amz-security-token"), "the-session");
}

TEST_F(AwsCredentialSourceTest, CredentialsAreKeptUntilShortlyBeforeTheyEnd) {
  http.answer(kSts, 200, web_answer("ASIA1"));
  http.answer(kSts, 200, web_answer("ASIA2", "2023-11-15T00:13:20Z"));
  EXPECT_EQ((*get())->access_key_id, "ASIA1");
  clock.tick(54min);
  EXPECT_EQ((*get())->access_key_id, "ASIA1");
  EXPECT_EQ(tokens.asked, 1);
  clock.tick(1min);
  EXPECT_EQ((*get())->access_key_id, "ASIA2");
}

TEST_F(AwsCredentialSourceTest, ShortLivedOnesAreKeptForHalfOfTheirLife) {
  http.answer(kSts, 200, web_answer("ASIA1", "2023-11-14T22:17:20Z"));  // 4 minutes
  (void)get();
  clock.tick(119s);
  (void)get();
  EXPECT_EQ(tokens.asked, 1);
  clock.tick(1s);
  (void)get();
  EXPECT_EQ(tokens.asked, 2);
}

TEST_F(AwsCredentialSourceTest, TwoServiceAccountsNeverShare) {
  http.answer(kSts, 200, web_answer("ASIA1"));
  http.answer(kSts, 200, web_answer("ASIA2"));
  (void)get();
  for (auto member : {&AwsIdentity::service_account, &AwsIdentity::namespace_name}) {
    AwsIdentity other = identity;
    other.*member = "other";
    EXPECT_EQ((*source.credentials(other, tokens, {}))->access_key_id, "ASIA2");
  }
  EXPECT_EQ((*get())->access_key_id, "ASIA1");
}

TEST_F(AwsCredentialSourceTest, ManyThatWantTheSameAskOnce) {
  std::latch asked(1);
  std::latch answer(1);
  std::atomic<int> requests = 0;
  http.script(kSts, [&](const FakeHttp::Sent&) -> Result<Response> {
    if (requests++ == 0) asked.count_down();
    answer.wait();
    return FakeHttp::response(200, web_answer("ASIA1"));
  });
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> callers;
    const auto call = [&] { good += get().ok() ? 1 : 0; };
    callers.reserve(8);
    for (int i = 0; i < 8; ++i) callers.emplace_back(call);
    asked.wait();
    answer.count_down();
  }
  EXPECT_EQ(good, 8);
  EXPECT_EQ(requests, 1) << "late callers find what the first one got";
}

TEST_F(AwsCredentialSourceTest, RefusedCredentialsAreGotAnew) {
  http.answer(kSts, 200, web_answer("ASIA1"));
  http.answer(kSts, 200, web_answer("ASIA2"));
  const auto first = *get();
  source.forget(identity, first);
  const auto second = *get();
  EXPECT_EQ(second->access_key_id, "ASIA2");
  source.forget(identity, first);  // somebody who was slower: the new ones stay
  EXPECT_EQ(*get(), second);
}

TEST_F(AwsCredentialSourceTest, ARefusalNamesTheRoleAndWhatItsTrustPolicyNeeds) {
  const struct {
    int status;
    const char* code;
    ErrorCode as;
    const char* words;
  } rows[] = {
      {403, "AccessDenied", ErrorCode::kPermissionDenied, "system:serviceaccount:shop:web"},
      {400, "InvalidIdentityToken", ErrorCode::kUnauthenticated, "OIDC provider"},
      {400, "ExpiredTokenException", ErrorCode::kUnauthenticated, "trust policy"},
      {400, "ValidationError", ErrorCode::kInvalidArgument, "ValidationError: why"},
  };
  for (const auto& row : rows) {
    FakeHttp refusing;
    AwsCredentialSource asked{refusing, clock};
    refusing.answer(kSts, row.status,
                    cat("<ErrorResponse><Error><Type>Sender</Type><Code>", row.code,
                        "</Code><Message>why</Message></Error></ErrorResponse>"));
    const auto got = asked.credentials(identity, tokens, {});
    ASSERT_FALSE(got.ok());
    EXPECT_EQ(got.error().code(), row.as) << row.code;
    EXPECT_THAT(got.error().message(), HasSubstr("role/shop"));
    EXPECT_THAT(got.error().message(), HasSubstr(row.words));
    EXPECT_THAT(got.error().message(), Not(HasSubstr("jwt-for")));
  }
}

TEST_F(AwsCredentialSourceTest, ATroubleOfTheServersIsTriedAgainWithAFreshToken) {
  http.answer(kSts, 503, "");
  http.answer(kSts, 429, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>");
  http.answer(kSts, 200, web_answer("ASIA1"));
  EXPECT_EQ((*get())->access_key_id, "ASIA1");
  EXPECT_EQ(tokens.asked, 3);
}

TEST_F(AwsCredentialSourceTest, ATroubleThatLastsSaysWhereToLook) {
  http.answer(kSts, 503, "");
  EXPECT_THAT(failure(), HasSubstr("look at the health of STS"));
  http.answer(kSts, 429, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>");
  EXPECT_THAT(failure(), HasSubstr("STS is asked too often"));
  identity.login = AwsLogin::kPodIdentity;
  http.answer(kAgent, 500, "");
  EXPECT_THAT(failure(), HasSubstr("look at the health of the agent on this node"));
}

TEST_F(AwsCredentialSourceTest, WhatIsNoAnswerOfTheServiceIsSaid) {
  http.answer(kSts, 200, "<html></html>");
  EXPECT_THAT(failure(), HasSubstr("is this an STS endpoint?"));
  tokens.missing = true;
  EXPECT_THAT(failure(), HasSubstr("no token for sts.amazonaws.com"));
  identity.login = AwsLogin::kPodIdentity;
  tokens.missing = false;
  http.fail(kAgent, Error(ErrorCode::kInvalidArgument, "refused"));
  EXPECT_THAT(failure(), HasSubstr("eks-pod-identity-agent"));
}

TEST_F(AwsCredentialSourceTest, ANodeWithoutIpv4HasItsAgentAtTheOtherAddress) {
  identity.login = AwsLogin::kPodIdentity;
  identity.pod_identity_agents = {pod_identity::kIpv4Endpoint, pod_identity::kIpv6Endpoint};
  http.fail(kAgent, Error(ErrorCode::kUnavailable, "no route to host"));
  http.answer("GET http://[fd00:ec2::23]/v1/credentials", 200,
              R"({"AccessKeyId":"ASIA6","SecretAccessKey":"s","Token":"t",)"
              R"("Expiration":"2023-11-14T23:13:20Z"})");
  const auto got = get();
  ASSERT_TRUE(got.ok()) << got.error().message();
  EXPECT_EQ((*got)->access_key_id, "ASIA6");
  EXPECT_EQ(http.sent().size(), 2U);
}

TEST_F(AwsCredentialSourceTest, AnAgentThatRefusesIsNotAskedAtItsOtherAddress) {
  identity.login = AwsLogin::kPodIdentity;
  identity.pod_identity_agents = {pod_identity::kIpv4Endpoint, pod_identity::kIpv6Endpoint};
  http.answer(kAgent, 404, R"({"code":"ResourceNotFoundException","message":"no association"})");
  EXPECT_THAT(failure(), HasSubstr("no association"));
  EXPECT_EQ(http.sent().size(), 1U);
}

TEST_F(AwsCredentialSourceTest, AnAgentThatKnowsNoAssociationSaysSo) {
  identity.login = AwsLogin::kPodIdentity;
  http.answer(kAgent, 404, R"({"code":"ResourceNotFoundException","message":"no association"})");
  EXPECT_THAT(failure(), HasSubstr("no association; the cluster needs a pod identity association"));
}

TEST_F(AwsCredentialSourceTest, ATokenThatAPeerRepeatsIsNotTold) {
  const auto echo = [](const FakeHttp::Sent& sent) -> Result<Response> {
    const auto token = sent.headers.find("authorization");
    return FakeHttp::response(
        403, cat(R"({"code":"AccessDenied","message":"no: )",
                 token == sent.headers.end() ? sent.body : token->second, R"("})"));
  };
  http.script(kSts, echo);
  http.script(kAgent, echo);
  EXPECT_THAT(failure(), Not(HasSubstr("jwt-for")));
  identity.login = AwsLogin::kPodIdentity;
  EXPECT_THAT(failure(), Not(HasSubstr("jwt-for")));
}

}  // namespace
}  // namespace keyferry
