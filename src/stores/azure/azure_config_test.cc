#include "stores/azure/azure_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/complete_problem.h"
#include "base/strings.h"
#include "stores/azure/azure_cloud.h"

namespace keyferry::stores::azure {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kTenant = "8b4f2a1e-0000-4000-8000-000000000001";
constexpr const char* kClient = "2f1c7d9e-0000-4000-8000-000000000002";

// The text of `objects` with one object of these lines.
std::string objects_with(const std::vector<std::string>& lines) {
  std::string text = "array:\n  - |\n";
  for (const std::string& line : lines) text += cat("    ", line, "\n");
  return text;
}
const std::string kOneObject = objects_with({"objectName: db", "objectType: secret"});

manifest::SecretProviderClass class_with(const std::string& objects,
                                         const std::map<std::string, std::string>& more = {}) {
  manifest::SecretProviderClass spc;
  spc.meta.kind = "SecretProviderClass";
  spc.meta.name = "web";
  spc.meta.file = "spc.yaml";
  spc.provider_line = 8;
  spc.parameters["keyvaultName"] = {"shop", 10};
  spc.parameters["tenantID"] = {kTenant, 11};
  spc.parameters["objects"] = {objects, 20};
  for (const auto& [name, value] : more) spc.parameters[name] = {value, 12};
  return spc;
}

std::vector<std::string> texts(const Problems& problems) {
  std::vector<std::string> texts;
  for (const Problem& problem : problems) texts.push_back(to_text(problem));
  return texts;
}

ObjectSpec only_object(const std::vector<std::string>& lines) {
  ParsedConfig parsed = parse_config(class_with(objects_with(lines)));
  EXPECT_THAT(texts(parsed.problems), IsEmpty());
  if (parsed.config.objects.size() != 1) return {};
  return std::move(parsed.config.objects.front());
}

TEST(AzureConfig, EveryParameterHasItsPlace) {
  const auto parsed =
      parse_config(class_with(kOneObject, {{"clientID", kClient},
                                           {"cloudName", "azurestackcloud"},
                                           {"cloudEnvFileName", "/etc/cloud.json"},
                                           {"useAzureTokenProxy", "true"},
                                           {"tokenProxyUrl", "https://kubernetes.default.svc"},
                                           {"sniName", "a0.ests.aks"},
                                           {"constructPemChain", "false"},
                                           {"writeCertAndKeyInSeparateFiles", "1"},
                                           {"exactVersionHistory", "true"},
                                           {"endpointUrl", "https://127.0.0.1:8443/"},
                                           {"caCertPath", "/etc/ca.pem"}}));
  EXPECT_THAT(texts(parsed.problems), IsEmpty());
  const AzureConfig& config = parsed.config;
  EXPECT_EQ(config.vault, "shop");
  EXPECT_EQ(config.tenant, kTenant);
  EXPECT_EQ(config.cloud, "azurestackcloud");
  EXPECT_EQ(config.cloud_file, "/etc/cloud.json");
  EXPECT_EQ(config.login, EntraLogin::kTokenProxy);
  EXPECT_EQ(config.client_id, kClient);
  EXPECT_EQ(config.token_proxy, "https://kubernetes.default.svc");
  EXPECT_EQ(config.sni_name, "a0.ests.aks");
  EXPECT_FALSE(config.order_chains);
  EXPECT_TRUE(config.separate_files);
  EXPECT_TRUE(config.exact_history);
  EXPECT_EQ(config.endpoint_url, "https://127.0.0.1:8443");
  EXPECT_EQ(config.ca_file, "/etc/ca.pem");
  const auto plain = parse_config(class_with(kOneObject));
  EXPECT_TRUE(plain.config.order_chains);
  EXPECT_FALSE(plain.config.separate_files || plain.config.exact_history);
}

TEST(AzureConfig, TheModeFollowsFromTheFlagsThenFromTheClientId) {
  const auto login = [](const std::map<std::string, std::string>& more) {
    return parse_config(class_with(kOneObject, more)).config.login;
  };
  EXPECT_EQ(login({}), EntraLogin::kSecret);
  EXPECT_EQ(login({{"clientID", kClient}}), EntraLogin::kFederated);
  EXPECT_EQ(login({{"clientID", kClient}, {"useVMManagedIdentity", "true"}}), EntraLogin::kMachine);
  EXPECT_EQ(login({{"usePodIdentity", "T"}}), EntraLogin::kNodeManagedPod);
  const auto machine = parse_config(class_with(
      kOneObject, {{"useVMManagedIdentity", "true"}, {"userAssignedIdentityID", kClient}}));
  EXPECT_THAT(texts(machine.problems), IsEmpty());
  EXPECT_EQ(machine.config.client_id, kClient);
}

TEST(AzureConfig, WhatIsWrongIsNamedWithItsRemedy) {
  const struct {
    const char* name;
    const char* value;
    Severity severity;
    const char* words;
  } rows[] = {
      {"keyvaultName", "", Severity::kError, "keyvaultName: is missing; name the vault"},
      {"keyvaultName", "ab", Severity::kError, "'ab' is not a vault's name"},
      {"keyvaultName", "shop.vault.azure.net", Severity::kError, "without the domain"},
      {"keyvaultName", "a-name-of-twenty-five-chr", Severity::kError, "3 to 24 letters"},
      {"tenantID", "", Severity::kError, "tenantID: is missing"},
      {"tenantID", "a/b", Severity::kError, "'a/b' is not a tenant"},
      {"tenantID", "common", Severity::kWarning, "'common' is neither a GUID nor a domain"},
      {"tenantId", kTenant, Severity::kWarning, "is the old name of tenantID"},
      {"tenantId", "contoso.com", Severity::kWarning, "differs from tenantID"},
      {"tenatID", kTenant, Severity::kError, "did you mean 'tenantID'?"},
      {"cloudName", "AzurePublicClout", Severity::kError, "did you mean 'AzurePublicCloud'?"},
      {"cloudName", "mine", Severity::kError, "AzureChinaCloud or AzureStackCloud"},
      {"cloudEnvFileName", "/etc/x", Severity::kWarning, "with cloudName AzureStackCloud only"},
      {"usePodIdentity", "yes", Severity::kError, "'yes' is not a boolean"},
      {"usePodIdentity", "true", Severity::kWarning, "AAD pod identity is retired"},
      {"useVMManagedIdentity", "2", Severity::kError, "'2' is not a boolean"},
      {"useAzureTokenProxy", "on", Severity::kError, "'on' is not a boolean"},
      {"useAzureTokenProxy", "true", Severity::kError, "clientID: is missing, and useAzureToken"},
      {"userAssignedIdentityID", kClient, Severity::kWarning, "with useVMManagedIdentity only"},
      {"clientID", "shop", Severity::kWarning, "'shop' is not a GUID"},
      {"constructPemChain", "no", Severity::kError, "'no' is not a boolean"},
      {"writeCertAndKeyInSeparateFiles", "x", Severity::kError, "'x' is not a boolean"},
      {"exactVersionHistory", "x", Severity::kError, "'x' is not a boolean"},
      {"endpointUrl", "shop", Severity::kError, "endpointUrl: is "},
      {"endpointUrl", "http://vault.example", Severity::kError, "is plain http"},
      {"tokenProxyUrl", "https://x", Severity::kWarning, "with useAzureTokenProxy only"},
      {"sniName", "x", Severity::kWarning, "with useAzureTokenProxy only"},
      {"vaultUri", "x", Severity::kWarning, "is no longer read"},
      {"resourceGroup", "x", Severity::kWarning, "is no longer read"},
      {"region", "x", Severity::kWarning, "is not a parameter of the azure provider"},
      {"objects", "", Severity::kError, "objects: is missing, so there is nothing to read"},
  };
  for (const auto& row : rows) {
    const bool old_name = std::string_view(row.words) == "is the old name of tenantID";
    auto spc = class_with(kOneObject, {{row.name, row.value}});
    if (old_name) spc.parameters.erase("tenantID");
    const auto parsed = parse_config(spc);
    ASSERT_EQ(parsed.problems.size(), 1U)
        << row.name << " = " << row.value << ": " << join(texts(parsed.problems), "\n");
    EXPECT_EQ(parsed.problems[0].severity, row.severity) << row.name;
    EXPECT_THAT(to_text(parsed.problems[0]), HasSubstr(row.words));
    EXPECT_EQ(without_advice(parsed.problems), "");
    EXPECT_EQ(without_place(parsed.problems), "");
  }
}

TEST(AzureConfig, ModesThatContradictAreNamedTogether) {
  const auto parsed = parse_config(
      class_with(kOneObject, {{"usePodIdentity", "true"}, {"useVMManagedIdentity", "true"}}));
  EXPECT_THAT(texts(parsed.problems),
              ElementsAre(HasSubstr("only one of usePodIdentity and useVMManagedIdentity can be "
                                    "true; leave the one that is meant")));
}

TEST(AzureConfig, EveryFieldOfAnObjectHasItsPlace) {
  const ObjectSpec object =
      only_object({"objectName:  cert-1 ", "objectType: secret", "objectAlias: tls.pfx",
                   "objectVersion: 0123456789abcdef0123456789abcdef", "objectFormat: PFX",
                   "objectEncoding: Base64", "filePermission: 0000640", "optional: \"true\""});
  EXPECT_EQ(object.name, "cert-1");
  EXPECT_EQ(object.type, ObjectType::kSecret);
  EXPECT_EQ(object.file, "tls.pfx");
  EXPECT_EQ(object.version, "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(object.format, Format::kPfx);
  EXPECT_EQ(object.encoding, Encoding::kBase64);
  EXPECT_EQ(object.mode, 0640U);
  EXPECT_TRUE(object.extras.optional);
  EXPECT_EQ(object.line, 22);
  const ObjectSpec history = only_object(
      {"objectName: db", "objectType: secret", "objectVersion: latest", "objectVersionHistory: 3"});
  EXPECT_EQ(history.version, "");
  EXPECT_EQ(history.history, 3);
  EXPECT_EQ(only_object({"objectName: k", "objectType: key"}).type, ObjectType::kKey);
  EXPECT_EQ(only_object({"objectName: k", "objectType: cert"}).type, ObjectType::kCertificate);
  EXPECT_EQ(only_object({"objectName: k", "objectType: key", "objectVersionHistory: -4"}).history,
            1);
}

TEST(AzureConfig, WhatIsWrongInAnObjectIsNamedAtItsLine) {
  const struct {
    std::vector<std::string> lines;
    Severity severity;
    const char* words;
  } rows[] = {
      {{"objectName: a_b", "objectType: secret"}, Severity::kError, "letters, digits and '-'"},
      {{cat("objectName: ", std::string(128, 'x')), "objectType: key"},
       Severity::kError,
       "names have at most 127 characters"},
      {{"objectName: [a]", "objectType: key"}, Severity::kError, "is a sequence, not a text"},
      {{"objectName: ' '", "objectType: key"}, Severity::kError, "objectName: is blank"},
      {{"objectName: a"}, Severity::kError, "objectType: is missing; write secret, key or cert"},
      {{"objectName: a", "objectType: Secret"}, Severity::kError, "did you mean 'secret'?"},
      {{"objectName: a", "objectType: certificate"}, Severity::kError, "did you mean 'cert'?"},
      {{"objectName: a", "objectType: {a: b}"}, Severity::kError, "is a mapping, not a text"},
      {{"objectName: a", "objectType: key", "objectVersion: x/y"},
       Severity::kError,
       "'x/y' is no version"},
      {{"objectName: a", "objectType: key", "objectVersion: latest"},
       Severity::kWarning,
       "leave objectVersion out"},
      {{"objectName: a", "objectType: key", "objectVersion: 12"},
       Severity::kWarning,
       "does not look like a version"},
      {{"objectName: a", "objectType: key", "objectVersionHistory: \"2\""},
       Severity::kError,
       "'2' is a text, not a number"},
      {{"objectName: a", "objectType: key", "objectVersionHistory: 99999999999"},
       Severity::kError,
       "is not a whole number"},
      {{"objectName: a", "objectType: key", "objectFormat: pfx"},
       Severity::kError,
       "pfx is for objectType secret, and this is a key"},
      {{"objectName: a", "objectType: cert", "objectFormat: PFX"},
       Severity::kWarning,
       "'PFX' is read as pem"},
      {{"objectName: a", "objectType: secret", "objectFormat: der"},
       Severity::kError,
       "'der' is not a format"},
      {{"objectName: a", "objectType: cert", "objectEncoding: hex"},
       Severity::kError,
       "is for objectType secret, and this is a cert"},
      {{"objectName: a", "objectType: secret", "objectEncoding: utf8"},
       Severity::kError,
       "write utf-8, base64 or hex"},
      {{"objectName: a", "objectType: secret", "filePermission: 0o644"},
       Severity::kError,
       "'0o644' is not a file mode"},
      {{"objectName: a", "objectType: secret", "filePermission: 1777"},
       Severity::kWarning,
       "the file gets 0777"},
      {{"objectName: a", "objectType: secret", "filePermission: 0044"},
       Severity::kWarning,
       "lets its owner not read"},
      {{"objectName: a", "objectType: secret", "objectAlias: a..b"},
       Severity::kError,
       "'a..b' holds '..'"},
      {{"objectName: a", "objectType: secret", "objectAlias: /etc/x"},
       Severity::kError,
       "objectAlias: '/etc/x' "},
      {{"objectName: a", "objectType: key", "expandKeys: true"},
       Severity::kError,
       "is for objectType secret"},
      {{"objectName: a", "objectType: secret", "expandKeys: true", "objectVersionHistory: 2"},
       Severity::kError,
       "stands beside objectVersionHistory"},
      {{"objectName: a", "objectType: secret", "expandKeys: true", "objectFormat: pfx"},
       Severity::kError,
       "stands beside objectFormat pfx"},
      {{"objectName: a", "objectType: secret", "optional: maybe"},
       Severity::kError,
       "'maybe' is not a boolean"},
      {{"objectName: a", "objectType: secret", "objectAliass: b"},
       Severity::kError,
       "did you mean 'objectAlias'?"},
      {{"objectName: a", "objectType: secret", "jmesPath: b"},
       Severity::kWarning,
       "is not a field of an object"},
      {{"objectName: a", "objectType: secret", "objectName: b"}, Severity::kError, "is not YAML"},
  };
  for (const auto& row : rows) {
    const auto parsed = parse_config(class_with(objects_with(row.lines)));
    ASSERT_EQ(parsed.problems.size(), 1U)
        << row.words << ": " << join(texts(parsed.problems), "\n");
    EXPECT_EQ(parsed.problems[0].severity, row.severity) << row.words;
    EXPECT_THAT(to_text(parsed.problems[0]),
                AllOf(HasSubstr(row.words), HasSubstr("spec.parameters.objects.array[0]")));
    EXPECT_EQ(without_advice(parsed.problems), "");
    EXPECT_EQ(without_place(parsed.problems), "");
  }
}

TEST(AzureConfig, LinesCountInsideTheTextsOfTheArray) {
  const auto parsed =
      parse_config(class_with("array:\n  - |\n    objectName: a\n    objectType: secret\n"
                              "  - |\n    objectName: b\n    objectType: sekret\n"
                              "  - \"{objectName: c, objectType: kay}\"\n"));
  EXPECT_THAT(texts(parsed.problems),
              ElementsAre(StartsWith("spc.yaml:26: "), StartsWith("spc.yaml:27: ")));
}

TEST(AzureConfig, AnArrayThatIsNoneSaysHowOneIsWritten) {
  const struct {
    const char* objects;
    const char* words;
  } rows[] = {
      {"- objectName: a\n", "is no mapping with `array`"},
      {"arrays:\n- |\n  objectName: a\n", "objects.array: is missing, not a list"},
      {"array: a\n", "is a scalar, not a list"},
      {"array: []\n", "is an empty list"},
      {"array:\n- objectName: a\n  objectType: secret\n", "is a mapping, not a text; begin it wit"},
      {"array:\n- |\n  just words\n", "is not one object"},
      {"array:\n- |\n  a: b: c\n", "objects.array[0]: is not YAML"},
      {"array: [", "objects: is not YAML"},
  };
  for (const auto& row : rows) {
    const auto parsed = parse_config(class_with(row.objects));
    ASSERT_FALSE(parsed.problems.empty()) << row.objects;
    EXPECT_THAT(to_text(parsed.problems.back()), HasSubstr(row.words));
    EXPECT_EQ(without_advice(parsed.problems), "");
    EXPECT_EQ(without_place(parsed.problems), "");
  }
}

TEST(AzureConfig, FilesThatCannotStandTogetherAreNamed) {
  const auto parsed = parse_config(
      class_with("array:\n  - |\n    objectName: a\n    objectType: secret\n"
                 "    objectVersionHistory: 2\n"
                 "  - |\n    objectName: b\n    objectType: secret\n    objectAlias: a\n"
                 "  - |\n    objectName: b\n    objectType: key\n    objectAlias: c\n"
                 "  - |\n    objectName: c\n    objectType: key\n"));
  ASSERT_EQ(parsed.problems.size(), 2U) << join(texts(parsed.problems), "\n");
  EXPECT_EQ(without_advice(parsed.problems), "");
}

TEST(AzureConfig, EveryMistakeIsToldAtOnce) {
  const auto parsed = parse_config(
      class_with(objects_with({"objectName: a_b", "objectType: sekret", "objectVersionHistory: x"}),
                 {{"keyvaultName", "x"}, {"cloudName", "y"}, {"usePodIdentity", "z"}}));
  EXPECT_EQ(parsed.problems.size(), 6U) << join(texts(parsed.problems), "\n");
  EXPECT_THAT(texts(parsed.problems), Each(HasSubstr("error: SecretProviderClass web: ")));
}

TEST(AzureCloud, NamesAreTakenInAnyCase) {
  EXPECT_EQ(cloud_of("")->resource, "https://vault.azure.net");
  EXPECT_EQ(cloud_of("azureusgovernmentcloud")->authority, "https://login.microsoftonline.us");
  EXPECT_EQ(cloud_of("AZURECHINACLOUD")->dns_suffix, "vault.azure.cn");
  EXPECT_FALSE(cloud_of("AzureStackCloud"));
  EXPECT_TRUE(is_stack_cloud("azureSTACKcloud"));
}

TEST(AzureCloud, ACustomOneIsReadFromItsFile) {
  const auto cloud = parse_cloud(
      R"({"name":"HybridEnvironment","activeDirectoryEndpoint":"https://adfs.local/",)"
      R"("keyVaultDNSSuffix":"vault.local","resourceIdentifiers":{"keyVault":"https://vault.x/"}})");
  ASSERT_TRUE(cloud.ok()) << cloud.error().message();
  EXPECT_EQ(*cloud, (Cloud{"https://adfs.local", "https://vault.x", "vault.local"}));
  const auto short_one = parse_cloud(
      R"({"activeDirectoryEndpoint":"https://127.0.0.1:8443","keyVaultDNSSuffix":"localhost:8443"})");
  EXPECT_EQ(short_one->resource, "https://localhost:8443");
}

TEST(AzureCloud, EveryFaultOfAFileIsTold) {
  const auto both = parse_cloud(R"({"activeDirectoryEndpoint":"http://login.x"})");
  EXPECT_THAT(both.error().message(),
              AllOf(HasSubstr("activeDirectoryEndpoint must be"), HasSubstr("keyVaultDNSSuffix")));
  EXPECT_THAT(parse_cloud("[]").error().message(), HasSubstr("is not a JSON object"));
  EXPECT_THAT(parse_cloud("").error().message(), HasSubstr("is not a JSON object"));
}

}  // namespace
}  // namespace keyferry::stores::azure
