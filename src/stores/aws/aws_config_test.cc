#include "stores/aws/aws_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/complete_problem.h"
#include "base/strings.h"
#include "identity/pod_identity.h"

namespace keyferry::stores::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kOneObject = "- {objectName: shop/db, objectType: secretsmanager}\n";

manifest::SecretProviderClass class_with(std::string_view objects = kOneObject,
                                         const std::map<std::string, std::string>& more = {}) {
  manifest::SecretProviderClass spc;
  spc.meta.kind = "SecretProviderClass";
  spc.meta.name = "web";
  spc.meta.file = "spc.yaml";
  spc.provider_line = 8;
  spc.parameters["region"] = {"eu-west-1", 10};
  spc.parameters["objects"] = {std::string(objects), 20};
  for (const auto& [name, value] : more) spc.parameters[name] = {value, 12};
  return spc;
}

std::vector<std::string> texts(const Problems& problems) {
  std::vector<std::string> texts;
  for (const Problem& problem : problems) texts.push_back(to_text(problem));
  return texts;
}

ObjectSpec only_object(std::string_view objects,
                       const std::map<std::string, std::string>& more = {}) {
  ParsedConfig parsed = parse_config(class_with(objects, more));
  EXPECT_THAT(texts(parsed.problems), IsEmpty()) << objects;
  if (parsed.config.objects.size() != 1) return {};
  return std::move(parsed.config.objects.front());
}

TEST(AwsConfig, EveryParameterHasItsPlace) {
  const auto parsed = parse_config(
      class_with(kOneObject, {{"failoverRegion", "us-east-2"},
                              {"usePodIdentity", "true"},
                              {"preferredAddressType", "IPv6"},
                              {"assumeRoleArn", "arn:aws:iam::123456789012:role/other"},
                              {"endpointUrl", "http://127.0.0.1:4566"}}));
  EXPECT_THAT(texts(parsed.problems), IsEmpty());
  EXPECT_EQ(parsed.config.region, "eu-west-1");
  EXPECT_EQ(parsed.config.failover_region, "us-east-2");
  EXPECT_EQ(parsed.config.login, AwsLogin::kPodIdentity);
  EXPECT_THAT(parsed.config.pod_identity_agents, ElementsAre(pod_identity::kIpv6Endpoint));
  EXPECT_EQ(parsed.config.assume_role_arn, "arn:aws:iam::123456789012:role/other");
  const auto plain = parse_config(class_with());
  EXPECT_EQ(plain.config.login, AwsLogin::kWebIdentity);
  EXPECT_THAT(plain.config.pod_identity_agents,
              ElementsAre(pod_identity::kIpv4Endpoint, pod_identity::kIpv6Endpoint));
}

TEST(AwsConfig, WhatIsWrongIsNamedWithItsRemedy) {
  const struct {
    const char* name;
    const char* value;
    Severity severity;
    const char* words;
  } rows[] = {
      {"region", "Europe", Severity::kError, "'Europe' is not a region"},
      {"failoverRegion", "eu-west-1", Severity::kError, "the same as region"},
      {"pathTranslation", "__", Severity::kError, "neither False nor one character"},
      {"pathTranslation", "/", Severity::kError, "neither False nor one character"},
      {"usePodIdentity", "yes", Severity::kError, "'yes' is not a boolean"},
      {"preferredAddressType", "ipv5", Severity::kWarning, "is read as auto"},
      {"assumeRoleArn", "arn:aws:iam::1:user/x", Severity::kError, "is not a role's ARN"},
      {"endpointUrl", "127.0.0.1", Severity::kError, "endpointUrl: is "},
      {"regoin", "eu-west-1", Severity::kError, "did you mean 'region'?"},
      {"somethingElse", "x", Severity::kWarning, "is not a parameter of the aws provider"},
  };
  for (const auto& row : rows) {
    const auto parsed = parse_config(class_with(kOneObject, {{row.name, row.value}}));
    ASSERT_EQ(parsed.problems.size(), 1U) << row.name << join(texts(parsed.problems), "\n");
    EXPECT_EQ(parsed.problems[0].severity, row.severity) << row.name;
    EXPECT_EQ(parsed.problems[0].line, 12);
    EXPECT_THAT(to_text(parsed.problems[0]), HasSubstr(row.words));
    EXPECT_EQ(without_advice(parsed.problems), "");
    EXPECT_EQ(without_place(parsed.problems), "");
  }
}

