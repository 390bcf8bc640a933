// Azure's face: who is challenged, who gets a token, and what a vault answers. No socket. What its
// answers mean to the vendor's clients is judged by tests/e2e/test_azure_dev.py.
#include "dev/azure/azure_face.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/fake_clock.h"
#include "base/strings.h"
#include "dev/jwt.h"
#include "net/jwt_signature.h"

namespace keyferry::dev {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSeed = R"({
  "tenants": {"t1": {"apps": {
    "reader": {"secrets": ["pw"], "managed_identity": true, "resource_id": "/r/1",
               "federated_credentials": [{"issuer": "https://k8s", "subject":
                                          "system:serviceaccount:web:shop"}]},
    "other": {"secrets": ["pw2"]}}}},
  "vaults": {"shop": {"tenant": "t1",
    "secrets": {"a": ["old", "new"], "b": {"value": "x", "attributes": {"enabled": false}}},
    "keys": {"k": {"kty": "EC"}},
    "access_policies": [{"app": "reader", "secrets": ["get", "list"]}]}}})";

class AzureFaceTest : public testing::Test {
 protected:
  AzureFaceTest() {
    AzureOptions options;
    options.root_token = "root";
    options.usual_issuer_key = public_key_of(key()).value();
    face_ = AzureFace::from_seed(clock_, parse_json(kSeed).value(), std::move(options)).value();
  }

  static const Secret& key() {
    static const Secret made = make_p256_key().value();
    return made;
  }

  ServerResponse ask(std::string_view method, std::string_view path,
                     const std::map<std::string, std::string, std::less<>>& query,
                     std::string_view bearer, std::string_view body = "") {
    ServerRequest request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.body = Secret(body);
    request.headers = {{"Host", host_}};
    if (!bearer.empty()) request.headers.push_back({"Authorization", cat("Bearer ", bearer)});
    return face_->answer(request);
  }
  ServerResponse get(std::string_view path, std::string_view bearer) {
    return ask("GET", path, {{"api-version", "7.4"}}, bearer);
  }

