#include "dev/auth_method.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"
#include "dev/jwt.h"
#include "net/jwt_signature.h"

namespace keyferry::dev {
namespace {

using ::testing::HasSubstr;

constexpr WallTime kNow{std::chrono::seconds(1'700'000'000)};
constexpr std::string_view kBound =
    R"("bound_service_account_names":["shop"],"bound_service_account_namespaces":["web"])";

class AuthMethodTest : public testing::Test {
 protected:
  AuthMethodTest() {
    Json config(Json::Object{{"pem_keys", Json(Json::Array{Json(*public_key_of(key_))})}});
    for (AuthMethod* method : {&kubernetes_, &jwt_}) {
      EXPECT_EQ(method->configure(config).status, 204);
    }
  }

  std::string token(const ServiceAccountClaims& who = {"web", "shop", {"vault"}},
                    WallTime issued = kNow) const {
    return *make_service_account_token(who, key_, issued);
  }
  // "200", or the status and the first error of a login as role "r" with these members.
  std::string login(AuthMethod& method, std::string_view role, const std::string& jwt) {
    method.put_role("r", *parse_json(cat("{", role, "}")));
    const VaultReply reply =
        method.login(Json::Object{{"role", Json("r")}, {"jwt", Json(jwt)}}, tokens_, kNow);
    last_ = reply.body;
    if (reply.status == 200) return "200";
    const Json::Array& errors = *reply.body.find("errors")->as_array();
    return cat(reply.status, " ", errors.empty() ? "" : *errors[0].as_string());
  }

  Secret key_ = std::move(make_p256_key()).value();
  AuthMethod kubernetes_{AuthKind::kKubernetes, "kubernetes"};
  AuthMethod jwt_{AuthKind::kJwt, "jwt"};
  TokenTable tokens_;
  Json last_;
};

TEST_F(AuthMethodTest, AGoodLoginGivesATokenOfTheRole) {
  ASSERT_EQ(
      login(kubernetes_, cat(kBound, R"(,"token_policies":["shop"],"token_ttl":"1h")"), token()),
      "200");
  const Json* auth = last_.find("auth");
  EXPECT_EQ(to_text(*auth->find("policies")), R"(["default","shop"])");
  EXPECT_EQ(auth->find("lease_duration")->as_int(), 3600);
  EXPECT_EQ(auth->find("metadata")->text_of("service_account_name"), "shop");
  EXPECT_EQ(auth->find("metadata")->text_of("role"), "r");
  EXPECT_NE(tokens_.use(std::string(auth->text_of("client_token")), kNow), nullptr);
}

TEST_F(AuthMethodTest, KubernetesVerdicts) {
  const WallTime old = kNow - std::chrono::seconds(3601);
  const std::tuple<std::string, std::string, const char*> rows[] = {
      {cat(kBound, ""), token(), "200"},
      {R"("bound_service_account_names":"*","bound_service_account_namespaces":"*")", token(),
       "200"},
      {cat(kBound, R"(,"audience":"vault")"), token(), "200"},
      {cat(kBound, R"(,"audience":"bank")"), token(), "403 invalid audience"},
      {cat(kBound, ""), token({"web", "cafe", {}}), "403 service account name not authorized"},
      {cat(kBound, ""), token({"dev", "shop", {}}), "403 namespace not authorized"},
      {"", token(), "403 service account name not authorized"},
      {cat(kBound, ""), token({"web", "shop", {}}, old), "403 permission denied"},
      {cat(kBound, ""), "garbage", "403 permission denied"},
      {cat(kBound, ""), "", "400 missing token"},
  };
  for (const auto& [role, jwt, verdict] : rows) {
    EXPECT_THAT(login(kubernetes_, role, jwt), HasSubstr(verdict)) << role;
  }
}

TEST_F(AuthMethodTest, JwtVerdicts) {
  const auto issued = [&](int seconds) {
    return token({"web", "shop", {"vault"}}, kNow + std::chrono::seconds(seconds));
  };
  constexpr std::string_view kAudience = R"("bound_audiences":["vault","x"])";
  const std::tuple<std::string, std::string, const char*> rows[] = {
      {cat(kAudience), token(), "200"},
      {cat(kAudience, R"(,"bound_subject":"system:serviceaccount:web:shop")"), token(), "200"},
      {cat(kAudience, R"(,"bound_subject":"system:serviceaccount:web:bank")"), token(),
       "invalid subject (sub) claim"},
      {cat(kAudience, R"(,"bound_claims":{"/kubernetes.io/namespace":["dev","web"]})"), token(),
       "200"},
      {cat(kAudience, R"(,"bound_claims":{"/kubernetes.io/namespace":"dev"})"), token(),
       "claim \"/kubernetes.io/namespace\" does not match"},
      {cat(kAudience, R"(,"bound_claims":{"/kubernetes.io/none/deep":"x"})"), token(),
       "does not match"},
      {"", token(), "no audiences bound to the role"},
      {"", token({"web", "shop", {}}), "200"},
      {R"("bound_audiences":["bank"])", token(), "invalid audience (aud) claim"},
      {cat(kAudience), "garbage", "400 error validating token: compact JWS"},
      // An hour of life and a minute of leeway.
      {cat(kAudience), issued(-3659), "200"},
      {cat(kAudience), issued(-3661), "token is expired (exp)"},
      {cat(kAudience), issued(60), "200"},
      {cat(kAudience), issued(61), "token not valid yet (nbf)"},
      {cat(kAudience, R"(,"clock_skew_leeway":-1)"), issued(1), "token not valid yet (nbf)"},
      {cat(kAudience, R"(,"clock_skew_leeway":"5m")"), issued(300), "200"},
  };
  for (const auto& [role, jwt, verdict] : rows) {
    EXPECT_THAT(login(jwt_, role, jwt), HasSubstr(verdict)) << role;
  }
}

TEST_F(AuthMethodTest, AnIssuerMayBeBound) {
  jwt_.configure(Json::Object{{"jwt_validation_pubkeys", Json(*public_key_of(key_))},
                              {"bound_issuer", Json("https://issuer")}});
  EXPECT_THAT(login(jwt_, R"("bound_audiences":"vault")", token()), HasSubstr("invalid issuer"));
  ServiceAccountClaims who{"web", "shop", {"vault"}};
  who.issuer = "https://issuer";
  EXPECT_EQ(login(jwt_, R"("bound_audiences":"vault")", token(who)), "200");
}

TEST_F(AuthMethodTest, ClaimsMayBecomeMetadata) {
  ASSERT_EQ(login(jwt_, R"("bound_audiences":"vault","claim_mappings":{"sub":"who"})", token()),
            "200");
  EXPECT_EQ(last_.find("auth")->find("metadata")->text_of("who"), "system:serviceaccount:web:shop");
}

TEST_F(AuthMethodTest, RolesThatAreNotThereAreNamedInEachKindsWords) {
  const Json body = Json::Object{{"role", Json("none")}, {"jwt", Json(token())}};
  EXPECT_EQ(to_text(kubernetes_.login(body, tokens_, kNow).body),
            R"({"errors":["invalid role name \"none\""]})");
  EXPECT_EQ(to_text(jwt_.login(body, tokens_, kNow).body),
            R"({"errors":["role \"none\" could not be found"]})");
  EXPECT_EQ(kubernetes_.login(Json::Object{{"jwt", Json("x")}}, tokens_, kNow).status, 400);
}

TEST_F(AuthMethodTest, WithoutKeysNobodyLogsIn) {
  AuthMethod fresh(AuthKind::kKubernetes, "k");
  EXPECT_EQ(login(fresh, kBound, token()), "500 could not load backend configuration");
  for (const char* member : {"jwks_url", "oidc_discovery_url"}) {
    EXPECT_EQ(fresh.configure(Json::Object{{member, Json("https://x")}}).status, 400) << member;
  }
}

TEST_F(AuthMethodTest, RolesAreKeptListedAndDeleted) {
  EXPECT_EQ(jwt_.list_roles().status, 404);
  jwt_.put_role("a", *parse_json(R"({"bound_audiences":"x"})"));
  jwt_.put_role("b", Json(Json::Object{}));
  EXPECT_EQ(to_text(*jwt_.list_roles().body.find("data")), R"({"keys":["a","b"]})");
  EXPECT_EQ(jwt_.read_role("a").body.find("data")->text_of("bound_audiences"), "x");
  EXPECT_EQ(jwt_.delete_role("a").status, 204);
  EXPECT_EQ(jwt_.read_role("a").status, 404);
}

}  // namespace
}  // namespace keyferry::dev
