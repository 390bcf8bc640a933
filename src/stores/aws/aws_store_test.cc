#include "stores/aws/aws_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/fake_clock.h"
#include "base/strings.h"
#include "identity/static_token.h"
#include "net/fake_http.h"

namespace keyferry::stores::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kCredentials =
    "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
    "<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>FwoGZXIvYXdz"
    "</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>"
    "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";

// AWS in two regions, as far as the tests fill it.
class AwsStoreTest : public ::testing::Test {
 protected:
  AwsStoreTest() {
    for (const char* region : {"eu-west-1", "us-east-2"}) {
      http.answer(cat("POST https://sts.", region, ".amazonaws.com/"), 200, kCredentials);
    }
    spc.meta.name = "web";
    spc.parameters["region"] = {"eu-west-1", 5};
  }

  void objects(std::string_view text) { spc.parameters["objects"] = {std::string(text), 10}; }
  void secrets(FakeHttp::Handler handler, const std::string& region = "eu-west-1") {
    http.script(cat("POST https://secretsmanager.", region, ".amazonaws.com/"), std::move(handler));
  }
  void parameters(FakeHttp::Handler handler) {
    http.script("POST https://ssm.eu-west-1.amazonaws.com/", std::move(handler));
  }
  // Always the same answer, whatever is asked.
  static FakeHttp::Handler says(int status, const std::string& body) {
    return
        [=](const FakeHttp::Sent&) -> Result<Response> { return FakeHttp::response(status, body); };
  }
  // Answers by the action that is asked for; any other is denied.
  static FakeHttp::Handler by_action(std::map<std::string, std::string> given) {
    return [answers = std::move(given)](const FakeHttp::Sent& sent) -> Result<Response> {
      const std::string& target = sent.headers.at("x-amz-target");
      const auto found = answers.find(target.substr(target.find('.') + 1));
      if (found != answers.end()) return FakeHttp::response(200, found->second);
      return FakeHttp::response(400, R"({"__type":"AccessDeniedException","message":"no"})");
    };
  }

  Result<FetchResult> fetch(std::map<std::string, std::string> held = {}) {
    return store.fetch({{"shop", "", "", "web", "arn:aws:iam::1:role/shop"},
                        spc,
                        tokens,
                        std::move(held),
                        {},
                        {}});
  }
  // What a file holds, or why there is none.
  static std::string file(const Result<FetchResult>& result, const std::string& id) {
    if (!result.ok()) return result.error().message();
    for (const FetchedObject& object : result->objects) {
      if (object.id != id) continue;
      return object.file.ok() ? std::string(object.file->contents.expose())
                              : object.file.error().message();
    }
    return "(absent)";
  }
  // The actions asked for, without those of STS.
  std::vector<std::string> actions() {
    std::vector<std::string> names;
    for (const auto& sent : http.sent()) {
      const auto target = sent.headers.find("x-amz-target");
      if (target != sent.headers.end()) {
        names.push_back(target->second.substr(target->second.find('.') + 1));
      }
    }
    return names;
  }

  FakeClock clock;
  FakeHttp http;
  StaticToken tokens{"a.b.c"};
  manifest::SecretProviderClass spc;
  AwsStore store{{http, clock}};
};

TEST_F(AwsStoreTest, ASecretIsAskedForSignedAndGivesItsVersion) {
  objects("- {objectName: shop/db, objectType: secretsmanager, filePermission: \"0640\"}");
  secrets(says(200, R"({"Name":"shop/db","VersionId":"v1","SecretString":"hunter2"})"));
  const auto result = fetch();
  EXPECT_EQ(file(result, "shop_db"), "hunter2");
  EXPECT_EQ(result->objects[0].file->version, "v1");
  EXPECT_EQ(result->objects[0].file->mode, 0640U);
  const auto sent = http.sent().back();
  EXPECT_EQ(sent.body, R"({"SecretId":"shop/db"})");
  EXPECT_THAT(sent.headers.at("authorization"),
              HasSubstr("/eu-west-1/secretsmanager/aws4_request, SignedHeaders=content-type;host;"
                        "x-amz-date;x-amz-security-token;x-amz-target, "));
}

