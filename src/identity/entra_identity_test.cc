#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/encoding.h"
#include "base/fake_clock.h"
#include "base/strings.h"
#include "formats/json.h"
#include "identity/entra_error.h"
#include "identity/entra_token_source.h"
#include "identity/machine_identity.h"
#include "identity/static_token.h"
#include "net/fake_http.h"

namespace keyferry {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kTokenUrl = "POST https://login.example/t1/oauth2/v2.0/token";
constexpr const char* kMetadataUrl =
    "GET http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
    "&resource=https%3A%2F%2Fvault.azure.net";

std::string assertion_of(std::string_view claims) {
  std::string text = base64url_encode(claims);
  while (text.ends_with('=')) text.pop_back();
  return cat("e30.", text, ".c2ln");
}

class EntraTest : public ::testing::Test {
 protected:
  EntraTest() {
    identity.namespace_name = "shop";
    identity.service_account = "web";
    identity.tenant = "t1";
    identity.client_id = "c1";
    identity.authority = "https://login.example";
    identity.metadata = machine_identity::kMetadataEndpoint;
    identity.resource = "https://vault.azure.net";
  }
  void entra(int status, const std::string& body) { http.answer(kTokenUrl, status, body); }
  // The token, or why there is none.
  std::string token() { return token_of(identity); }
  std::string token_of(const EntraIdentity& whose) {
    const auto got = source.token(whose, proof, {});
    return got.ok() ? std::string((*got)->value.expose()) : got.error().message();
  }