TEST(AwsObjects, EveryFieldHasItsPlace) {
  const ObjectSpec object = only_object(
      "- objectName: shop/db\n"
      "  objectType: secretsmanager\n"
      "  objectAlias: db\n"
      "  objectVersion: abc\n"
      "  objectVersionLabel: AWSPREVIOUS\n"
      "  filePermission: \"0640\"\n"
      "  jmesPath:\n"
      "    - {path: username, objectAlias: user}\n"
      "    - {path: '\"db-password\"', objectAlias: password, filePermission: \"0600\"}\n"
      "  failoverObject: {objectName: shop/db-2, objectVersion: abc}\n",
      {{"failoverRegion", "us-east-2"}});
  EXPECT_EQ(object.type, ObjectType::kSecret);
  EXPECT_EQ(object.query, (ObjectQuery{"shop/db", "abc", "AWSPREVIOUS"}));
  EXPECT_EQ(object.file, "db");
  EXPECT_EQ(object.mode, 0640U);
  ASSERT_EQ(object.parts.size(), 2U);
  EXPECT_EQ(object.parts[0].file, "user");
  EXPECT_EQ(object.parts[0].mode, std::nullopt);
  EXPECT_EQ(object.parts[1].mode, 0600U);
  EXPECT_EQ(object.failover, (ObjectQuery{"shop/db-2", "abc", ""}));
}

// The provider parses YAML to JSON and that with Go's decoder, which does not mind the case of
// keys.
TEST(AwsObjects, FieldNamesAreReadInAnyCase) {
  const ObjectSpec object =
      only_object("- {ObjectName: /shop/db, OBJECTTYPE: ssmparameter, objectversion: 3}");
  EXPECT_EQ(object.type, ObjectType::kParameter);
  EXPECT_EQ(object.query, (ObjectQuery{"/shop/db", "3", ""}));
}

TEST(AwsObjects, NamesBecomeFileNames) {
  const auto file_of = [](const std::string& name, const std::string& translation) {
    return only_object(cat("- {objectName: \"", name, "\", objectType: ssmparameter}"),
                       {{"pathTranslation", translation}})
        .file;
  };
  EXPECT_EQ(file_of("/shop/db", ""), "_shop_db");
  EXPECT_EQ(file_of("/shop/db", "-"), "-shop-db");
  EXPECT_EQ(file_of("/shop/db", "False"), "shop/db");
  EXPECT_EQ(file_of("shop/db", "false"), "shop/db");
  const ObjectSpec by_arn =
      only_object("- objectName: arn:aws:secretsmanager:eu-west-1:1:secret:a/b-AbCdEf\n");
  EXPECT_EQ(by_arn.file, "arn:aws:secretsmanager:eu-west-1:1:secret:a_b-AbCdEf");
  EXPECT_EQ(by_arn.type, ObjectType::kSecret);
  EXPECT_EQ(only_object("- objectName: arn:aws:ssm:eu-west-1:1:parameter/a/b\n").type,
            ObjectType::kParameter);
}