TEST_F(AwsStoreTest, ManySecretsAreAskedForAtOnce) {
  objects(
      "- {objectName: a, objectType: secretsmanager}\n"
      "- {objectName: b, objectType: secretsmanager}\n"
      "- {objectName: c, objectType: secretsmanager, objectVersionLabel: AWSPREVIOUS}\n");
  secrets(by_action({{"BatchGetSecretValue",
                      R"({"SecretValues":[{"Name":"b","VersionId":"vb","SecretString":"2"},)"
                      R"({"Name":"a","VersionId":"va","SecretBinary":"AQID"}],"Errors":[]})"},
                     {"GetSecretValue", R"({"VersionId":"vc","SecretString":"3"})"}}));
  const auto result = fetch();
  EXPECT_EQ(file(result, "a"), "\x01\x02\x03");
  EXPECT_EQ(file(result, "b"), "2");
  EXPECT_EQ(file(result, "c"), "3");
  EXPECT_THAT(actions(), ElementsAre("BatchGetSecretValue", "GetSecretValue"));
}

TEST_F(AwsStoreTest, WhereManyAtOnceAreDeniedEachIsAskedForAndThatIsRemembered) {
  objects(
      "- {objectName: a, objectType: secretsmanager}\n"
      "- {objectName: b, objectType: secretsmanager}\n");
  secrets(by_action({{"GetSecretValue", R"({"VersionId":"v","SecretString":"x"})"}}));
  EXPECT_EQ(file(fetch(), "b"), "x");
  EXPECT_EQ(file(fetch(), "b"), "x");
  EXPECT_THAT(actions(), ElementsAre("BatchGetSecretValue", "GetSecretValue", "GetSecretValue",
                                     "GetSecretValue", "GetSecretValue"));
}

TEST_F(AwsStoreTest, WhatABatchLeavesOutIsAskedForAndSaysWhy) {
  objects(
      "- {objectName: a, objectType: secretsmanager}\n"
      "- {objectName: b, objectType: secretsmanager}\n");
  secrets([](const FakeHttp::Sent& sent) -> Result<Response> {
    if (sent.headers.at("x-amz-target").ends_with("BatchGetSecretValue")) {
      return FakeHttp::response(
          200, R"({"SecretValues":[{"Name":"a","VersionId":"v","SecretString":"1"}],)"
               R"("Errors":[{"SecretId":"b","ErrorCode":"AccessDeniedException"}]})");
    }
    return FakeHttp::response(
        400, R"({"__type":"ResourceNotFoundException","message":"can't find the secret"})");
  });
  const auto result = fetch();
  EXPECT_EQ(file(result, "a"), "1");
  EXPECT_EQ(
      file(result, "b"),
      "b: HTTP 400 ResourceNotFoundException: can't find the secret; create it in eu-west-1, or "
      "correct objectName, objectVersion or region");
}

TEST_F(AwsStoreTest, AHeldSecretIsOnlyDescribedWhileItsVersionIsCurrent) {
  objects("- {objectName: a, objectType: secretsmanager}\n");
  secrets(by_action({{"DescribeSecret", R"({"VersionIdsToStages":{"v1":["AWSCURRENT"]}})"}}));
  const auto result = fetch({{"a", "v1"}});
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result->unchanged, ElementsAre("a"));
  EXPECT_THAT(result->objects, IsEmpty());
  EXPECT_THAT(actions(), ElementsAre("DescribeSecret"));
}

TEST_F(AwsStoreTest, AnOldVersionIsReadAnew) {
  objects("- {objectName: a, objectType: secretsmanager}\n");
  secrets(by_action(
      {{"DescribeSecret", R"({"VersionIdsToStages":{"v1":["AWSPREVIOUS"],"v2":["AWSCURRENT"]}})"},
       {"GetSecretValue", R"({"VersionId":"v2","SecretString":"new"})"}}));
  const auto result = fetch({{"a", "v1"}});
  EXPECT_EQ(file(result, "a"), "new");
  EXPECT_THAT(result->unchanged, IsEmpty());
}