  FakeClock clock;
  FakeHttp http;
  StaticToken tokens{
      assertion_of(R"({"iss":"https://oidc.x/","sub":"system:serviceaccount:shop:web",)"
                   R"("aud":["api://AzureADTokenExchange"]})")};
  const Secret secret{"s3 cr&t"};
  EntraProof proof{tokens};
  EntraIdentity identity;
  EntraTokenSource source{http, clock};
};

TEST_F(EntraTest, AnAssertionIsSentAsEntraWantsIt) {
  entra(200, R"({"token_type":"Bearer","expires_in":3599,"access_token":"a.b.c"})");
  EXPECT_EQ(token(), "a.b.c");
  EXPECT_EQ(tokens.last_audience(), "api://AzureADTokenExchange");
  const auto sent = http.sent().at(0);
  EXPECT_EQ(sent.headers.at("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(sent.body,
            cat("grant_type=client_credentials&client_id=c1&scope=https%3A%2F%2Fvault.azure.net"
                "%2F.default&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-"
                "type%3Ajwt-bearer&client_assertion=",
                tokens.token("")->expose()));
}

TEST_F(EntraTest, ASecretIsSentEncodedAndNeverSaid) {
  identity.login = EntraLogin::kSecret;
  proof.client_secret = &secret;
  entra(401, R"({"error":"invalid_client","error_description":"AADSTS7000215: s3 cr&t is wrong"})");
  EXPECT_THAT(token(), AllOf(HasSubstr("(hidden) is wrong"), HasSubstr("not its ID"),
                             Not(HasSubstr("s3 cr&t"))));
  EXPECT_THAT(http.sent().at(0).body, HasSubstr("&client_secret=s3%20cr%26t"));
}

TEST_F(EntraTest, ATokenIsKeptUntilShortlyBeforeItEnds) {
  entra(200, R"({"expires_in":3600,"access_token":"one"})");
  entra(200, R"({"expires_in":3600,"access_token":"two"})");
  EXPECT_EQ(token(), "one");
  clock.tick(54min);
  EXPECT_EQ(token(), "one");
  clock.tick(2min);
  EXPECT_EQ(token(), "two");
  EXPECT_EQ(http.sent().size(), 2U);
}

TEST_F(EntraTest, ATokenOfAnotherAccountSecretOrResourceIsNeverGiven) {
  int asked = 0;
  http.script(kTokenUrl, [&](const FakeHttp::Sent&) -> Result<Response> {
    return FakeHttp::response(
        200, cat(R"({"expires_in":"3600","access_token":"token )", ++asked, R"("})"));
  });
  EXPECT_EQ(token(), "token 1");
  EntraIdentity other = identity;
  other.service_account = "api";
  EXPECT_EQ(token_of(other), "token 2");
  other = identity;
  other.resource = "https://graph.example";
  EXPECT_EQ(token_of(other), "token 3");
  other = identity;
  other.login = EntraLogin::kSecret;
  proof.client_secret = &secret;
  EXPECT_EQ(token_of(other), "token 4");
  const Secret wrong("another");
  proof.client_secret = &wrong;
  EXPECT_EQ(token_of(other), "token 5");
  proof.client_secret = &secret;
  EXPECT_EQ(token_of(other), "token 4");
}

TEST_F(EntraTest, ManyThreadsAskOnce) {
  entra(200, R"({"expires_in":3600,"access_token":"one"})");
  std::vector<std::jthread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(token(), "one"); });
  }
  threads.clear();
  EXPECT_EQ(http.sent().size(), 1U);
}

TEST_F(EntraTest, ARefusedTokenIsNotGivenAgain) {
  entra(200, R"({"expires_in":3600,"access_token":"one"})");
  entra(200, R"({"expires_in":3600,"access_token":"two"})");
  const auto first = source.token(identity, proof, {});
  source.forget(identity, proof, *first);
  EXPECT_EQ(token(), "two");
  source.forget(identity, proof, *first);  // somebody else's old news
  EXPECT_EQ(token(), "two");
}

TEST_F(EntraTest, ExpiryMayBeANumberOrATextAndAbsentMeansOnce) {
  const WallTime now = clock.wall_now();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const auto life = [&](const std::string& members) {
    const auto read = entra::read_token(
        FakeHttp::response(200, cat(R"({"access_token":"x")", members, "}")), now);
    return std::chrono::round<std::chrono::seconds>(read->expires - now);
  };
  EXPECT_EQ(life(R"(,"expires_in":60)"), 60s);
  EXPECT_EQ(life(R"(,"expires_in":"60")"), 60s);
  EXPECT_EQ(life(cat(R"(,"expires_on":")", seconds + 90, '"')), 90s);
  EXPECT_EQ(life(cat(R"(,"expires_on":)", seconds + 90)), 90s);
  EXPECT_EQ(life(R"(,"expires_in":"soon","expires_on":-5)"), 0s);
  EXPECT_EQ(life(R"(,"expires_in":9223372036854775807)"), 366 * 24h);
  EXPECT_EQ(life(""), 0s);
}

TEST_F(EntraTest, AnswersThatHoldNoTokenAreNotQuoted) {
  for (const char* body : {"", "<html>s3cr3t</html>", "[]", R"({"token":"s3cr3t"})"}) {
    const auto read = entra::read_token(FakeHttp::response(200, body), clock.wall_now());
    ASSERT_FALSE(read.ok()) << body;
    EXPECT_THAT(read.error().message(), AllOf(Not(HasSubstr("s3cr3t")), HasSubstr("; is that")));
  }
}

TEST_F(EntraTest, ABusyEntraIsAskedAgainWithAFreshAssertion) {
  entra(503, "");
  entra(200, R"({"expires_in":3600,"access_token":"one"})");
  EXPECT_EQ(token(), "one");
  EXPECT_EQ(tokens.asked(), 2);
}

// Which issuer, subject and audience Entra must trust: people compare these by eye for hours.
TEST_F(EntraTest, WhatIsNotTrustedIsSaidWithIssuerSubjectAndAudience) {
  for (const int code : {70021, 700211, 700212, 700213, 7002138}) {
    FakeHttp refusing;
    EntraTokenSource refused(refusing, clock);
    refusing.answer(kTokenUrl, 401,
                    cat(R"({"error":"invalid_client","error_description":"AADSTS)", code,
                        R"(: No matching federated identity record found. Trace ID: t1\r\nmore",)"
                        R"("trace_id":"t1"})"));
    const auto got = refused.token(identity, proof, {});
    ASSERT_FALSE(got.ok());
    EXPECT_EQ(got.error().code(), ErrorCode::kUnauthenticated);
    EXPECT_EQ(got.error().message(),
              cat("token for application c1 of tenant t1: HTTP 401: AADSTS", code,
                  ": No matching federated identity record found. (trace t1); application c1 needs "
                  "a federated credential with exactly issuer 'https://oidc.x/', subject "
                  "'system:serviceaccount:shop:web' and audience 'api://AzureADTokenExchange'; a "
                  "new one is known after a few minutes"));
  }
}

TEST_F(EntraTest, EachCodeSaysWhatToDo) {
  const struct {
    int status;
    const char* description;
    ErrorCode code;
    const char* words;
  } rows[] = {
      {401, "AADSTS700024: x", ErrorCode::kUnauthenticated, "set the clocks right"},
      {400, "AADSTS50027: x", ErrorCode::kUnauthenticated, "give a fresh service-account token"},
      {401, "AADSTS7000272: x", ErrorCode::kUnauthenticated,
       "is that the OIDC issuer of this clus"},
      {401, "AADSTS700027: x", ErrorCode::kUnauthenticated, "issuer 'https://oidc.x/' publishes"},
      {400, "AADSTS700016: x", ErrorCode::kUnauthenticated, "not the object ID"},
      {401, "AADSTS7000222: x", ErrorCode::kUnauthenticated, "make a new client secret"},
      {401, "AADSTS7000112: x", ErrorCode::kUnauthenticated, "enable the application c1"},
      {400, "AADSTS90002: x", ErrorCode::kUnauthenticated, "correct tenantID 't1', or cloudName"},
      {400, "AADSTS500011: x", ErrorCode::kUnauthenticated,
       "the token was asked for https://vault"},
      {400, "AADSTS53003: x", ErrorCode::kUnauthenticated, "Conditional Access"},
      {400, "AADSTS1: x", ErrorCode::kUnauthenticated, "check clientID, tenantID"},
      {429, "", ErrorCode::kResourceExhausted, "look less often"},
      {500, "", ErrorCode::kUnavailable, "see Azure's status"},
      {404, "", ErrorCode::kFailedPrecondition, "is https://login.example a token endpoint?"},
  };
  const auto claims = entra::claims_of(*tokens.token(""));
  for (const auto& row : rows) {
    Json body;
    if (*row.description != '\0') body.set("error_description", row.description);
    const Error error = entra::refusal(FakeHttp::response(row.status, to_text(body)), identity,
                                       claims, clock.wall_now());
    EXPECT_EQ(error.code(), row.code) << row.description;
    EXPECT_THAT(error.message(), AllOf(HasSubstr(row.words), HasSubstr("; ")));
  }
}

TEST_F(EntraTest, ClaimsAreReadFromAnythingThatLooksLikeAToken) {
  const auto claims = entra::claims_of(Secret(assertion_of(R"({"iss":"i","sub":"s","aud":"a"})")));
  EXPECT_EQ(claims.issuer, "i");
  EXPECT_EQ(claims.subject, "s");
  EXPECT_EQ(claims.audience, "a");
  for (const char* text : {"", "a.b", "a.?.c", "a.e30.c", "....."}) {
    EXPECT_EQ(entra::claims_of(Secret(text)).issuer, "") << text;
  }
}

TEST_F(EntraTest, TheTokenProxyIsAskedByItsName) {
  identity.login = EntraLogin::kTokenProxy;
  identity.authority = "https://kubernetes.default.svc";
  identity.tls.server_name = "a0.ests.aks";
  http.answer("POST https://kubernetes.default.svc/t1/oauth2/v2.0/token", 200,
              R"({"expires_in":3600,"access_token":"one"})");
  EXPECT_EQ(token(), "one");
  EXPECT_EQ(tokens.last_audience(), "api://AKSIdentityBinding");
  EXPECT_EQ(http.sent().at(0).tls.server_name, "a0.ests.aks");
}

TEST_F(EntraTest, TheMachineIsAskedDirectlyAndAgainWhileItStarts) {
  identity.login = EntraLogin::kMachine;
  identity.client_id.clear();
  http.answer(kMetadataUrl, 404, "");
  http.answer(kMetadataUrl, 410, "");
  http.answer(kMetadataUrl, 200,
              R"({"access_token":"one","expires_in":"86399","expires_on":"1","resource":"r"})");
  EXPECT_EQ(token(), "one");
  EXPECT_EQ(tokens.asked(), 0);
  const auto sent = http.sent().at(0);
  EXPECT_EQ(sent.headers.at("metadata"), "true");
  EXPECT_EQ(sent.proxy, ProxyUse::kNever);
}

TEST_F(EntraTest, AnIdentityThatTheMachineLacksIsNamed) {
  identity.login = EntraLogin::kMachine;
  const std::string url = cat(kMetadataUrl, "&client_id=c1");
  http.answer(url, 400, R"({"error":"invalid_request","error_description":"Identity not found"})");
  EXPECT_EQ(token(),
            "token for the machine's managed identity c1: HTTP 400: Identity not found; assign the "
            "identity c1 to the machine (the node pool's scale set), or correct "
            "userAssignedIdentityID: it is the client ID");
  http.fail(kMetadataUrl, Error(ErrorCode::kUnavailable, "no route"));
  identity.client_id.clear();
  EXPECT_THAT(token(), HasSubstr("no route; is this a machine of Azure"));
}

TEST_F(EntraTest, RetiredPodIdentityIsStillSpoken) {
  identity.login = EntraLogin::kNodeManagedPod;
  identity.metadata = machine_identity::kNodeEndpoint;
  identity.pod_name = "web-0";
  http.answer("GET http://localhost:2579/host/token/?resource=https%3A%2F%2Fvault.azure.net", 200,
              R"({"token":{"access_token":"one","expires_on":"99999999999"},"clientid":"x"})");
  EXPECT_EQ(token(), "one");
  const auto sent = http.sent().at(0);
  EXPECT_EQ(sent.headers.at("podname"), "web-0");
  EXPECT_EQ(sent.headers.at("podns"), "shop");
}

}  // namespace
}  // namespace keyferry
