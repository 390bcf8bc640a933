#include "manifest/secret_provider_class.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/complete_problem.h"
#include "manifest/example_objects.h"

namespace keyferry::manifest {
namespace {

using example::kClass;
using example::read;
using example::texts;
using example::with;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const SecretProviderClass& class_of(const Manifests& manifests) {
  return manifests.secret_provider_classes.at(0);
}

TEST(SecretProviderClass, ProviderAndParametersAreReadWithTheirLines) {
  const Manifests manifests = read(kClass);
  const SecretProviderClass& spc = class_of(manifests);
  EXPECT_THAT(texts(manifests.problems), IsEmpty());
  EXPECT_EQ(spc.provider, "vault");
  EXPECT_EQ(spc.provider_line, 9);
  EXPECT_EQ(spc.parameters.size(), 3U);
  EXPECT_EQ(spc.parameter("roleName"), "shop");
  EXPECT_EQ(spc.parameters.at("roleName").line, 12);
  EXPECT_EQ(spc.parameter("absent"), "");
}

// Complaints inside `objects` count from the first line of its text, not from the "|".
TEST(SecretProviderClass, ABlocksLineIsThatOfItsFirstLineOfText) {
  const Manifests manifests = read(kClass);
  const Parameter& objects = class_of(manifests).parameters.at("objects");
  EXPECT_EQ(objects.line, 14);
  EXPECT_TRUE(objects.value.starts_with("- objectName: database-password\n"));
  const Manifests plain = read(with(kClass, "roleName: shop", "roleName:\n      shop"));
  EXPECT_EQ(class_of(plain).parameters.at("roleName").line, 13);
}

TEST(SecretProviderClass, ANullParameterIsAnEmptyOne) {
  const Manifests manifests = read(with(kClass, "roleName: shop", "roleName:"));
  EXPECT_THAT(texts(manifests.problems), IsEmpty());
  EXPECT_TRUE(class_of(manifests).parameters.contains("roleName"));
  EXPECT_EQ(class_of(manifests).parameter("roleName"), "");
  EXPECT_EQ(class_of(manifests).parameters.at("roleName").line, 12);
}

// The store said a second time, without a line, that they are missing.
TEST(SecretProviderClass, AListOrAMappingForATextStaysAsJsonWithItsLine) {
  struct Case {
    std::string_view from, to, name, value;
    int line;
  };
  constexpr std::string_view kObjects =
      "objects: |\n      - objectName: database-password\n        secretPath: secret/data/shop\n"
      "        secretKey: password\n";
  const Case cases[] = {
      {"objects: |", "objects:", "objects",
       R"([{"objectName":"database-password","secretKey":"password","secretPath":)"
       R"("secret/data/shop"}])",
       14},
      {kObjects, "objects:\n      objectName: a\n", "objects", R"([{"objectName":"a"}])", 14},
      {"roleName: shop", "roleName: {a: b}", "roleName", R"({"a":"b"})", 12},
      {"roleName: shop", "roleName: [shop]", "roleName", R"(["shop"])", 12},
  };
  for (const Case& row : cases) {
    const Manifests manifests = read(with(kClass, row.from, row.to));
    EXPECT_EQ(manifests.problems.size(), 1U) << row.to;
    const Parameter& parameter = class_of(manifests).parameters.find(row.name)->second;
    EXPECT_EQ(parameter.value, row.value);
    EXPECT_EQ(parameter.line, row.line);
    EXPECT_FALSE(parameter.is_text);
    EXPECT_THAT(texts(check_together(manifests)), IsEmpty()) << "no placeholder in JSON";
  }
}

// The old version is still served, with a warning of the API server's own.
TEST(SecretProviderClass, TheOldApiVersionIsReadWithAWarning) {
  const Manifests manifests = read(with(kClass, ".io/v1", ".io/v1alpha1"));
  EXPECT_THAT(texts(manifests.problems),
              ElementsAre("m.yaml:1: warning: SecretProviderClass web/shop: apiVersion: v1alpha1 "
                          "is deprecated; write secrets-store.csi.x-k8s.io/v1; nothing else "
                          "changes"));
  EXPECT_EQ(class_of(manifests).provider, "vault");
}

constexpr std::string_view kSecretObjects = R"(  secretObjects:
  - secretName: " shop-tls "
    type: kubernetes.io/tls
    labels: {app: shop}
    annotations: {note: "7"}
    data:
    - objectName: tls.crt
      key: tls.crt
    - {objectName: key, key: tls.key}
  - {secretName: second, type: Opaque, data: [{objectName: a, key: b}]}
)";

TEST(SecretProviderClass, SecretsToKeepInStepAreReadWhole) {
  const Manifests manifests = read(std::string(kClass) + std::string(kSecretObjects));
  EXPECT_THAT(texts(manifests.problems), IsEmpty());
  ASSERT_EQ(class_of(manifests).secret_objects.size(), 2U);
  const SecretObject& first = class_of(manifests).secret_objects[0];
  EXPECT_EQ(first.secret_name, "shop-tls") << "trimmed, as the driver does";
  EXPECT_EQ(first.type, "kubernetes.io/tls");
  EXPECT_THAT(first.labels, ElementsAre(Pair("app", "shop")));
  EXPECT_THAT(first.annotations, ElementsAre(Pair("note", "7")));
  ASSERT_EQ(first.data.size(), 2U);
  EXPECT_EQ(first.data[1].object_name, "key");
  EXPECT_EQ(first.data[1].key, "tls.key");
  EXPECT_EQ(class_of(manifests).secret_objects[1].secret_name, "second");
}

struct Row {
  std::string from;
  std::string to;
  std::vector<std::string> said;  // after "m.yaml:"
};

void expect_rows(const std::string& text, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const Manifests manifests = read(with(text, row.from, row.to));
    std::vector<std::string> expected;
    for (const std::string& said : row.said) expected.push_back("m.yaml:" + said);
    EXPECT_EQ(texts(manifests.problems), expected) << row.from << " -> " << row.to;
    EXPECT_EQ(without_advice(manifests.problems), "");
    EXPECT_EQ(without_place(manifests.problems), "");
  }
}