TEST_F(AwsStoreTest, WhoMayNotDescribeReadsValuesAndIsNotAskedAgain) {
  objects("- {objectName: a, objectType: secretsmanager}\n");
  secrets(by_action({{"GetSecretValue", R"({"VersionId":"v1","SecretString":"x"})"}}));
  EXPECT_EQ(file(fetch({{"a", "v1"}}), "a"), "x");
  EXPECT_EQ(file(fetch({{"a", "v1"}}), "a"), "x");
  EXPECT_THAT(actions(), ElementsAre("DescribeSecret", "GetSecretValue", "GetSecretValue"));
}

TEST_F(AwsStoreTest, APinnedVersionThatIsHeldCostsNothing) {
  objects(
      "- {objectName: a, objectType: secretsmanager, objectVersion: v1}\n"
      "- {objectName: /p, objectType: ssmparameter, objectVersion: 3}\n");
  const auto result = fetch({{"a", "v1"}, {"_p", "3"}});
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result->unchanged, ElementsAre("a", "_p"));
  EXPECT_THAT(actions(), IsEmpty());
}

TEST_F(AwsStoreTest, ParametersComeTenAtATimeAndNoNameTwice) {
  std::string text;
  std::string found;
  for (int i = 0; i < 12; ++i) {
    text += cat("- {objectName: /p", i, ", objectType: ssmparameter}\n");
  }
  text += "- {objectName: /p0, objectType: ssmparameter, objectAlias: old, objectVersion: 1}\n";
  objects(text);
  std::vector<std::string> asked;
  parameters([&](const FakeHttp::Sent& sent) -> Result<Response> {
    asked.push_back(sent.body);
    Json::Array list;
    const Json body = *parse_json(sent.body);
    for (const Json& name : *body.find("Names")->as_array()) {
      const std::string selector = *name.as_string();
      const std::string plain = selector.substr(0, selector.find(':'));
      list.push_back(Json()
                         .set("Name", plain)
                         .set("Value", cat("value of ", selector))
                         .set("Version", selector == plain ? 2 : 1));
    }
    return FakeHttp::response(200, to_text(Json().set("Parameters", std::move(list))));
  });
  const auto result = fetch();
  EXPECT_EQ(file(result, "_p11"), "value of /p11");
  EXPECT_EQ(file(result, "_p0"), "value of /p0");
  // Two selectors of one name in a batch once got one value (the stock provider matches by name).
  EXPECT_EQ(file(result, "old"), "value of /p0:1");
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_THAT(asked[0], HasSubstr("\"WithDecryption\":true"));
}

TEST_F(AwsStoreTest, AParameterThatIsNotThereIsNamed) {
  objects("- {objectName: /p, objectType: ssmparameter}\n");
  parameters(says(200, R"({"Parameters":[],"InvalidParameters":["/p"]})"));
  EXPECT_THAT(file(fetch(), "_p"), HasSubstr("there is no parameter '/p'; create it in eu-west-1"));
}

TEST_F(AwsStoreTest, ObjectsThatWantTheSameShareARequest) {
  objects(
      "- {objectName: a, objectType: secretsmanager, objectAlias: one}\n"
      "- {objectName: a, objectType: secretsmanager, objectAlias: two}\n");
  secrets(says(200, R"({"VersionId":"v","SecretString":"x"})"));
  const auto result = fetch();
  EXPECT_EQ(file(result, "one"), "x");
  EXPECT_EQ(file(result, "two"), "x");
  EXPECT_THAT(actions(), ElementsAre("GetSecretValue"));
}