TEST(AwsObjects, WhatIsWrongIsNamedWithItsLine) {
  const struct {
    const char* objects;
    int line;
    const char* words;
  } rows[] = {
      {"", 20, "nothing to read"},
      {"- objectType: secretsmanager", 20, "objectName: is missing"},
      {"- objectName: a", 20, "objectType: is missing"},
      {"- {objectName: a, objectType: ssm}", 20, "'ssm' is not a type of object"},
      {"- {objectName: a, objectType: secretsmanager, objectAlais: b}", 20,
       "did you mean 'objectAlias'?"},
      {"- objectName: \"arn:aws:s3:eu-west-1:1:x\"", 20, "service 's3'"},
      {"- objectName: \"arn:aws:secretsmanager:us-east-1:1:secret:x\"", 20,
       "is in region 'us-east-1', and region is 'eu-west-1'"},
      {"- objectName: \"arn:nonsense\"\n  objectType: secretsmanager", 20, "not a whole ARN"},
      {"- objectName: \"arn:aws:ssm:eu-west-1:1:parameter/x\"\n  objectType: secretsmanager", 21,
       "an ARN of ssm"},
      {"- objectName: a\n  objectType: ssmparameter\n  objectVersion: 1\n  objectVersionLabel: l",
       23, "one of them"},
      {"- objectName: a\n  objectType: secretsmanager\n  filePermission: \"640\"", 22,
       "four octal digits"},
      {"- objectName: a\n  objectType: secretsmanager\n  filePermission: \"1640\"", 22,
       "the file gets 0640"},
      {"- objectName: a\n  objectType: secretsmanager\n  filePermission: \"0040\"", 22,
       "lets its owner not read"},
      {"- objectName: a\n  objectType: secretsmanager\n  jmesPath: x", 22, "not a list"},
      {"- objectName: a\n  objectType: secretsmanager\n  jmesPath:\n  - {path: x}", 23,
       "jmesPath[0].objectAlias: is missing"},
      {"- objectName: a\n  objectType: secretsmanager\n  jmesPath:\n"
       "  - {path: db-user, objectAlias: u}",
       23, "names with '-' stand in double quotes"},
      {"- {objectName: a, objectType: secretsmanager}\n- {objectName: a, objectType: ssmparameter}",
       21, "wanted twice, the other in line 20"},
      {"- objectName: a\n  objectType: secretsmanager\n  jmesPath:\n  - {path: x, objectAlias: a}",
       23, "wanted twice"},
      {"- objectName: a\n  objectType: secretsmanager\n  objectAlias: b\n"
       "  failoverObject: {objectName: c}",
       23, "without the parameter failoverRegion"},
  };
  for (const auto& row : rows) {
    const auto parsed = parse_config(class_with(row.objects));
    ASSERT_EQ(parsed.problems.size(), 1U) << row.objects << '\n'
                                          << join(texts(parsed.problems), "\n");
    EXPECT_EQ(parsed.problems[0].line, row.line) << row.objects;
    EXPECT_THAT(to_text(parsed.problems[0]), HasSubstr(row.words));
    EXPECT_EQ(without_advice(parsed.problems), "");
    EXPECT_EQ(without_place(parsed.problems), "");
  }
}

TEST(AwsObjects, AnObjectOfTheOtherRegionHasItsRules) {
  const struct {
    const char* object;
    const char* words;
  } rows[] = {
      {"failoverObject: {objectName: c}", "without objectAlias"},
      {"objectAlias: b\n  failoverObject: {objectVersionLabel: v}", "objectName: is missing"},
      {"objectAlias: b\n  failoverObject: {objectName: c, objectVersion: v}",
       "not the one of the object itself"},
      {"objectAlias: b\n  failoverObject: {objectName: \"arn:aws:ssm:eu-west-1:1:parameter/x\"}",
       "failoverRegion is 'us-east-2'"},
      {"failoverObject: x", "is a scalar, not an object"},
  };
  for (const auto& row : rows) {
    const auto parsed = parse_config(
        class_with(cat("- objectName: a\n  objectType: secretsmanager\n  ", row.object),
                   {{"failoverRegion", "us-east-2"}}));
    ASSERT_EQ(parsed.problems.size(), 1U) << row.object << join(texts(parsed.problems), "\n");
    EXPECT_THAT(to_text(parsed.problems[0]), HasSubstr(row.words));
  }
}

TEST(AwsObjects, AnArnCannotBeAskedForInAnotherRegion) {
  const char* const objects =
      "- objectName: \"arn:aws:secretsmanager:eu-west-1:1:secret:x-AbCdEf\"\n";
  const auto parsed = parse_config(class_with(objects, {{"failoverRegion", "us-east-2"}}));
  ASSERT_EQ(parsed.problems.size(), 1U);
  EXPECT_EQ(parsed.problems[0].severity, Severity::kWarning);
  EXPECT_THAT(to_text(parsed.problems[0]), HasSubstr("failoverRegion cannot be asked for it"));
}

}  // namespace
}  // namespace keyferry::stores::aws
