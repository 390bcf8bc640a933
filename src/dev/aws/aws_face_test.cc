// The AWS face without a socket: routes, names, seeds, and answers in each protocol. Signed
// requests are in tests/e2e/test_aws_dev.py, made by botocore.
#include "dev/aws/aws_face.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/fake_clock.h"
#include "base/strings.h"
#include "dev/jwt.h"
#include "formats/xml.h"
#include "net/jwt_signature.h"

namespace keyferry::dev {
namespace {

using ::testing::HasSubstr;

class AwsFaceTest : public testing::Test {
 protected:
  AwsFaceTest() : key_(std::move(make_p256_key()).value()) { seed("{}"); }

  void seed(std::string_view json) {
    auto face = AwsFace::from_seed(clock_, *parse_json(json), {"root", *public_key_of(key_)});
    ASSERT_TRUE(face.ok()) << face.error().message();
    face_ = std::move(face).value();
  }
  std::string complaint(std::string_view json) {
    const auto face = AwsFace::from_seed(clock_, *parse_json(json), {"root", ""});
    return face.ok() ? "" : face.error().message();
  }
  std::string token(std::string_view audience) {
    return *make_service_account_token(
        {"web", "shop", {std::string(audience)}, ServiceAccountClaims().issuer, 3600}, key_,
        clock_.wall_now());
  }
  static ServerRequest request_of(std::string_view method, std::string_view path,
                                  std::vector<Header> headers, std::string_view body = "") {
    ServerRequest request;
    request.method = method;
    request.path = path;
    request.headers = std::move(headers);
    request.body = Secret(body);
    return request;
  }

  FakeClock clock_;
  Secret key_;
  std::unique_ptr<AwsFace> face_;
};

constexpr const char* kRole = R"({"roles":{"shop":{"trust":{"Statement":[
    {"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":
     "arn:aws:iam::123456789012:oidc-provider/kubernetes.default.svc.cluster.local"}},
    {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"pods.eks.amazonaws.com"}}
    ]}}},"pod_identity":{"web/shop":"shop"}})";

TEST_F(AwsFaceTest, OperationsHaveNames) {
  const Header secrets{"X-Amz-Target", "secretsmanager.GetSecretValue"};
  const Header parameters{"X-Amz-Target", "AmazonSSM.GetParameters"};
  const Header iam{"Authorization",
                   "AWS4-HMAC-SHA256 Credential=k/d/r/iam/aws4_request, SignedHeaders=host, "
                   "Signature=0"};
  EXPECT_EQ(face_->name_of(request_of("POST", "/", {secrets})), "/secretsmanager.GetSecretValue");
  EXPECT_EQ(face_->name_of(request_of("POST", "/", {parameters})), "/ssm.GetParameters");
  EXPECT_EQ(face_->name_of(request_of("POST", "/", {}, "Action=AssumeRole&a=b")),
            "/sts.AssumeRole");
  EXPECT_EQ(face_->name_of(request_of("POST", "/", {iam}, "Action=CreateRole")), "/iam.CreateRole");
  EXPECT_EQ(face_->name_of(request_of("GET", "/v1/credentials", {})), "/v1/credentials");
  EXPECT_EQ(face_->name_of(request_of("GET", "/x", {})), "/x");
}

TEST_F(AwsFaceTest, RefusalsComeInTheWordsOfEachProtocol) {
  const ServerResponse json = face_->answer(
      request_of("POST", "/", {{"X-Amz-Target", "secretsmanager.GetSecretValue"}}, "{}"));
  EXPECT_EQ(json.status, 400);
  EXPECT_EQ(parse_json(json.body.expose())->text_of("__type"),
            "MissingAuthenticationTokenException");
  const ServerResponse xml = face_->answer(request_of("POST", "/", {}, "Action=GetCallerIdentity"));
  EXPECT_EQ(xml.status, 403);
  EXPECT_EQ(Xml::parse(xml.body.expose())->text_at("ErrorResponse/Error/Code"),
            "MissingAuthenticationToken");
  const ServerResponse agent = face_->answer(request_of("GET", "/v1/credentials", {}));
  EXPECT_EQ(agent.status, 400);
  EXPECT_EQ(parse_json(agent.body.expose())->text_of("code"), "InvalidRequestException");
}

