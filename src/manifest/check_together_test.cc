#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/complete_problem.h"
#include "base/strings.h"
#include "manifest/example_objects.h"
#include "manifest/manifest.h"

namespace keyferry::manifest {
namespace {

using example::joined;
using example::kAccount;
using example::kApp;
using example::kClass;
using example::read;
using example::texts;
using example::with;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The three good objects; a test replaces one by a changed one, or by "" (absent).
struct Trio {
  std::string account = std::string(kAccount);
  std::string spc = std::string(kClass);
  std::string app = std::string(kApp);
};

// Every object in a file of its own, so that lines are those of the example.
Problems check(const Trio& trio, const std::vector<std::string>& more = {}) {
  Manifests manifests;
  const auto add = [&](const std::string& text, const std::string& file) {
    if (!text.empty()) parse_manifest(text, file, manifests);
  };
  add(trio.account, "sa.yaml");
  add(trio.spc, "spc.yaml");
  add(trio.app, "app.yaml");
  for (const std::string& text : more) add(text, "more.yaml");
  EXPECT_THAT(texts(manifests.problems), IsEmpty());
  Problems problems = check_together(manifests);
  EXPECT_EQ(without_advice(problems), "");
  EXPECT_EQ(without_place(problems), "");
  return problems;
}

TEST(CheckTogether, ThreeObjectsOfOneNameAreGood) { EXPECT_THAT(texts(check({})), IsEmpty()); }

TEST(CheckTogether, NothingTogetherIsGood) {
  EXPECT_THAT(texts(check_together(Manifests())), IsEmpty());
}

// Without a MendixApp and an annotation the class belongs to somebody else's pod.
TEST(CheckTogether, WithoutASignOfMendixNoNameAndNoAnnotationIsAskedFor) {
  const std::string account = with(kAccount, "privatecloud.mendix.com/environment-account", "note");
  const std::string spc = with(kClass, "privatecloud.mendix.com/environment-class", "note");
  EXPECT_THAT(texts(check({with(account, "shop", "other"), spc, ""})), IsEmpty());
}

// All of these were green as long as no MendixApp was among the files.
TEST(CheckTogether, AnAnnotationOfMendixOrLikeItsMakesTheRulesHold) {
  const auto complaints = [&](const std::string& account, const std::string& spc) {
    return texts(check({account, spc, ""}));
  };
  const std::string good(kClass);
  for (const char* value : {"\"True\"", "\"yes\"", "\"false\""}) {
    EXPECT_THAT(complaints("", with(kClass, "\"true\"", value)),
                ElementsAre(HasSubstr("not \"true\"")))
        << value;
  }
  for (const char* name :
       {"privatecloud.mendix.com/enviroment-class", "privatecloud.mendix.com/environmentclass",
        "privatecloud.mendix.co/environment-class"}) {
    EXPECT_THAT(complaints("", with(kClass, "privatecloud.mendix.com/environment-class", name)),
                ElementsAre(HasSubstr(cat("environment-class is missing; there is '", name, "'"))));
  }
  EXPECT_THAT(
      complaints(with(kAccount, "privatecloud.mendix.com/environment-account", "note"), good),
      ElementsAre(HasSubstr("annotation privatecloud.mendix.com/environment-account is "
                            "missing; without it")));
  EXPECT_THAT(complaints(with(kAccount, "name: shop", "name: other"), good),
              ElementsAre("sa.yaml:4: error: ServiceAccount web/other: metadata.name: is not named "
                          "like SecretProviderClass web/shop; give both the app's name; "
                          "ServiceAccount, SecretProviderClass and MendixApp are joined by name "
                          "alone"));
  EXPECT_THAT(complaints(std::string(kAccount), good), IsEmpty());
}

TEST(CheckTogether, APartnerThatIsAbsentIsNamed) {
  EXPECT_THAT(texts(check({"", std::string(kClass), std::string(kApp)})),
              ElementsAre("app.yaml:4: error: MendixApp web/shop: metadata.name: there is no "
                          "ServiceAccount named 'shop' in the files given; add one with exactly "
                          "this name and namespace"));
  EXPECT_THAT(texts(check({std::string(kAccount), "", std::string(kApp)})),
              ElementsAre(HasSubstr("there is no SecretProviderClass named 'shop'")));
}

TEST(CheckTogether, APartnerOfAnotherNameIsToldWhichOneItNeeds) {
  EXPECT_THAT(
      texts(check(
          {with(kAccount, "name: shop", "name: shop-sa"), std::string(kClass), std::string(kApp)})),
      ElementsAre("sa.yaml:4: error: ServiceAccount web/shop-sa: metadata.name: is not named like "
                  "MendixApp web/shop; name it 'shop' in namespace 'web'; ServiceAccount, "
                  "SecretProviderClass and MendixApp are joined by name alone"));
  EXPECT_THAT(texts(check({std::string(kAccount), with(kClass, "name: shop", "name: shop2"),
                           std::string(kApp)})),
              ElementsAre(HasSubstr("spc.yaml:4: error: SecretProviderClass web/shop2: "
                                    "metadata.name: is not named like MendixApp web/shop")));
}

TEST(CheckTogether, TheNamespaceBelongsToTheNameUnlessOneNamesNone) {
  const std::string elsewhere = with(kAccount, "namespace: web", "namespace: other");
  EXPECT_THAT(
      texts(check({elsewhere, std::string(kClass), std::string(kApp)})),
      ElementsAre(HasSubstr("ServiceAccount other/shop: metadata.name: is not named like")));
  const std::string anywhere = with(kAccount, "  namespace: web\n", "");
  EXPECT_THAT(texts(check({anywhere, std::string(kClass), std::string(kApp)})), IsEmpty());
  const std::string app = with(kApp, "  namespace: web\n", "");
  EXPECT_THAT(texts(check({elsewhere, std::string(kClass), app})), IsEmpty());
}

TEST(CheckTogether, OneOfSeveralWithTheNameIsEnough) {
  EXPECT_THAT(texts(check({}, {with(kAccount, "name: shop", "name: other")})), IsEmpty());
}

TEST(CheckTogether, TheSameObjectTwiceIsAnError) {
  for (const std::string_view text : {kAccount, kClass, kApp}) {
    const auto said = texts(check({}, {std::string(text)}));
    ASSERT_EQ(said.size(), 1U) << text;
    EXPECT_THAT(said[0], testing::AllOf(testing::StartsWith("more.yaml:4: error: "),
                                        HasSubstr("web/shop: metadata.name: stands in the files "
                                                  "more than once; keep one")));
  }
}

struct Row {
  std::string text;
  std::string said;
};

TEST(CheckTogether, AnnotationsMustBeTheStringTrue) {
  const std::string account = "privatecloud.mendix.com/environment-account";
  const std::string remedy = "; without it the object is never attached; add " + account +
                             ": \"true\" under metadata.annotations";
  const std::string rest = " error: ServiceAccount web/shop: metadata.annotations: ";
  const std::string head = "sa.yaml:1:" + rest;
  const std::string its_line = "sa.yaml:7:" + rest;
  const Row rows[] = {
      {with(kAccount, "    " + account + ": \"true\"\n", ""),
       head + "annotation " + account + " is missing" + remedy},
      {with(kAccount, "environment-account", "environment-class"),
       head + "annotation " + account +
           " is missing; there is 'privatecloud.mendix.com/environment-class'" + remedy},
      {with(kAccount, "\"true\"", "\"false\""),
       its_line + "annotation " + account + " is 'false', not \"true\"" + remedy},
      {with(kAccount, "\"true\"", "\"True\""),
       its_line + "annotation " + account + " is 'True', not \"true\"" + remedy},
      {with(kAccount, "\"true\"", "\"\""),
       its_line + "annotation " + account + " is '', not \"true\"" + remedy},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(texts(check({row.text, std::string(kClass), std::string(kApp)})),
                ElementsAre(row.said));
  }
  EXPECT_THAT(
      texts(check({std::string(kAccount), with(kClass, "\"true\"", "\"yes\""), std::string(kApp)})),
      ElementsAre(HasSubstr("spc.yaml:7: error: SecretProviderClass web/shop: "
                            "metadata.annotations: annotation "
                            "privatecloud.mendix.com/environment-class is 'yes'")));
}

TEST(CheckTogether, TheOverrideMustBeAllowedWhereThereIsAClass) {
  const std::string said =
      "app.yaml:8: error: MendixApp web/shop: spec.allowOverrideSecretsWithSecretStoreCSIDriver: "
      "is not true, so the mounted secrets are never read; set it to true";
  EXPECT_THAT(texts(check({std::string(kAccount), std::string(kClass),
                           with(kApp, "Driver: true", "Driver: false")})),
              ElementsAre(said));
  const std::string absent =
      with(kApp, "  allowOverrideSecretsWithSecretStoreCSIDriver: true\n", "");
  EXPECT_THAT(texts(check({std::string(kAccount), std::string(kClass), absent})),
              ElementsAre(with(said, ":8:", ":7:")));
  EXPECT_THAT(texts(check({std::string(kAccount), "", absent})),
              ElementsAre(HasSubstr("there is no SecretProviderClass")))
      << "nothing to read: nothing to allow";
}

TEST(CheckTogether, APlanBesideAStoreIsAWarning) {
  const std::string plans =
      std::string(kApp) + "  database: {servicePlan: pg}\n  storage: {servicePlan: files}\n";
  EXPECT_THAT(texts(check({std::string(kAccount), std::string(kClass), plans})),
              ElementsAre("app.yaml:1: warning: MendixApp web/shop: spec.database.servicePlan: "
                          "names plan 'pg' beside a secret store; remove the plan if the store has "
                          "that group's keys; one group has one source",
                          HasSubstr("warning: MendixApp web/shop: spec.storage.servicePlan: names "
                                    "plan 'files'")));
}

TEST(CheckTogether, ReservedNamesAreRefused) {
  for (const std::string_view name :
       {"mendix-operator", "mendix-agent", "mendix-storage-provisioner"}) {
    const auto said = texts(check({with(kAccount, "name: shop", cat("name: ", name)), "", ""}));
    EXPECT_THAT(said, ElementsAre(HasSubstr("is a reserved name; choose a name")));
  }
  for (const std::string_view name : {"mendix-shop", "openshift-shop", "mendix-agent"}) {
    const std::string named = cat("name: ", name);
    const std::string account = with(kAccount, "name: shop", named);
    const Trio trio = {account, with(kClass, "name: shop", named), with(kApp, "name: shop", named)};
    EXPECT_THAT(texts(check(trio)),
                testing::Contains("app.yaml:4: error: MendixApp web/" + std::string(name) +
                                  ": metadata.name: '" + std::string(name) +
                                  "' is a reserved name; choose a name that does not begin with "
                                  "mendix- or openshift-"));
  }
  const Trio others = {with(kAccount, "name: shop", "name: mendix-shop"), "", ""};
  EXPECT_THAT(texts(check(others)), IsEmpty()) << "only an app may not begin so";
}

TEST(CheckTogether, PlaceholdersThatWereNotFilledInAreFound) {
  const std::string head = "error: SecretProviderClass web/shop: spec.parameters.";
  const std::string tail =
      "is a placeholder that was not filled in; "
      "write the real value, without braces and angle brackets";
  const Row rows[] = {
      {with(kClass, "https://vault:8200", "http://vault.{<namespace>}.svc:8200"),
       "spc.yaml:11: " + head + "vaultAddress: '<namespace>' " + tail},
      {with(kClass, "https://vault:8200", "http://vault.{namespace}.svc:8200"),
       "spc.yaml:11: " + head + "vaultAddress: '{namespace}' " + tail},
      {with(kClass, "roleName: shop", "roleName: <role>"),
       "spc.yaml:12: " + head + "roleName: '<role>' " + tail},
      {with(kClass, "secretPath: secret/data/shop", "secretPath: secret/data/<app>"),
       "spc.yaml:15: " + head + "objects: '<app>' " + tail},
      {with(kClass, "secretPath: secret/data/shop", "secretPath: secret/data/{app}"),
       "spc.yaml:15: " + head + "objects: '{app}' " + tail},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(texts(check({std::string(kAccount), row.text, std::string(kApp)})),
                ElementsAre(row.said));
  }
}

// The walk-through's own sample left as it is, <{image URL}>, passed.
TEST(CheckTogether, PlaceholdersInAnAppAreFoundToo) {
  const std::string tail =
      "is a placeholder that was not filled in; write the real value, without braces and angle "
      "brackets";
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"  sourceURL: oci-image://<{image URL}>\n", "9: error: spec.sourceURL: '<{image URL}>'"},
      {"  sourceURL: https://host/{app}.mda\n", "9: error: spec.sourceURL: '{app}'"},
      {"  sourceURL: >-\n    https://host/<app>.mda\n", "10: error: spec.sourceURL: '<app>'"},
      {"  appURL: '{}'\n", "9: error: spec.appURL: '{}'"},
      {"  tls:\n    secretName: <secret>\n", "10: error: spec.tls.secretName: '<secret>'"},
      {"  resources:\n    limits: {cpu: <cpu>}\n", "10: error: spec.resources.limits.cpu: '<cpu>'"},
      {"  runtime:\n    myScheduledEvents: [A.B, '{event}']\n",
       "10: error: spec.runtime.myScheduledEvents[1]: '{event}'"},
  };
  for (const auto& [lines, said] : rows) {
    const std::string expected =
        with(cat("app.yaml:", said, " ", tail), "error: ", "error: MendixApp web/shop: ");
    EXPECT_THAT(texts(check({std::string(kAccount), std::string(kClass), cat(kApp, lines)})),
                ElementsAre(expected));
  }
  const std::string version = with(kApp, "10.24.14", "<version>");
  EXPECT_THAT(texts(check({std::string(kAccount), std::string(kClass), version})),
              ElementsAre(HasSubstr("app.yaml:7: error: MendixApp web/shop: "
                                    "spec.mendixRuntimeVersion: '<version>' is a placeholder")));
}