TEST_F(AwsStoreTest, PartsOfAJsonValueAreFilesOfTheirOwn) {
  objects(
      "- objectName: a\n  objectType: secretsmanager\n  filePermission: \"0600\"\n  jmesPath:\n"
      "  - {path: username, objectAlias: user}\n"
      "  - {path: port, objectAlias: port, filePermission: \"0644\"}\n"
      "  - {path: tags, objectAlias: tags}\n"
      "  - {path: nothing, objectAlias: none}\n");
  secrets(says(200, R"({"VersionId":"v","SecretString":"{\"username\":\"u\",\"port\":5432,)"
                    R"(\"tags\":[\"a\"]}"})"));
  const auto result = fetch();
  EXPECT_EQ(file(result, "user"), "u");
  EXPECT_EQ(file(result, "port"), "5432");
  EXPECT_EQ(file(result, "tags"), R"(["a"])");
  EXPECT_THAT(file(result, "none"),
              HasSubstr("finds nothing in the value of a (names there: port,"));
  EXPECT_EQ(result->objects[1].file->mode, 0600U);
  EXPECT_EQ(result->objects[2].file->mode, 0644U);
}

TEST_F(AwsStoreTest, AValueThatIsNoJsonHasNoParts) {
  objects(
      "- objectName: a\n  objectType: secretsmanager\n  jmesPath:\n"
      "  - {path: username, objectAlias: user}\n");
  secrets(says(200, R"({"VersionId":"v","SecretString":"hunter2"})"));
  const auto result = fetch();
  EXPECT_THAT(file(result, "user"), HasSubstr("the value of a is not JSON"));
  EXPECT_THAT(file(result, "user"), testing::Not(HasSubstr("hunter2")));
}

TEST_F(AwsStoreTest, TheOtherRegionIsAskedOnlyForTheFirstOnesTrouble) {
  spc.parameters["failoverRegion"] = {"us-east-2", 6};
  objects(
      "- objectName: a\n  objectType: secretsmanager\n  objectAlias: file\n"
      "  failoverObject: {objectName: a-2}\n");
  secrets(says(500, ""));
  secrets(says(200, R"({"VersionId":"v","SecretString":"from the other"})"), "us-east-2");
  EXPECT_EQ(file(fetch(), "file"), "from the other");
  EXPECT_EQ(http.sent().back().body, R"({"SecretId":"a-2"})");
}

// AWS answers with the whole canonical request, in which the session token stands.
TEST_F(AwsStoreTest, ASignatureThatDoesNotMatchIsToldWithoutTheSessionToken) {
  objects("- {objectName: a, objectType: secretsmanager}");
  secrets([](const FakeHttp::Sent& sent) -> Result<Response> {
    return FakeHttp::response(
        400, cat(R"({"__type":"InvalidSignatureException","message":"should have been x-amz-)"
                 R"(security-token:)",
                 sent.headers.at("x-amz-security-token"), "\"}"));
  });
  const std::string said = file(fetch(), "a");
  EXPECT_THAT(said, HasSubstr("security-token:(hidden)"));
}

TEST_F(AwsStoreTest, ADenialInTheFirstRegionIsFinal) {
  spc.parameters["failoverRegion"] = {"us-east-2", 6};
  objects("- {objectName: a, objectType: secretsmanager}");
  secrets(by_action({}));
  secrets(says(200, R"({"VersionId":"v","SecretString":"never"})"), "us-east-2");
  EXPECT_THAT(file(fetch(), "a"),
              HasSubstr("allow secretsmanager:GetSecretValue on a to arn:aws:iam::1:role/shop"));
}

TEST_F(AwsStoreTest, WhereBothRegionsAreInTroubleBothAreSaid) {
  spc.parameters["failoverRegion"] = {"us-east-2", 6};
  objects("- {objectName: a, objectType: secretsmanager}");
  secrets(says(500, ""));
  secrets(says(503, ""), "us-east-2");
  const std::string said = file(fetch(), "a");
  EXPECT_THAT(said, HasSubstr("region eu-west-1: a: HTTP 500"));
  EXPECT_THAT(said, HasSubstr("region us-east-2: a: HTTP 503"));
}

