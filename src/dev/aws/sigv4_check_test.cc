// Two readings of Signature Version 4 against each other: identity/ signs, the dev store verifies.
// What both get wrong in the same way, botocore finds (tests/e2e/test_aws_dev.py).
#include "dev/aws/sigv4_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "identity/sigv4.h"

namespace keyferry::dev {
namespace {

using ::testing::HasSubstr;

class SigV4Check : public testing::Test {
 protected:
  SigV4Check() : iam_("123456789012") { iam_.add_root_key("AKID", "secret"); }

  ServerRequest signed_request(std::string_view key_id = "AKID", std::string_view secret = "secret",
                               std::string_view session_token = "") {
    Request request;
    request.method = "POST";
    request.url = "https://ssm.eu-west-1.amazonaws.com/?b=%2F&a=1%202";
    request.headers = {{"Content-Type", "application/x-amz-json-1.1"},
                       {"X-Amz-Target", "AmazonSSM.GetParameters"},
                       {"X-Odd", "  a   b "}};
    request.body = Secret("{\"Names\":[\"a\"]}");
    const AwsCredentials credentials{
        std::string(key_id), Secret(secret), Secret(session_token), {}};
    EXPECT_TRUE(sigv4::sign(request, credentials, {"eu-west-1", "ssm", clock_.wall_now()},
                            sigv4::PathRule::kEncodedAgain)
                    .ok());
    ServerRequest received;
    received.method = request.method;
    received.path = "/";
    received.query = {{"a", "1 2"}, {"b", "/"}};
    received.headers = request.headers;
    received.headers.push_back({"Host", "ssm.eu-west-1.amazonaws.com"});
    for (const auto& header : request.secret_headers) {
      received.headers.push_back({header.name, std::string(header.value.expose())});
    }
    received.body = request.body.copy();
    return received;
  }

  // "" when the signature is taken.
  std::string verdict(const ServerRequest& request, std::string_view service = "ssm",
                      std::string_view region = "eu-west-1") {
    const auto with = read_authorization(request);
    if (!with.ok()) return with.error().message;
    const SignatureNeeds needs{service, [&](std::string_view one) { return one == region; }};
    const auto key = check_signature(request, *with, iam_, needs, clock_.wall_now());
    return key.ok() ? "" : key.error().message;
  }

  FakeClock clock_;
  AwsIam iam_;
};

TEST_F(SigV4Check, WhatOneSignsTheOtherTakes) { EXPECT_EQ(verdict(signed_request()), ""); }

TEST_F(SigV4Check, KeysTimesAndScopesThatDoNotFitAreNamed) {
  EXPECT_THAT(verdict(signed_request("OTHER")), HasSubstr("token included in the request is inv"));
  EXPECT_THAT(verdict(signed_request("AKID", "other")), HasSubstr("signature we calculated"));
  EXPECT_THAT(verdict(signed_request("AKID", "secret", "token")), HasSubstr("is invalid"));
  EXPECT_THAT(verdict(signed_request(), "sts"), HasSubstr("correct service: 'sts'"));
  EXPECT_THAT(verdict(signed_request(), "ssm", "us-east-1"), HasSubstr("valid region"));
  const ServerRequest before = signed_request();
  clock_.tick(std::chrono::minutes(5));
  EXPECT_EQ(verdict(before), "");
  clock_.tick(std::chrono::seconds(1));
  EXPECT_THAT(verdict(before), HasSubstr("Signature expired"));
}

TEST_F(SigV4Check, WhatIsChangedAfterwardsIsSeen) {
  const std::function<void(ServerRequest&)> changes[] = {
      [](ServerRequest& request) { request.method = "PUT"; },
      [](ServerRequest& request) { request.query["a"] = "2"; },
      [](ServerRequest& request) { request.body.append(" "); },
      [](ServerRequest& request) { request.headers[1].value = "AmazonSSM.DeleteParameter"; },
      [](ServerRequest& request) {
        request.headers.push_back({"X-Amz-New", "1"});
      },
      [](ServerRequest& request) {
        request.headers.push_back({"X-Odd", "c"});
      },
  };
  int number = 0;
  for (const auto& change : changes) {
    ServerRequest request = signed_request();
    change(request);
    EXPECT_NE(verdict(request), "") << ++number;
  }
}

TEST_F(SigV4Check, ASessionNeedsItsTokenAndEnds) {
  ASSERT_TRUE(iam_.add_role("shop", *parse_json(R"({"trust":{"Statement":{"Effect":"Allow",
      "Action":"sts:AssumeRole","Principal":"*"}}})"))
                  .ok());
  const AwsKey& key =
      iam_.open_session(iam_.role_arn("shop"), "s", std::chrono::seconds(900), clock_.wall_now());
  const auto request = [&] {
    return signed_request(key.id, key.secret.expose(), key.session_token.expose());
  };
  EXPECT_EQ(verdict(request()), "");
  EXPECT_NE(verdict(signed_request(key.id, key.secret.expose())), "");
  clock_.tick(std::chrono::seconds(900));
  EXPECT_THAT(verdict(request()), HasSubstr("expired"));
}

}  // namespace
}  // namespace keyferry::dev