  Json token_answer(std::string_view form) {
    ServerRequest request;
    request.method = "POST";
    request.path = "/t1/oauth2/v2.0/token";
    request.headers = {{"Host", "login.microsoftonline.com"}};
    request.body = Secret(form);
    return parse_json(face_->answer(request).body.expose()).value();
  }
  std::string token(std::string_view app = "reader", std::string_view secret = "pw",
                    std::string_view resource = "https://vault.azure.net") {
    const Json answer =
        token_answer(cat("grant_type=client_credentials&client_id=", app, "&client_secret=", secret,
                         "&scope=", percent_encode(cat(resource, "/.default"))));
    return std::string(answer.text_of("access_token"));
  }
  Json assertion_answer(const ServiceAccountClaims& claims) {
    const std::string jwt = make_service_account_token(claims, key(), clock_.wall_now()).value();
    return token_answer(cat(
        "grant_type=client_credentials&client_id=reader&client_assertion=", jwt,
        "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        "&scope=https%3A%2F%2Fvault.azure.net%2F.default+openid+profile+offline_access"));
  }
  static std::string code_in(const ServerResponse& response) {
    const Json body = parse_json(response.body.expose()).value();
    const Json* error = body.find("error");
    const Json* inner = error == nullptr ? nullptr : error->find("innererror");
    return std::string(inner != nullptr ? inner->text_of("code") : error->text_of("code"));
  }

  FakeClock clock_;
  std::string host_ = "shop.vault.azure.net";
  std::unique_ptr<AzureFace> face_;
};

TEST_F(AzureFaceTest, WhoBringsNoTokenIsToldWhereToGetOne) {
  const ServerResponse response = get("/secrets/a", "");
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.headers.back().value,
            "Bearer authorization=\"https://login.microsoftonline.com/t1\", "
            "resource=\"https://vault.azure.net\"");
}

TEST_F(AzureFaceTest, TheAddressDecidesWhatTheChallengeSays) {
  const std::pair<const char*, const char*> rows[] = {
      {"shop.vault.azure.cn",
       "Bearer authorization=\"https://login.chinacloudapi.cn/t1\", "
       "resource=\"https://vault.azure.cn\""},
      {"shop.localhost:8443",
       "Bearer authorization=\"https://localhost:8443/t1\", resource=\"https://localhost:8443\""},
      {"localhost:8443",
       "Bearer authorization=\"https://localhost:8443/t1\", resource=\"https://vault.azure.net\""},
      {"127.0.0.1:8443",
       "Bearer authorization=\"https://127.0.0.1:8443/t1\", "
       "resource=\"https://vault.azure.net\""}};
  for (const auto& [host, challenge] : rows) {
    host_ = host;
    EXPECT_EQ(get("/secrets/a", "").headers.back().value, challenge) << host;
  }
}

TEST_F(AzureFaceTest, ATokenReadsWhatItsPolicyAllows) {
  const ServerResponse response = get("/secrets/a/", token());
  ASSERT_EQ(response.status, 200) << response.body.expose();
  const Json secret = parse_json(response.body.expose()).value();
  EXPECT_EQ(secret.text_of("value"), "new");
  EXPECT_THAT(std::string(secret.text_of("id")), HasSubstr("https://shop.vault.azure.net/secrets"));
  EXPECT_EQ(code_in(get("/secrets/a", token("other", "pw2"))), "AccessDenied");
  EXPECT_EQ(code_in(get("/keys/k", token())), "AccessDenied");
  EXPECT_EQ(get("/keys/k", "root").status, 200);
}

TEST_F(AzureFaceTest, ATokenEndsAndIsForOneApi) {
  const std::string good = token();
  EXPECT_EQ(get("/secrets/a", token("reader", "pw", "https://management.azure.com")).status, 401);
  EXPECT_EQ(get("/secrets/a", good).status, 200);
  clock_.tick(std::chrono::hours(1));
  EXPECT_EQ(get("/secrets/a", good).status, 401);
}

TEST_F(AzureFaceTest, AnAssertionIsTakenForWhatItSaysAndAsLongAsItIsValid) {
  ServiceAccountClaims claims{"web", "shop", {"api://AzureADTokenExchange"}, "https://k8s", 600};
  EXPECT_EQ(assertion_answer(claims).text_of("token_type"), "Bearer");
  const auto codes = [&](auto change) {
    ServiceAccountClaims changed = claims;
    change(changed);
    return to_text(*assertion_answer(changed).find("error_codes"));
  };
  EXPECT_EQ(codes([](auto& c) { c.issuer = "https://x"; }), "[700211]");
  EXPECT_EQ(codes([](auto& c) { c.service_account = "x"; }), "[700213]");
  EXPECT_EQ(codes([](auto& c) { c.service_account = "Shop"; }), "[7002138]");
  EXPECT_EQ(codes([](auto& c) { c.audiences = {"x"}; }), "[700212]");
  EXPECT_EQ(codes([](auto& c) { c.ttl_seconds = -1; }), "[700024]");
}

TEST_F(AzureFaceTest, ATokenRequestThatLacksSomethingSaysWhat) {
  const std::pair<const char*, const char*> rows[] = {
      {"client_id=reader", "[900144]"},
      {"grant_type=password&client_id=reader", "[70003]"},
      {"grant_type=client_credentials&client_id=reader", "[900144]"},
      {"grant_type=client_credentials&client_id=nobody&scope=s", "[700016]"},
      {"grant_type=client_credentials&client_id=reader&scope=s", "[7000216]"},
      {"grant_type=client_credentials&client_id=reader&scope=s&client_secret=x", "[7000215]"},
      {"grant_type=client_credentials&client_id=reader&scope=s&client_secret=pw", "[1002012]"}};
  for (const auto& [form, codes] : rows)
    EXPECT_EQ(to_text(*token_answer(form).find("error_codes")), codes) << form;
}

TEST_F(AzureFaceTest, RefusalsOfAVault) {
  const std::tuple<const char*, int, const char*> rows[] = {
      {"/secrets/none", 404, "SecretNotFound"},
      {"/secrets/a/00000000000000000000000000000000", 404, "SecretNotFound"},
      {"/secrets/a_b", 400, "BadParameter"},
      {"/secrets/a/latest", 400, "BadParameter"},
      {"/secrets/b", 403, "SecretDisabled"},
      {"/keys/none", 404, "KeyNotFound"},
      {"/certificates/none", 404, "CertificateNotFound"},
      {"/deletedsecrets/a", 404, "SecretNotFound"}};
  for (const auto& [path, status, code] : rows) {
    const ServerResponse response = get(path, "root");
    EXPECT_EQ(response.status, status) << path;
    EXPECT_EQ(code_in(response), code) << path;
  }
  EXPECT_EQ(ask("GET", "/secrets/a", {}, "root").status, 400);
  EXPECT_EQ(ask("GET", "/secrets/a", {{"api-version", "1.0"}}, "root").status, 400);
  EXPECT_EQ(ask("PUT", "/secrets/a", {{"api-version", "7.4"}}, "root", "{").status, 400);
  EXPECT_EQ(ask("POST", "/secrets/a", {{"api-version", "7.4"}}, "root", "{}").status, 405);
  EXPECT_EQ(code_in(face_->refuse(429, "slow down")), "Throttled");
}

TEST_F(AzureFaceTest, PagesLeadToEachOther) {
  const std::map<std::string, std::string, std::less<>> one = {{"api-version", "7.4"},
                                                               {"maxresults", "1"}};
  const Json first = parse_json(ask("GET", "/secrets", one, "root").body.expose()).value();
  EXPECT_EQ(first.text_of("nextLink"),
            "https://shop.vault.azure.net/secrets?api-version=7.4&$skiptoken=1&maxresults=1");
  auto next = one;
  next.insert_or_assign("$skiptoken", "1");
  const Json second = parse_json(ask("GET", "/secrets", next, "root").body.expose()).value();
  EXPECT_EQ(second.find("value")->as_array()->size(), 1U);
  EXPECT_TRUE(second.find("nextLink")->is_null());
  EXPECT_EQ(ask("GET", "/secrets", {{"api-version", "7.4"}, {"maxresults", "26"}}, "root").status,
            400);
}

TEST_F(AzureFaceTest, TheMachineHasAnIdentity) {
  ServerRequest request;
  request.method = "GET";
  request.path = "/metadata/identity/oauth2/token";
  request.query = {{"api-version", "2018-02-01"}, {"resource", "https://vault.azure.net"}};
  request.headers = {{"Host", "169.254.169.254"}};
  EXPECT_EQ(face_->answer(request).status, 400);
  request.headers.push_back({"Metadata", "true"});
  const Json answer = parse_json(face_->answer(request).body.expose()).value();
  EXPECT_EQ(answer.text_of("client_id"), "reader");
  EXPECT_EQ(answer.text_of("expires_in"), "86399");
  EXPECT_EQ(get("/secrets/a", answer.text_of("access_token")).status, 200);
  request.query.insert_or_assign("client_id", "other");
  EXPECT_THAT(std::string(face_->answer(request).body.expose()), HasSubstr("Identity not found"));
  request.query.erase("client_id");
  request.query.insert_or_assign("mi_res_id", "/R/1");
  EXPECT_EQ(face_->answer(request).status, 200);
}

TEST_F(AzureFaceTest, MoreIsSeededWhileItRuns) {
  ServerRequest request;
  request.method = "POST";
  request.path = "/dev/seed";
  request.body = Secret(R"({"vaults": {"shop": {"access_policies": []}}})");
  EXPECT_EQ(face_->answer_dev(request).status, 204);
  EXPECT_EQ(get("/secrets/a", token()).status, 403);
  request.body =
      Secret(R"({"vaults": {"shop": {"role_assignments": [{"app": "a", "role": "x"}]}}})");
  const ServerResponse refused = face_->answer_dev(request);
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(std::string(refused.body.expose()), HasSubstr("Key Vault Secrets User"));
}

TEST(AzureSeed, NamesWhatIsWrong) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"tenants": []})", "tenants"},
      {R"({"tenants": {"t": {"apps": {"a": 1}}}})", "tenants.t.apps.a"},
      {R"({"tenants": {"t": {"apps": {"a": {"federated_credentials": [{}]}}}}})", "subject"},
      {R"({"issuers": {"i": {}}})", "issuers.i"},
      {R"({"vaults": 1})", "vaults"},
      {R"({"vaults": {"v": {"secrets": {"a_b": "x"}}}})", "secrets.a_b"},
      {R"({"vaults": {"v": {"secrets": {"a": {}}}}})", "secrets.a"},
      {R"({"vaults": {"v": {"keys": {"k": {"kty": "oct"}}}}})", "keys.k"},
      {R"({"vaults": {"v": {"certificates": {"c": "x"}}}})", "certificates.c"}};
  FakeClock clock;
  for (const auto& [seed, words] : rows) {
    const auto face = AzureFace::from_seed(clock, parse_json(seed).value(), {});
    ASSERT_FALSE(face.ok()) << seed;
    EXPECT_THAT(face.error().message(), HasSubstr(words));
  }
}

}  // namespace
}  // namespace keyferry::dev