// The API server accepts all of these; the pod is where they fail.
TEST(SecretProviderClass, WhatIsWrongIsNamedWithLineFieldAndRemedy) {
  const std::string object = " SecretProviderClass web/shop: spec";
  expect_rows(std::string(kClass),
              {
                  {"  provider: vault\n",
                   "",
                   {"9: error:" + object +
                    ".provider: is missing; name the store, such as 'provider: vault'"}},
                  {"provider: vault",
                   "provider: ''",
                   {"9: error:" + object +
                    ".provider: is missing; name the store, such as 'provider: vault'"}},
                  {"provider: vault",
                   "provider: va/ult",
                   {"9: error:" + object +
                    ".provider: 'va/ult' is not a provider name; "
                    "use at most 30 letters, digits, '-' and '_'"}},
                  {"provider: vault",
                   "provider: a234567890123456789012345678901",
                   {"9: error:" + object +
                    ".provider: 'a234567890123456789012345678901' is not a provider name; "
                    "use at most 30 letters, digits, '-' and '_'"}},
                  {"roleName: shop",
                   "roleName: 7",
                   {"12: error:" + object +
                    ".parameters.roleName: is a number, not a string; "
                    "put it in quotes; the API server refuses it otherwise"}},
                  {"objects: |",
                   "objects:",
                   {"14: error:" + object +
                    ".parameters.objects: is a sequence, not a string; write one string"}},
                  {"  parameters:",
                   "  paramaters: {}\n  parameters:",
                   {"10: warning:" + object +
                    ".paramaters: is not a known field; did you mean 'parameters'?"}},
                  {"spec:\n",
                   "status: {}\nextra: x\nspec:\n",
                   {"9: warning: SecretProviderClass web/shop: extra: is not a known field; "
                    "remove it, or check the spelling"}},
              });
}

TEST(SecretProviderClass, WithoutParametersThereIsOneComplaint) {
  const std::string head = std::string(kClass.substr(0, kClass.find("  parameters:")));
  const std::string missing = "is missing or empty; give the store's parameters";
  const std::pair<std::string, std::string> rows[] = {
      {"", "m.yaml:9: error: SecretProviderClass web/shop: spec.parameters: " + missing},
      {"  parameters:\n",
       "m.yaml:10: error: SecretProviderClass web/shop: spec.parameters: " + missing},
      {"  parameters: {}\n",
       "m.yaml:10: error: SecretProviderClass web/shop: spec.parameters: " + missing},
      {"  parameters: text\n",
       "m.yaml:10: error: SecretProviderClass web/shop: spec.parameters: is a scalar, not a "
       "mapping; write it as 'name: value' lines, indented alike"},
  };
  for (const auto& [tail, said] : rows) {
    EXPECT_THAT(texts(read(head + tail).problems), ElementsAre(said)) << tail;
  }
}

TEST(SecretProviderClass, WithoutASpecBothItsPartsAreMissed) {
  const std::string head = std::string(kClass.substr(0, kClass.find("spec:")));
  for (const char* spec : {"", "spec:\n", "spec: {}\n"}) {
    EXPECT_EQ(texts(read(head + spec).problems).size(), 2U) << spec;
  }
}

TEST(SecretProviderClass, SecretObjectsNeedNameTypeAndData) {
  const std::string item = " SecretProviderClass web/shop: spec.secretObjects[0]";
  expect_rows(
      std::string(kClass) + std::string(kSecretObjects),
      {
          {"secretName: \" shop-tls \"\n    ",
           "",
           {"18: error:" + item + ".secretName: is missing; name the Secret"}},
          {"    type: kubernetes.io/tls\n",
           "",
           {"18: error:" + item + ".type: is missing; write a type such as Opaque"}},
          {"data:\n    - objectName: tls.crt\n      key: tls.crt\n"
           "    - {objectName: key, key: tls.key}",
           "data: []",
           {"22: error:" + item + ".data: is empty; list objectName and key pairs"}},
          {"objectName: key, ",
           "",
           {"25: error:" + item + ".data[1].objectName: is missing; name a file of the mount"}},
          {", key: tls.key",
           "",
           {"25: error:" + item + ".data[1].key: is missing; name the key in the Secret"}},
          {", key: tls.key",
           ", kee: tls.key",
           {"25: warning:" + item + ".data[1].kee: is not a known field; did you mean 'key'?",
            "25: error:" + item + ".data[1].key: is missing; name the key in the Secret"}},
          {"{app: shop}",
           "[app]",
           {"20: error:" + item +
            ".labels: is a sequence, not a mapping; "
            "write it as 'name: value' lines, indented alike"}},
          {"note: \"7\"",
           "note: 7",
           {"21: error:" + item +
            ".annotations.note: is a number, not a string; "
            "put it in quotes; the API server refuses it otherwise"}},
          {"    type: kubernetes",
           "    tpye: x\n    type: kubernetes",
           {"19: warning:" + item + ".tpye: is not a known field; did you mean 'type'?"}},
      });
}

}  // namespace
}  // namespace keyferry::manifest
