#include "manifest/mendix_app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/complete_problem.h"
#include "base/strings.h"
#include "manifest/example_objects.h"

namespace keyferry::manifest {
namespace {

using example::kApp;
using example::read;
using example::texts;
using example::with;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

// The example with more lines in its spec, which begin in line 9.
Manifests with_spec(std::string_view lines) { return read(cat(kApp, lines)); }
// The same in spec.runtime, beginning in line 10.
Manifests with_runtime(std::string_view lines) { return with_spec(cat("  runtime:\n", lines)); }

TEST(MendixApp, EveryFieldThatTheStoreOrTheOrderTouchesIsRead) {
  const Manifests manifests = with_spec(R"(  sourceURL: oci-image://registry/shop:1
  sourceVersion: 1.0.0.1
  appURL: shop.example.com
  tls: {enableTLS: false, secretName: shop-tls}
  replicas: 2
  database: {servicePlan: db-plan}
  storage: {servicePlan: file-plan}
  runtimeLeaderSelection: leaderless
  customPodLabels: {general: {x: "y"}}
  runtime:
    mxAdminPassword: V2VsYzBtZSE=
    debuggerPassword: ""
    dtapMode: D
    logAutosubscribeLevel: DEBUG
    logLevels: {ConnectionBus: TRACE, Core: NONE}
    logFormatType: json
    microflowConstants: {Shop.Title: Awesome, Shop.Limit: "1234"}
    scheduledEventExecution: SPECIFIED
    myScheduledEvents: [Shop.Nightly, Shop.Hourly]
    jettyOptions: '{"set-max-idle-time": 1000}'
    customConfiguration: '{"JdbcLoginTimeout": 9000, "CACertificates": "/ca.crt"}'
    environmentVariables: [{name: A, value: b}]
    clientCertificates: []
    runtimeLicense: {type: offline}
)");
  EXPECT_THAT(texts(manifests.problems), IsEmpty());
  const MendixApp& app = manifests.mendix_apps.at(0);
  EXPECT_EQ(app.runtime_version, "10.24.14");
  EXPECT_TRUE(app.allow_override);
  EXPECT_EQ(app.allow_override_line, 8);
  EXPECT_EQ(app.app_url, "shop.example.com");
  EXPECT_FALSE(app.tls);
  EXPECT_EQ(app.replicas, 2);
  EXPECT_EQ(app.database_service_plan, "db-plan");
  EXPECT_EQ(app.storage_service_plan, "file-plan");
  EXPECT_EQ(app.runtime_leader_selection, "leaderless");
  const MendixRuntimeSpec& runtime = app.runtime;
  EXPECT_EQ(runtime.mx_admin_password->expose(), "Welc0me!");
  ASSERT_TRUE(runtime.debugger_password) << "there, and empty: debugging off";
  EXPECT_TRUE(runtime.debugger_password->empty());
  EXPECT_EQ(runtime.dtap_mode, "D");
  EXPECT_EQ(runtime.log_autosubscribe_level, "DEBUG");
  EXPECT_THAT(runtime.log_levels,
              ElementsAre(Pair("ConnectionBus", "TRACE"), Pair("Core", "NONE")));
  EXPECT_THAT(runtime.microflow_constants,
              ElementsAre(Pair("Shop.Limit", "1234"), Pair("Shop.Title", "Awesome")));
  EXPECT_EQ(runtime.scheduled_event_execution, "SPECIFIED");
  EXPECT_THAT(runtime.my_scheduled_events, ElementsAre("Shop.Nightly", "Shop.Hourly"));
  EXPECT_EQ(to_text(runtime.jetty_options), R"({"set-max-idle-time":1000})");
  EXPECT_EQ(to_text(runtime.custom_configuration),
            R"({"CACertificates":"/ca.crt","JdbcLoginTimeout":9000})");
}

TEST(MendixApp, WhatIsNotSaidHasTheOperatorsDefaults) {
  const Manifests manifests = read(
      "apiVersion: privatecloud.mendix.com/v1alpha1\nkind: MendixApp\nmetadata: {name: shop}\n"
      "spec: {}\n");
  EXPECT_THAT(texts(manifests.problems), IsEmpty());
  const MendixApp& app = manifests.mendix_apps.at(0);
  EXPECT_EQ(app.runtime_version, "");
  EXPECT_FALSE(app.allow_override);
  EXPECT_EQ(app.allow_override_line, 4);
  EXPECT_TRUE(app.tls);
  EXPECT_FALSE(app.replicas);
  EXPECT_FALSE(app.runtime.mx_admin_password);
  EXPECT_FALSE(app.runtime.debugger_password);
  EXPECT_TRUE(app.runtime.custom_configuration.is_null());
  EXPECT_TRUE(app.runtime.jetty_options.is_null());
}

// 10.10 is a number to YAML, 10.1 the same one, and the API server refuses both.
TEST(MendixApp, AVersionOfTwoPartsNeedsQuotes) {
  const Manifests quoted = read(with(kApp, "10.24.14", "'10.10'"));
  EXPECT_THAT(texts(quoted.problems), IsEmpty());
  EXPECT_EQ(quoted.mendix_apps.at(0).runtime_version, "10.10");
  for (const std::string_view number : {"10.10", "9.20", "10"}) {
    EXPECT_THAT(texts(read(with(kApp, "10.24.14", number)).problems),
                ElementsAre("m.yaml:7: error: MendixApp web/shop: spec.mendixRuntimeVersion: is a "
                            "number, not a string; put it in quotes; the API server refuses it "
                            "otherwise"));
  }
}

// What is no version turned every version gate off without a word.
TEST(MendixApp, AVersionHasTheFormOfOne) {
  for (const std::string_view good : {"9.4.0.24572", "10.24.14", "' 10.24.14 '", "''", ""}) {
    EXPECT_THAT(texts(read(with(kApp, "10.24.14", good)).problems), IsEmpty()) << good;
  }
  for (const std::string_view bad : {"ten", "v10.24", "10.24.x", "10..24", "10.24.14.", "1.2.3.4.5",
                                     "latest", "10.24.-1", "10.24 14", "10.9999999999.1"}) {
    EXPECT_THAT(texts(read(with(kApp, "10.24.14", bad)).problems),
                ElementsAre(cat("m.yaml:7: error: MendixApp web/shop: spec.mendixRuntimeVersion: '",
                                bad, "' is not a version; write it in the form 10.24.14")));
  }
}

TEST(MendixApp, MicroflowConstantsStandInsideAsAnObjectOrAsText) {
  const std::string_view rows[] = {
      R"('{"MicroflowConstants": {"A.B": "x", "A.C": 5, "A.D": true}}')",
      R"('{"MicroflowConstants": "{\"A.B\": \"x\", \"A.C\": \"5\", \"A.D\": \"true\"}"}')",
      "|\n      {\"MicroflowConstants\":\n        {\"A.B\": \"x\", \"A.C\": 5, \"A.D\": true}}",
      R"("{\"MicroflowConstants\":{\"A.B\":\"x\",\"A.C\":5,\"A.D\":true},\"Other\":\"y\"}")",
  };
  for (const std::string_view text : rows) {
    const Manifests manifests = with_runtime(cat("    customConfiguration: ", text, "\n"));
    EXPECT_THAT(texts(manifests.problems), IsEmpty()) << text;
    const MendixRuntimeSpec& runtime = manifests.mendix_apps.at(0).runtime;
    EXPECT_THAT(runtime.custom_constants,
                ElementsAre(Pair("A.B", "x"), Pair("A.C", "5"), Pair("A.D", "true")))
        << text;
    EXPECT_EQ(runtime.custom_configuration.find("MicroflowConstants"), nullptr);
    EXPECT_THAT(runtime.microflow_constants, IsEmpty()) << "they stay apart: one beats the other";
  }
}

TEST(MendixApp, AnEmptyCustomConfigurationIsNone) {
  for (const std::string_view text : {"''", "' '", "", "'{}'"}) {
    const Manifests manifests = with_runtime(cat("    customConfiguration: ", text, "\n"));
    EXPECT_THAT(texts(manifests.problems), IsEmpty()) << text;
  }
}

struct Row {
  std::string_view lines;
  std::string_view said;  // whole, after "m.yaml:"
};

void expect_rows(const std::vector<Row>& rows, Manifests (*reading)(std::string_view)) {
  for (const Row& row : rows) {
    const Manifests manifests = reading(row.lines);
    EXPECT_THAT(texts(manifests.problems), ElementsAre(cat("m.yaml:", row.said))) << row.lines;
    EXPECT_EQ(without_advice(manifests.problems), "");
    EXPECT_EQ(without_place(manifests.problems), "");
  }
}

TEST(MendixApp, CustomConfigurationIsOneObjectWithConstantsTwoLevelsDeep) {
  constexpr std::string_view kConstants =
      "write MicroflowConstants as an object, or as the JSON text of one object";
  const std::string field = "10: error: MendixApp web/shop: spec.runtime.customConfiguration: ";
  const std::pair<std::string_view, std::string> rows[] = {
      {"{a: b}", "is a mapping, not a string; write one string"},
      {"'[1]'", "holds an array, not a JSON object; write one JSON object as text"},
      {"'\"{}\"'", "holds a string, not a JSON object; write one JSON object as text"},
      {R"('{"MicroflowConstants": [1]}')",
       cat("MicroflowConstants holds an array, not an object; ", kConstants)},
      {R"('{"MicroflowConstants": null}')",
       cat("MicroflowConstants holds null, not an object; ", kConstants)},
      {R"('{"MicroflowConstants": "\"{\\\"A.B\\\":1}\""}')",
       cat("MicroflowConstants holds a string, not an object; ", kConstants)},
      {R"('{"MicroflowConstants": {"A.B": {"deeper": 1}}}')",
       "MicroflowConstants: A.B holds an object; "
       "write a string, a number, true or false; or leave the constant out"},
      {R"('{"MicroflowConstants": {"A.B": null}}')",
       "MicroflowConstants: A.B holds null; "
       "write a string, a number, true or false; or leave the constant out"},
  };
  for (const auto& [text, said] : rows) {
    const std::string lines = cat("    customConfiguration: ", text, "\n");
    const std::string whole = field + said;
    expect_rows({{lines, whole}}, with_runtime);
  }
}

TEST(MendixApp, TextThatIsNoJsonIsRefusedWithoutQuotingIt) {
  for (const std::string_view field : {"customConfiguration", "jettyOptions"}) {
    for (const std::string_view text :
         {"'{\"password\": \"hunter2\"'", "'{hunter2}'", "hunter2", "'{} hunter2'"}) {
      const Manifests manifests = with_runtime(cat("    ", field, ": ", text, "\n"));
      ASSERT_EQ(manifests.problems.size(), 1U) << text;
      const Problem& problem = manifests.problems[0];
      EXPECT_EQ(problem.line, 10);
      EXPECT_EQ(problem.field, cat("spec.runtime.", field));
      EXPECT_EQ(problem.remedy, "write one JSON object as text");
      EXPECT_THAT(problem.message, Not(HasSubstr("hunter2")));
    }
  }
  const Manifests inner =
      with_runtime(R"(    customConfiguration: '{"MicroflowConstants": "{hunter2"}')");
  ASSERT_EQ(inner.problems.size(), 1U);
  EXPECT_THAT(to_text(inner.problems[0]), Not(HasSubstr("hunter2")));
}

TEST(MendixApp, FieldsOfSpecHaveTheirTypesAndChoices) {
  expect_rows(
      {
          {"  replicas: -1\n",
           "9: error: MendixApp web/shop: spec.replicas: is out of range; "
           "write a number from 0 to 1000"},
          {"  replicas: 1001\n",
           "9: error: MendixApp web/shop: spec.replicas: is out of range; "
           "write a number from 0 to 1000"},
          {"  replicas: '2'\n",
           "9: error: MendixApp web/shop: spec.replicas: is not a whole number; "
           "write digits without quotes"},
          {"  appURL: 7\n",
           "9: error: MendixApp web/shop: spec.appURL: is a number, not a string; "
           "put it in quotes; the API server refuses it otherwise"},
          {"  tls:\n    enableTLS: maybe\n",
           "10: error: MendixApp web/shop: spec.tls.enableTLS: is neither true nor false; "
           "write true or false without quotes"},
          {"  database: plan\n",
           "9: error: MendixApp web/shop: spec.database: is a scalar, not a mapping; "
           "write it as 'name: value' lines, indented alike"},
          {"  runtimeLeaderSelection: all\n",
           "9: error: MendixApp web/shop: spec.runtimeLeaderSelection: "
           "'all' is not one of assigned, none, leaderless; write one of them"},
          {"  aloowOverrideSecretsWithSecretStoreCSIDriver: true\n",
           "9: warning: MendixApp web/shop: spec.aloowOverrideSecretsWithSecretStoreCSIDriver: is "
           "not a known field; did you mean 'allowOverrideSecretsWithSecretStoreCSIDriver'?"},
          {"status: {}\nsepc: {}\n",
           "10: warning: MendixApp web/shop: sepc: is not a known field; did you mean 'spec'?"},
      },
      with_spec);
}

TEST(MendixApp, FieldsOfTheRuntimeHaveTheirTypesAndChoices) {
  expect_rows(
      {
          {"    dtapMode: T\n",
           "10: error: MendixApp web/shop: spec.runtime.dtapMode: 'T' is not one of P, D; "
           "write one of them"},
          {"    logAutosubscribeLevel: debug\n",
           "10: error: MendixApp web/shop: spec.runtime.logAutosubscribeLevel: 'debug' is not one "
           "of NONE, CRITICAL, ERROR, WARNING, INFO, DEBUG, TRACE; write one of them"},
          {"    logLevels: {Core: LOUD}\n",
           "10: error: MendixApp web/shop: spec.runtime.logLevels: node 'Core': 'LOUD' is not a "
           "log level; write NONE, CRITICAL, ERROR, WARNING, INFO, DEBUG or TRACE"},
          {"    microflowConstants:\n      A.B: 1234\n",
           "11: error: MendixApp web/shop: spec.runtime.microflowConstants.A.B: is a number, not a "
           "string; put it in quotes; the API server refuses it otherwise"},
          {"    microflowConstants:\n      A.B: true\n",
           "11: error: MendixApp web/shop: spec.runtime.microflowConstants.A.B: is true or false, "
           "not a string; put it in quotes; the API server refuses it otherwise"},
          {"    scheduledEventExecution: SOME\n",
           "10: error: MendixApp web/shop: spec.runtime.scheduledEventExecution: 'SOME' is not one "
           "of ALL, NONE, SPECIFIED; write one of them"},
          {"    scheduledEventExecution: SPECIFIED\n",
           "10: warning: MendixApp web/shop: spec.runtime.myScheduledEvents: is empty, so no "
           "scheduled event will run; list them, or write scheduledEventExecution: NONE"},
          {"    myScheduledEvents: Shop.Nightly\n",
           "10: error: MendixApp web/shop: spec.runtime.myScheduledEvents: is a scalar, not a "
           "sequence; write '- item' lines"},
          {"    mxAdminPasword: eA==\n",
           "10: warning: MendixApp web/shop: spec.runtime.mxAdminPasword: is not a known field; "
           "did you mean 'mxAdminPassword'?"},
          {"    mxAdminPassword: [x]\n",
           "10: error: MendixApp web/shop: spec.runtime.mxAdminPassword: is a sequence, not a "
           "string; write one string"},
      },
      with_runtime);
}

TEST(MendixApp, PasswordsAreBase64AndMayLookLikeNumbersInQuotes) {
  const Manifests manifests =
      with_runtime("    mxAdminPassword: '12345678'\n    debuggerPassword: ' V2VsYzBtZSE= '\n");
  EXPECT_THAT(texts(manifests.problems), IsEmpty());
  const MendixRuntimeSpec& runtime = manifests.mendix_apps.at(0).runtime;
  EXPECT_EQ(runtime.mx_admin_password->size(), 6U);
  EXPECT_EQ(runtime.debugger_password->expose(), "Welc0me!");
  const Manifests bare = with_runtime("    mxAdminPassword: 12345678\n");
  EXPECT_THAT(texts(bare.problems),
              ElementsAre("m.yaml:10: warning: MendixApp web/shop: spec.runtime.mxAdminPassword: "
                          "is a number, not a string; put it in quotes; the API server refuses it "
                          "otherwise"));
  EXPECT_EQ(bare.mendix_apps.at(0).runtime.mx_admin_password->size(), 6U);
}

// The API server refuses the whole object for them, whoever reads the field.
TEST(MendixApp, EveryTextThatLooksLikeANumberOrABooleanNeedsQuotes) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"  sourceVersion: 1.0\n", "9: error: spec.sourceVersion: is a number"},
      {"  sourceURL: 7\n", "9: error: spec.sourceURL: is a number"},
      {"  ingressClassName: on\n", "9: error: spec.ingressClassName: is true or false"},
      {"  tls:\n    secretName: 7\n", "10: error: spec.tls.secretName: is a number"},
      {"  serviceAnnotations:\n    a/b: true\n",
       "10: error: spec.serviceAnnotations.a/b: is true or false"},
      {"  customPodLabels:\n    general:\n      azure.workload.identity/use: true\n",
       "11: error: spec.customPodLabels.general.azure.workload.identity/use: is true or false"},
      {"  runtime:\n    environmentVariables:\n    - name: A\n      value: 8\n",
       "12: error: spec.runtime.environmentVariables[0].value: is a number"},
  };
  for (const auto& [lines, said] : rows) {
    EXPECT_THAT(texts(with_spec(lines).problems),
                ElementsAre(cat("m.yaml:", with(said, "error: ", "error: MendixApp web/shop: "),
                                ", not a string; put it in quotes; the API server refuses it "
                                "otherwise")));
  }
}