TEST_F(AwsStoreTest, CredentialsThatEndedEarlyAreGotAnewOnce) {
  objects("- {objectName: a, objectType: secretsmanager}");
  secrets(says(400, R"({"__type":"ExpiredTokenException","message":"ended"})"));
  secrets(says(200, R"({"VersionId":"v","SecretString":"x"})"));
  EXPECT_EQ(file(fetch(), "a"), "x");
}

TEST_F(AwsStoreTest, WithoutARoleOrARegionNothingIsAsked) {
  objects("- {objectName: a, objectType: secretsmanager}");
  const auto no_role = store.fetch({{"shop", "", "", "web", ""}, spc, tokens, {}, {}, {}});
  EXPECT_THAT(no_role.error().message(), HasSubstr("annotate it with eks.amazonaws.com/role-arn"));
  spc.parameters.erase("region");
  EXPECT_THAT(fetch().error().message(), HasSubstr("no region is known"));
  AwsStore with_environment{{http, clock, [](std::string_view name) {
                               return std::string(name == "AWS_REGION" ? "eu-west-1" : "");
                             }}};
  secrets(says(200, R"({"VersionId":"v","SecretString":"x"})"));
  EXPECT_TRUE(
      with_environment
          .fetch({{"shop", "", "", "web", "arn:aws:iam::1:role/r"}, spc, tokens, {}, {}, {}})
          .ok());
}

TEST_F(AwsStoreTest, ALoginThatIsRefusedFailsTheWholeFetchOnce) {
  FakeHttp refusing;
  AwsStore refused{{refusing, clock}};
  refusing.answer("POST https://sts.eu-west-1.amazonaws.com/", 403,
                  "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
  objects(
      "- {objectName: a, objectType: secretsmanager}\n"
      "- {objectName: b, objectType: secretsmanager}");
  const auto result =
      refused.fetch({{"shop", "", "", "web", "arn:aws:iam::1:role/shop"}, spc, tokens, {}, {}, {}});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), ErrorCode::kPermissionDenied);
  EXPECT_EQ(refusing.sent().size(), 1U);
}

// The same parameter by name and by ARN, at two versions: the answer tells them apart by nothing
// that every server sends, so they are asked for apart.
TEST_F(AwsStoreTest, OneParameterByNameAndByArnIsTwoQuestions) {
  objects(
      "- {objectName: /app/x, objectType: ssmparameter, objectAlias: one, objectVersion: 1}\n"
      "- {objectName: \"arn:aws:ssm:eu-west-1:1:parameter/app/x\", objectAlias: two, "
      "objectVersion: 2}\n");
  parameters([](const FakeHttp::Sent& sent) -> Result<Response> {
    const bool first = sent.body.find("x:1") != std::string::npos;
    EXPECT_NE(first, sent.body.find("x:2") != std::string::npos) << sent.body;
    return FakeHttp::response(
        200,
        cat(R"({"Parameters":[{"Name":"/app/x","ARN":"arn:aws:ssm:eu-west-1:1:parameter/app/x",)",
            R"("Value":")", first ? "first" : "second", R"(","Version":)", first ? 1 : 2, "}]}"));
  });
  const auto result = fetch();
  EXPECT_EQ(file(result, "one"), "first");
  EXPECT_EQ(file(result, "two"), "second");
}

TEST_F(AwsStoreTest, ObjectsOfOneNameHaveEachItsOwnInTheOtherRegion) {
  spc.parameters["failoverRegion"] = {"us-east-2", 6};
  objects(
      "- objectName: n\n  objectType: secretsmanager\n  objectAlias: a\n"
      "  failoverObject: {objectName: x}\n"
      "- objectName: n\n  objectType: secretsmanager\n  objectAlias: b\n"
      "  failoverObject: {objectName: y}\n"
      "- objectName: n\n  objectType: secretsmanager\n  objectAlias: c\n");
  secrets(says(503, ""));
  secrets(by_action({{"BatchGetSecretValue",
                      R"({"SecretValues":[{"Name":"x","VersionId":"v","SecretString":"of x"},)"
                      R"({"Name":"y","VersionId":"v","SecretString":"of y"},)"
                      R"({"Name":"n","VersionId":"v","SecretString":"of n"}]})"}}),
          "us-east-2");
  const auto result = fetch();
  EXPECT_EQ(file(result, "a"), "of x");
  EXPECT_EQ(file(result, "b"), "of y");
  EXPECT_EQ(file(result, "c"), "of n");
}

