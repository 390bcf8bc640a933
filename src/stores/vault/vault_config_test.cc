#include "stores/vault/vault_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/complete_problem.h"
#include "base/strings.h"

namespace keyferry::stores::vault {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kOneObject =
    "- objectName: a\n  secretPath: secret/data/x\n  secretKey: k\n";

manifest::SecretProviderClass class_with(const std::map<std::string, std::string>& parameters,
                                         std::string_view objects = kOneObject) {
  manifest::SecretProviderClass spc;
  spc.meta.kind = "SecretProviderClass";
  spc.meta.name = "web";
  spc.meta.file = "spc.yaml";
  spc.provider_line = 8;
  spc.parameters["vaultAddress"] = {"https://vault:8200", 10};
  spc.parameters["roleName"] = {"shop", 11};
  spc.parameters["objects"] = {std::string(objects), 20};
  for (const auto& [name, value] : parameters) {
    spc.parameters[name] = {value, 12};
    if (value == "(absent)") spc.parameters.erase(name);
  }
  return spc;
}

std::vector<std::string> texts(const Problems& problems) {
  std::vector<std::string> texts;
  for (const Problem& problem : problems) texts.push_back(to_text(problem));
  return texts;
}

TEST(VaultConfig, EveryParameterHasItsPlace) {
  const auto parsed = parse_config(class_with({{"vaultAddress", "https://v:8200/"},
                                               {"vaultNamespace", "team-a"},
                                               {"vaultAuthMountPath", "jwt-prod/"},
                                               {"audience", "https://vault"},
                                               {"vaultCACertPath", "/ca.crt"},
                                               {"vaultCADirectory", "/ca"},
                                               {"vaultTLSServerName", "vault.internal"},
                                               {"vaultTLSClientCertPath", "/c.crt"},
                                               {"vaultTLSClientKeyPath", "/c.key"}}));
  EXPECT_THAT(texts(parsed.problems), IsEmpty());
  const VaultConfig& config = parsed.config;
  EXPECT_EQ(config.address, "https://v:8200");
  EXPECT_EQ(config.namespace_name, "team-a");
  EXPECT_EQ(config.auth_mount, "jwt-prod");
  EXPECT_EQ(config.role, "shop");
  EXPECT_EQ(config.audience, "https://vault");
  EXPECT_EQ(config.tls,
            (TlsOptions{TlsVerify::kFull, "/ca.crt", "/ca", "vault.internal", "/c.crt", "/c.key"}));
}

TEST(VaultConfig, AbsentParametersHaveTheProvidersDefaults) {
  const auto parsed = parse_config(class_with({{"vaultAddress", "(absent)"}}));
  EXPECT_EQ(parsed.config.address, "https://127.0.0.1:8200");
  EXPECT_EQ(parsed.config.auth_mount, "kubernetes");
  EXPECT_EQ(parsed.config.audience, "vault");
  ASSERT_EQ(parsed.problems.size(), 1U);
  EXPECT_EQ(parsed.problems[0].severity, Severity::kWarning);
}

TEST(VaultConfig, OpenBaosClassesMayUseItsNamesAndVaults) {
  auto spc = class_with({{"vaultAddress", "https://last:8200"},
                         {"openbaoAddress", "https://second:8200"},
                         {"baoAddress", "https://first:8200"},
                         {"openbaoNamespace", "team-a"},
                         {"vaultAuthMountPath", "jwt-prod"},
                         {"baoRoleName", "prefixed"}});
  spc.provider = "openbao";
  const auto parsed = parse_config(spc);
  EXPECT_EQ(parsed.config.address, "https://first:8200");
  EXPECT_EQ(parsed.config.namespace_name, "team-a");
  EXPECT_EQ(parsed.config.auth_mount, "jwt-prod");
  EXPECT_EQ(parsed.config.role, "prefixed");
  EXPECT_EQ(parsed.config.audience, "openbao");
  EXPECT_THAT(texts(parsed.problems),
              ElementsAre(HasSubstr("openbaoAddress: is not used: baoAddress comes first"),
                          HasSubstr("vaultAddress: is not used: baoAddress comes first"),
                          HasSubstr("roleName: is not used: baoRoleName comes first")));
}

TEST(VaultConfig, WhatIsWrongInAnOpenBaoClassIsSaidInItsOwnNames) {
  auto spc = class_with({{"vaultAddress", "(absent)"},
                         {"baoAddress", "nonsense"},
                         {"baoTLSClientKeyPath", "/key"},
                         {"baoAdress", "https://bao:8200"}});
  spc.provider = "openbao";
  EXPECT_THAT(texts(parse_config(spc).problems),
              UnorderedElementsAre(HasSubstr("baoAddress: 'nonsense' is"),
                                   HasSubstr("baoTLSClientCertPath: is missing"),
                                   HasSubstr("did you mean 'baoAddress'?")));
}

TEST(VaultConfig, VaultsClassesHaveNoOtherNames) {
  const auto parsed = parse_config(class_with({{"baoNamespace", "team-a"}}));
  EXPECT_EQ(parsed.config.namespace_name, "");
  EXPECT_THAT(texts(parsed.problems), ElementsAre(HasSubstr("baoNamespace")));
}

TEST(VaultConfig, TheOldNameOfTheAuthMountIsRead) {
  EXPECT_EQ(parse_config(class_with({{"vaultKubernetesMountPath", "k8s"}})).config.auth_mount,
            "k8s");
}

struct Wrong {
  const char* name;
  const char* value;
  Severity severity;
  const char* words;
};

TEST(VaultConfig, WhatIsWrongIsNamedWithItsRemedy) {
  const Wrong rows[] = {
      {"roleName", "(absent)", Severity::kError, "roleName: is missing; name the role"},
      {"vaultAdress", "https://x", Severity::kError, "did you mean 'vaultAddress'?"},
      {"colour", "red", Severity::kWarning, "is not a parameter of the vault provider"},
      {"vaultCAPem", "x", Severity::kWarning, "no longer read"},
      {"vaultAddress", "vault:8200", Severity::kError, "http:// or https:// is missing"},
      {"vaultAddress", "http://vault.{mx}.svc:8200", Severity::kError, "braces included"},
      {"vaultAddress", "http://vault:8200?x=1", Severity::kError, "holds a query"},
      {"vaultNamespace", "a\r\nX-Other: y", Severity::kError, "in one line"},
      {"vaultNamespace", "a\tb", Severity::kError, "in one line"},
      {"vaultAuthMountPath", "auth mount", Severity::kError, "not the path of a login method"},
      {"vaultAuthMountPath", "../auth/kubernetes", Severity::kError, "vault auth list"},
      {"vaultKubernetesMountPath", "/k8s", Severity::kError, "vaultKubernetesMountPath: '/k8s'"},
      {"vaultTLSServerName", "a b:c", Severity::kError, "not a host name"},
      {"vaultSkipTLSVerify", "yes", Severity::kError, "'yes' is not a boolean"},
      {"vaultSkipTLSVerify", "true", Severity::kWarning, "anybody on the way"},
      {"vaultTLSClientCertPath", "/c.crt", Severity::kError,
       "vaultTLSClientKeyPath: is missing while the other half"},
  };
  for (const Wrong& row : rows) {
    const auto parsed = parse_config(class_with({{row.name, row.value}}));
    ASSERT_EQ(parsed.problems.size(), 1U) << row.name << '=' << row.value;
    EXPECT_EQ(parsed.problems[0].severity, row.severity) << row.name;
    EXPECT_THAT(to_text(parsed.problems[0]), HasSubstr(row.words));
    EXPECT_EQ(without_advice(parsed.problems), "");
    EXPECT_EQ(without_place(parsed.problems), "");
  }
  const auto both =
      parse_config(class_with({{"vaultAuthMountPath", "a"}, {"vaultKubernetesMountPath", "b"}}));
  EXPECT_THAT(texts(both.problems), testing::ElementsAre(HasSubstr("are both set")));
}

// A user name in an address often has its password beside it.
TEST(VaultConfig, AnAddressWithAUserNameIsRefusedWithoutShowingIt) {
  const auto parsed = parse_config(class_with({{"vaultAddress", "https://me:hunter2@vault:8200"}}));
  ASSERT_EQ(parsed.problems.size(), 1U);
  EXPECT_THAT(to_text(parsed.problems[0]),
              testing::AllOf(HasSubstr("holds a user name"), Not(HasSubstr("hunter2"))));
}

// What is not there has no line of its own.
TEST(VaultConfig, AParameterThatIsMissingIsNamedBesideTheProvider) {
  const auto parsed = parse_config(class_with(
      {{"roleName", "(absent)"}, {"vaultAddress", "(absent)"}, {"objects", "(absent)"}}));
  ASSERT_EQ(parsed.problems.size(), 3U);
  for (const Problem& problem : parsed.problems) EXPECT_EQ(problem.line, 8) << problem.field;
  EXPECT_EQ(without_advice(parsed.problems), "");
}

TEST(VaultObjects, EveryFieldHasItsPlace) {
  const auto parsed = parse_config(class_with({}, R"(
- objectName: dynamic
  secretPath: v1/database/creds/role?x=1
  method: put
  secretArgs: {ttl: 1h, count: 3}
  secretKey: password
  filePermission: 0640
  encoding: Base64
- {objectName: whole, secretPath: /v1/secret/data/y, filePermission: 0}
)"));
  EXPECT_THAT(texts(parsed.problems), IsEmpty());
  ASSERT_EQ(parsed.config.objects.size(), 2U);
  const ObjectSpec& object = parsed.config.objects[0];
  EXPECT_EQ(object.name, "dynamic");
  EXPECT_EQ(object.path, "/v1/database/creds/role?x=1");
  EXPECT_EQ(object.policy_path(), "database/creds/role");
  EXPECT_EQ(object.method, "PUT");
  EXPECT_EQ(to_text(*object.args), R"({"count":3,"ttl":"1h"})");
  EXPECT_EQ(object.key, "password");
  EXPECT_EQ(object.mode, 0640U);
  EXPECT_EQ(object.encoding, Encoding::kBase64);
  EXPECT_EQ(object.line, 21);
  const ObjectSpec& whole = parsed.config.objects[1];
  EXPECT_EQ(whole.path, "/v1/secret/data/y");
  EXPECT_EQ(whole.key, "");
  EXPECT_EQ(whole.mode, std::nullopt);
}

TEST(VaultObjects, WhatIsWrongIsNamedWithItsLine) {
  struct Row {
    const char* objects;
    int line;
    const char* words;
  };
  const Row rows[] = {
      {"", 20, "nothing to read"},
      {"[]", 20, "empty list"},
      {"a: b", 20, "is not one list"},
      {"- [", 20, "is not YAML"},
      {"- objectName: a\n  secretPath: secret/data/x\n\tsecretKey: k", 22, "indent with blanks"},
      {"- objectName: a\n  objectName: b", 21, "key 'objectName' stands here again"},
      {"- just text", 20, "not an object"},
      {"- secretPath: secret/data/x", 20, "objectName: is missing"},
      {"- objectName: a", 20, "secretPath: is missing"},
      {"- objectName: a\n  secretPath: secret/data/x\n  secretKye: k", 22,
       "did you mean 'secretKey'?"},
      {"- objectName: a\n  secretPath: secret/data/x\n  colour: red", 22, "not a field"},
      {"- objectName: a\n  secretPath: secret/data/x\n  objectVersion: '1'", 22, "no longer read"},
      {"- objectName: a\n  secretPath: [x]", 21, "is a sequence, not a text"},
      {"- objectName: a\n  secretPath: secret/data/x\n  filePermission: '0640'", 22,
       "not a file mode"},
      {"- objectName: a\n  secretPath: secret/data/x\n  filePermission: 01640", 22,
       "the file gets 0640"},
      {"- objectName: a\n  secretPath: secret/data/x\n  secretKey: k\n  encoding: utf8", 23,
       "use utf-8, base64 or hex"},
      {"- objectName: a\n  secretPath: secret/data/x\n  encoding: hex", 22, "no effect"},
      {"- objectName: a\n  secretPath: secret/data/x\n  method: G3T", 22, "not a method"},
      {"- objectName: a\n  secretPath: secret/data/x\n  method: head", 22,
       "HEAD gives no contents"},
      {"- objectName: a\n  secretPath: secret/data/x\n  secretArgs: 3", 22, "not a mapping"},
      {"- {objectName: a, secretPath: secret/data/x}\n- {objectName: a, secretPath: secret/data/y}",
       21, "wanted twice, the other in line 20"},
      {"- {objectName: ../x, secretPath: secret/data/x}", 20, "leads out of the mount"},
      {"- {objectName: a/b, secretPath: secret/data/x}\n- {objectName: a, secretPath: "
       "secret/data/x}",
       20, "needs a folder where another file is, the other in line 21"},
      {"- objectName: \"a\\nb\"\n  secretPath: secret/data/x", 20, "control character"},
      {"- {objectName: a, secretPath: secret//data/x}", 20, "doubled '/'"},
      {"- {objectName: a, secretPath: secret/data/x, filePermission: 0200}", 20,
       "its owner not read the file"},
      {"- {objectName: a, secretPath: secret/data/../../sys/x}", 20, "'.' or '..' part"},
      {"- {objectName: a, secretPath: \"secret/data/./x?version=1\"}", 20, "'.' or '..' part"},
      {"- {objectName: a, secretPath: \"secret/data/x\\ny\"}", 20, "a line end"},
      {"- {objectName: a, secretPath: kv/data/x}\n- {objectName: b, secretPath: kv/y}", 21,
       "write kv/data/y"},
      {"- {objectName: b, secretPath: secret/y}", 20, "write secret/data/y"},
  };
  for (const Row& row : rows) {
    const auto parsed = parse_config(class_with({}, row.objects));
    ASSERT_EQ(parsed.problems.size(), 1U) << row.objects << '\n'
                                          << join(texts(parsed.problems), "\n");
    EXPECT_EQ(parsed.problems[0].line, row.line) << row.objects;
    EXPECT_THAT(to_text(parsed.problems[0]), HasSubstr(row.words));
    EXPECT_EQ(without_advice(parsed.problems), "");
    EXPECT_EQ(without_place(parsed.problems), "");
  }
}

// Valid classes were refused: the engine has more endpoints than data/, and who knows its version.
TEST(VaultObjects, EveryEndpointOfAVersionedEngineIsAPath) {
  for (const char* path :
       {"config", "metadata/x", "subkeys/x", "delete/x", "undelete/x", "destroy/x", "data/y"}) {
    for (const char* mount : {"secret", "kv"}) {
      const auto parsed = parse_config(
          class_with({}, cat("- {objectName: a, secretPath: ", mount, "/data/x}\n",
                             "- {objectName: b, secretPath: ", mount, '/', path, "}")));
      EXPECT_THAT(texts(parsed.problems), IsEmpty()) << mount << '/' << path;
    }
  }
  const auto doubtful = parse_config(class_with(
      {}, "- {objectName: a, secretPath: kv1/data/foo}\n- {objectName: b, secretPath: kv1/foo}"));
  ASSERT_EQ(doubtful.problems.size(), 1U);
  EXPECT_EQ(doubtful.problems[0].severity, Severity::kWarning);
}

TEST(VaultObjects, AnyMethodIsTakenInCapitals) {
  for (const char* method : {"list", "SCAN", "Patch", "FETCH"}) {
    const auto parsed = parse_config(class_with(
        {}, cat("- {objectName: a, secretPath: secret/metadata/, method: ", method, "}")));
    EXPECT_THAT(texts(parsed.problems), IsEmpty()) << method;
    EXPECT_EQ(to_lower(parsed.config.objects.at(0).method), to_lower(method));
  }
}

TEST(VaultObjects, PathsOfOtherEnginesNeedNoData) {
  for (const char* path : {"database/creds/x", "kv1/shop", "secret/metadata/x", "sys/health"}) {
    const auto parsed =
        parse_config(class_with({}, cat("- {objectName: a, secretPath: ", path, "}")));
    EXPECT_THAT(texts(parsed.problems), IsEmpty()) << path;
  }
}

TEST(VaultConfig, EverythingThatIsWrongIsSaidAtOnce) {
  const auto parsed = parse_config(
      class_with({{"roleName", "(absent)"}, {"vaultSkipTLSVerify", "?"}}, "- objectName: a"));
  EXPECT_EQ(parsed.problems.size(), 3U);
}

}  // namespace
}  // namespace keyferry::stores::vault