TEST_F(AwsFaceTest, ATokenBecomesASession) {
  seed(kRole);
  const auto assume = [&](std::string_view session) {
    return face_->answer(request_of(
        "POST", "/", {},
        cat("Action=AssumeRoleWithWebIdentity&RoleArn=",
            percent_encode("arn:aws:iam::123456789012:role/shop"), "&RoleSessionName=", session,
            "&WebIdentityToken=", token("sts.amazonaws.com"))));
  };
  EXPECT_EQ(assume("s").status, 400) << "a session's name has two letters";
  const ServerResponse answer = assume("shop");
  ASSERT_EQ(answer.status, 200) << answer.body.expose();
  const auto xml = Xml::parse(answer.body.expose());
  EXPECT_EQ(xml->text_at("AssumeRoleWithWebIdentityResponse/AssumeRoleWithWebIdentityResult/"
                         "AssumedRoleUser/Arn"),
            "arn:aws:sts::123456789012:assumed-role/shop/shop");
}

TEST_F(AwsFaceTest, TheAgentGivesAnAssociatedPodItsRole) {
  const auto ask = [&](std::string_view audience) {
    return face_->answer(
        request_of("GET", "/v1/credentials", {{"Authorization", token(audience)}}));
  };
  EXPECT_EQ(ask("pods.eks.amazonaws.com").status, 404) << "no association";
  seed(kRole);
  EXPECT_EQ(ask("sts.amazonaws.com").status, 400);
  const ServerResponse answer = ask("pods.eks.amazonaws.com");
  ASSERT_EQ(answer.status, 200);
  const Json body = *parse_json(answer.body.expose());
  EXPECT_THAT(std::string(body.text_of("AccessKeyId")), HasSubstr("ASIA"));
  EXPECT_EQ(body.text_of("AccountId"), "123456789012");
}

TEST_F(AwsFaceTest, ASeedThatIsWrongIsNamed) {
  const std::pair<const char*, const char*> rows[] = {
      {R"([])", "expected an object"},
      {R"({"secret":{}})", "'secret' is not known; known are"},
      {R"({"secrets":[]})", "secrets: expected an object"},
      {R"({"roles":{"a":{}}})", "roles.a.trust"},
      {R"({"roles":{"a":{"trust":{}}}})", "roles.a.trust: policy"},
      {R"({"users":{"a":{}}})", "users.a"},
      {R"({"oidc_providers":{"h":{}}})", "oidc_providers.h.pem_keys"},
      {R"({"pod_identity":{"shop":"r"}})", "pod_identity.shop"},
  };
  for (const auto& [text, words] : rows) EXPECT_THAT(complaint(text), HasSubstr(words)) << text;
}

TEST_F(AwsFaceTest, ATestAddsToTheSeedAndOrdersFailuresByName) {
  EXPECT_EQ(face_->answer_dev(request_of("POST", "/dev/seed", {}, kRole)).status, 204);
  EXPECT_EQ(face_->answer_dev(request_of("POST", "/dev/seed", {}, "{")).status, 400);
  EXPECT_EQ(face_->answer_dev(request_of("GET", "/dev/other", {})).status, 404);
  Fault fault;
  fault.status = 429;
  const ServerRequest sts = request_of("POST", "/", {}, "Action=AssumeRole");
  EXPECT_THAT(std::string(face_->fail_as(fault, sts).body.expose()),
              HasSubstr("<Code>Throttling</Code>"));
  fault.code = "ExpiredTokenException";
  EXPECT_THAT(
      std::string(face_->fail_as(fault, request_of("GET", "/v1/credentials", {})).body.expose()),
      HasSubstr("ExpiredTokenException"));
}

}  // namespace
}  // namespace keyferry::dev