TEST(CheckTogether, JsonAndOwnWordsInAnAppMayHoldBraces) {
  const std::string app = cat(kApp, R"(  endpointAnnotations: {snippet: "if (x) { return <403>; }"}
  runtimeMetricsConfiguration: {mode: native, mxAgentConfig: '{"a": "<b>"}'}
  runtime:
    customConfiguration: '{"A": "<b>"}'
    jettyOptions: '{"a": {}}'
    microflowConstants: {Shop.Html: "<p>{1}</p>"}
    environmentVariables: [{name: A, value: "{}"}]
)");
  EXPECT_THAT(texts(check({std::string(kAccount), std::string(kClass), app})), IsEmpty());
}

// An object in one line, or the whole list as JSON, was called a placeholder for its braces.
TEST(CheckTogether, ObjectsMayBeWrittenInOneLineOrAsJson) {
  const std::string_view block =
      "|\n      - objectName: database-password\n        secretPath: secret/data/shop\n"
      "        secretKey: password\n";
  for (const std::string_view objects :
       {"|\n      - {objectName: a, secretPath: secret/data/b}\n",
        "'[{\"objectName\": \"a\", \"secretPath\": \"secret/data/b\"}]'\n"}) {
    const std::string spc = with(kClass, block, objects);
    EXPECT_THAT(texts(check({std::string(kAccount), spc, std::string(kApp)})), IsEmpty());
    const std::string unfilled = with(spc, "data/b", "data/<app>");
    EXPECT_THAT(texts(check({std::string(kAccount), unfilled, std::string(kApp)})),
                ElementsAre(HasSubstr("objects: '<app>' is a placeholder")));
  }
}