// The most likely mistake is the password itself where base64 is wanted: it must not be repeated.
TEST(MendixApp, APasswordThatIsNoBase64IsRefusedWithoutShowingIt) {
  for (const std::string_view field : {"mxAdminPassword", "debuggerPassword"}) {
    for (const std::string_view value :
         {"hunter2", "'hunter2!'", "'hunter2 hunter2'", "hunter2==", "'hunter2@hunter2@'",
          "[hunter2]", "{hunter2: hunter2}", "*hunter2", "&hunter2 x*", "!hunter2 x*",
          "\"hunter2\\q\"", "'hunter2", "@hunter2", "`hunter2", "%hunter2", "|hunter2"}) {
      const Manifests manifests = with_runtime(cat("    ", field, ": ", value, "\n"));
      ASSERT_FALSE(manifests.problems.empty()) << value;
      for (const Problem& problem : manifests.problems) {
        EXPECT_THAT(to_text(problem), Not(HasSubstr("hunter2"))) << value;
        EXPECT_EQ(problem.line, 10) << to_text(problem);
      }
      EXPECT_EQ(without_advice(manifests.problems), "") << value;
    }
  }
  const Manifests manifests = with_runtime("    mxAdminPassword: hunter2!\n");
  EXPECT_THAT(
      texts(manifests.problems),
      ElementsAre(HasSubstr("encode the value with base64 (printf %s VALUE | base64 -w0)")));
  EXPECT_FALSE(manifests.mendix_apps.at(0).runtime.mx_admin_password);
}

TEST(MendixApp, WithoutASpecThereIsNothingToRun) {
  for (const std::string_view spec : {"", "spec:\n"}) {
    const Manifests manifests =
        read(cat("apiVersion: privatecloud.mendix.com/v1alpha1\nkind: MendixApp\n",
                 "metadata: {name: shop}\n", spec));
    ASSERT_EQ(manifests.problems.size(), 1U);
    EXPECT_EQ(manifests.problems[0].field, "spec");
    EXPECT_EQ(manifests.problems[0].message, "is missing");
    EXPECT_EQ(without_advice(manifests.problems), "");
  }
}

TEST(MendixApp, EverythingThatIsWrongIsSaidAtOnce) {
  const Manifests manifests = with_runtime(
      "    dtapMode: T\n    mxAdminPassword: '!'\n    customConfiguration: '{'\n"
      "    logLevels: {Core: LOUD}\n");
  EXPECT_EQ(manifests.problems.size(), 4U);
  EXPECT_EQ(manifests.mendix_apps.at(0).meta.name, "shop");
}

}  // namespace
}  // namespace keyferry::manifest