TEST_F(AwsStoreTest, ARegionThatHangsLeavesTimeForTheOther) {
  spc.parameters["failoverRegion"] = {"us-east-2", 6};
  std::string list;
  for (int i = 0; i < 8; ++i) list += cat("- {objectName: s", i, ", objectType: secretsmanager}\n");
  objects(list);
  secrets([&](const FakeHttp::Sent& sent) -> Result<Response> {
    clock.wait_until(sent.deadline.at, {});
    return Error(ErrorCode::kDeadlineExceeded, "no answer in time");
  });
  secrets(
      [](const FakeHttp::Sent& sent) -> Result<Response> {
        std::string values;
        for (int i = 0; i < 8; ++i) {
          values += cat(i == 0 ? "" : ",", R"({"Name":"s)", i,
                        R"(","VersionId":"v","SecretString":"x"})");
        }
        EXPECT_NE(sent.headers.at("x-amz-target").find("Batch"), std::string::npos);
        return FakeHttp::response(200, cat(R"({"SecretValues":[)", values, "]}"));
      },
      "us-east-2");
  const auto result = store.fetch({{"shop", "", "", "web", "arn:aws:iam::1:role/shop"},
                                   spc,
                                   tokens,
                                   {},
                                   Deadline::in(clock, std::chrono::minutes(2)),
                                   {}});
  EXPECT_EQ(file(result, "s7"), "x");
}

TEST_F(AwsStoreTest, AServiceThatAsksForLessIsNotAskedForEachObject) {
  objects(
      "- {objectName: a, objectType: secretsmanager}\n"
      "- {objectName: b, objectType: secretsmanager}\n"
      "- {objectName: c, objectType: secretsmanager, objectVersionLabel: AWSPREVIOUS}\n");
  secrets(says(400, R"({"__type":"ThrottlingException","message":"Rate exceeded"})"));
  const auto result = fetch({{"a", "v"}});
  EXPECT_THAT(file(result, "b"), HasSubstr("Rate exceeded"));
  EXPECT_THAT(file(result, "c"), HasSubstr("Rate exceeded"));
  const auto asked = actions();
  EXPECT_EQ(std::set<std::string>(asked.begin(), asked.end()).size(), 1U)
      << "one question, retried";
}

TEST_F(AwsStoreTest, ADenialIsBelievedForHalfAnHour) {
  objects("- {objectName: a, objectType: secretsmanager}");
  secrets(by_action({{"GetSecretValue", R"({"VersionId":"v","SecretString":"x"})"}}));
  ASSERT_EQ(file(fetch({{"a", "v"}}), "a"), "x");
  ASSERT_EQ(file(fetch({{"a", "v"}}), "a"), "x");
  EXPECT_THAT(actions(), ElementsAre("DescribeSecret", "GetSecretValue", "GetSecretValue"));
  clock.tick(std::chrono::minutes(31));
  ASSERT_EQ(file(fetch({{"a", "v"}}), "a"), "x");
  EXPECT_EQ(actions()[3], "DescribeSecret");
}

TEST_F(AwsStoreTest, WhereEveryVersionIsPinnedAndHeldNotEvenCredentialsAreGot) {
  objects("- {objectName: a, objectType: secretsmanager, objectVersion: v}");
  const auto result = fetch({{"a", "v"}});
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result->unchanged, ElementsAre("a"));
  EXPECT_THAT(http.sent(), IsEmpty());
}

}  // namespace
}  // namespace keyferry::stores::aws