TEST(CheckTogether, WhatMayHoldBracesIsLeftAlone) {
  const std::string objects = with(kClass, "        secretKey: password\n",
                                   "        secretArgs: {ttl: 1h}\n"
                                   "        # fill in <app> and {key}\n"
                                   "      - {objectName: a, secretPath: secret/data/b}\n"
                                   "      - path: 'db.{user: username}'\n");
  EXPECT_THAT(texts(check({std::string(kAccount), objects, std::string(kApp)})), IsEmpty());
  for (const std::string_view address : {"https://a>b", "https://}x{"}) {
    EXPECT_THAT(texts(check({std::string(kAccount), with(kClass, "https://vault:8200", address),
                             std::string(kApp)})),
                IsEmpty())
        << address;
  }
}

// Read by the parser as a bad name too; one complaint is enough.
TEST(CheckTogether, APlaceholderAsANameIsOneComplaint) {
  Manifests manifests = read(joined({with(kAccount, "name: shop", "name: <app>")}));
  EXPECT_THAT(texts(manifests.problems), IsEmpty());
  EXPECT_THAT(texts(check_together(manifests)),
              ElementsAre(HasSubstr("metadata.name: '<app>' is a placeholder")));
  manifests = read(with(kAccount, "namespace: web", "namespace: <namespace>"));
  EXPECT_THAT(texts(check_together(manifests)),
              ElementsAre(HasSubstr("metadata.namespace: '<namespace>' is a placeholder")));
}

}  // namespace
}  // namespace keyferry::manifest
