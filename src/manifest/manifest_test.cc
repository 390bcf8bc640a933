#include "manifest/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/complete_problem.h"
#include "base/strings.h"
#include "manifest/example_objects.h"

namespace keyferry::manifest {
namespace {

using example::joined;
using example::kAccount;
using example::kApp;
using example::kClass;
using example::read;
using example::texts;
using example::with;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> kinds_of(const Manifests& manifests) {
  std::vector<std::string> kinds;
  for (const auto& one : manifests.secret_provider_classes) kinds.push_back(one.meta.kind);
  for (const auto& one : manifests.service_accounts) kinds.push_back(one.meta.kind);
  for (const auto& one : manifests.mendix_apps) kinds.push_back(one.meta.kind);
  for (const auto& one : manifests.others) kinds.push_back(one.kind);
  return kinds;
}

TEST(Manifest, EveryDocumentIsReadByItsKind) {
  const Manifests manifests =
      read(joined({std::string(kAccount), std::string(kClass), std::string(kApp),
                   "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n"}));
  EXPECT_THAT(texts(manifests.problems), IsEmpty());
  EXPECT_THAT(kinds_of(manifests),
              ElementsAre("SecretProviderClass", "ServiceAccount", "MendixApp", "ConfigMap"));
}

TEST(Manifest, AnObjectKnowsItsNamesAndWhereTheyStand) {
  const Manifests manifests = read("# a comment\n" + joined({std::string(kAccount)}) +
                                   with(kClass, "  name:", "  labels: {tier: web}\n  name:"));
  const ObjectMeta& account = manifests.service_accounts.at(0).meta;
  EXPECT_EQ(account.api_version, "v1");
  EXPECT_EQ(account.name, "shop");
  EXPECT_EQ(account.namespace_name, "web");
  EXPECT_EQ(account.file, "m.yaml");
  EXPECT_EQ(account.line, 2);
  EXPECT_EQ(account.name_line, 5);
  EXPECT_EQ(account.annotations.at("privatecloud.mendix.com/environment-account"), "true");
  EXPECT_EQ(account.display_name(), "ServiceAccount web/shop");
  const ObjectMeta& spc = manifests.secret_provider_classes.at(0).meta;
  EXPECT_EQ(spc.line, 10);
  EXPECT_EQ(spc.name_line, 14);
  EXPECT_EQ(spc.labels.at("tier"), "web");
}

TEST(Manifest, AnObjectIsNamedByWhatIsKnownOfIt) {
  ObjectMeta meta;
  EXPECT_EQ(meta.display_name(), "object");
  meta.kind = "MendixApp";
  EXPECT_EQ(meta.display_name(), "MendixApp");
  meta.name = "shop";
  EXPECT_EQ(meta.display_name(), "MendixApp shop");
  meta.namespace_name = "web";
  EXPECT_EQ(meta.display_name(), "MendixApp web/shop");
}

// What kubectl and editors on other systems write.
TEST(Manifest, TheSameObjectInEveryDress) {
  std::string windows;
  for (const char c : kAccount) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const std::string_view json =
      R"({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "shop", "namespace":
      "web", "annotations": {"privatecloud.mendix.com/environment-account": "true"}}})";
  const std::string dresses[] = {
      std::string(kAccount),
      windows,
      "\xEF\xBB\xBF" + std::string(kAccount),
      "\xEF\xBB\xBF" + windows,
      "---\n" + std::string(kAccount) + "...\n",
      "---\n# nothing here\n---\n" + std::string(kAccount) + "---\n",
      "%YAML 1.1\n---\n" + std::string(kAccount),
      std::string(json),
      cat("{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[", json, "]}"),
      cat("apiVersion: v1\nkind: ServiceAccountList\nitems:\n- ", json, "\n"),
      cat("{\"kind\":\"List\",\"items\":[{\"kind\":\"List\",\"items\":[", json, "]}]}"),
  };
  for (const std::string& dress : dresses) {
    SCOPED_TRACE(dress);
    const Manifests manifests = read(dress);
    EXPECT_THAT(texts(manifests.problems), IsEmpty());
    ASSERT_EQ(manifests.service_accounts.size(), 1U);
    const ObjectMeta& meta = manifests.service_accounts[0].meta;
    EXPECT_EQ(meta.display_name(), "ServiceAccount web/shop");
    EXPECT_EQ(meta.annotations.at("privatecloud.mendix.com/environment-account"), "true");
  }
}

// jq --tab and many editors indent JSON so; only YAML's block style forbids tabs.
TEST(Manifest, JsonMayBeIndentedWithTabs) {
  const Manifests manifests = read(
      "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"ServiceAccount\",\n"
      "\t\"metadata\": {\n\t\t\"name\": \"shop\"\n\t}\n}\n");
  EXPECT_THAT(texts(manifests.problems), IsEmpty());
  EXPECT_THAT(kinds_of(manifests), ElementsAre("ServiceAccount"));
}

TEST(Manifest, JsonEscapesAreRead) {
  const Manifests manifests =
      read(R"({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "shop",)"
           R"( "annotations": {"note": "caf\u00e9 a\/b"}}})");
  EXPECT_THAT(texts(manifests.problems), IsEmpty());
  ASSERT_EQ(manifests.service_accounts.size(), 1U);
  EXPECT_EQ(manifests.service_accounts[0].meta.annotations.at("note"), "caf\xC3\xA9 a/b");
}

TEST(Manifest, AListWithoutItemsAndForeignKindsAreSomebodyElses) {
  for (const std::string_view text :
       {"apiVersion: v1\nkind: List\n", "apiVersion: v1\nkind: List\nitems: []\n",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: UPPER}\nspec: {replicas: x}\n"}) {
    EXPECT_THAT(texts(read(text).problems), IsEmpty()) << text;
  }
}

// They were passed over: check was green with nothing checked.
TEST(Manifest, AMisspeltKindIsNamed) {
  for (const auto& [kind, meant] : {std::pair("SecretProviderClas", "SecretProviderClass"),
                                    {"secretproviderclass", "SecretProviderClass"},
                                    {"MendixApps", "MendixApp"},
                                    {"ServiceAcount", "ServiceAccount"}}) {
    EXPECT_THAT(
        texts(read(cat("apiVersion: v1\nkind: ", kind, "\nmetadata: {name: a}\n")).problems),
        ElementsAre(
            cat("m.yaml:2: error: ", kind, " a: kind: '", kind, "' is not known; write ", meant)));
  }
}

struct Row {
  std::string text;
  std::string_view complaint;  // whole
};

void expect_complaints(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const Manifests manifests = read(row.text);
    EXPECT_THAT(texts(manifests.problems), ElementsAre(std::string(row.complaint))) << row.text;
    EXPECT_EQ(without_advice(manifests.problems), "");
  }
}

TEST(Manifest, TextThatIsNoObjectIsNamedByItsLine) {
  expect_complaints({
      {"", "m.yaml: error: holds no Kubernetes object; write one, or leave the file out"},
      {"# only a comment\n---\n",
       "m.yaml: error: holds no Kubernetes object; write one, or leave the file out"},
      {"\njust words\n",
       "m.yaml:2: error: holds a scalar, not a Kubernetes object; "
       "write apiVersion, kind, metadata and spec"},
      {"- kind: List\n",
       "m.yaml:1: error: holds a sequence, not a Kubernetes object; "
       "write apiVersion, kind, metadata and spec"},
      {"\napiVersion: v1\n",
       "m.yaml:2: error: object: kind: is missing; "
       "name the kind, or leave the file out if it is no manifest"},
      {"kind: List\nitems:\n- text\n",
       "m.yaml:3: error: holds a scalar, not a Kubernetes object; "
       "write apiVersion, kind, metadata and spec"},
  });
}

TEST(Manifest, BrokenYamlIsOneComplaintWithItsLineAndWhatToDo) {
  struct Broken {
    std::string text;
    int line;
    std::string_view words;
  };
  const Broken rows[] = {
      {"kind: MendixApp\n\tmetadata: x\n", 2, "indent with blanks"},
      {"kind: MendixApp\nmetadata:\n  name: shop\n bad: x\n", 4, "not valid YAML"},
      {"kind: MendixApp\nkind: MendixApp\n", 2, "key 'kind' stands here again (first near line 1)"},
      {"apiVersion: v1\nkind: A\napiVersion: v1\n", 3, "or write --- between two objects"},
      {"kind: A\nmetadata:\n  name: a\n  name: b\n", 4, "key 'name' stands here again"},
      {"{\"kind\": \"A\",\n\"kind\": \"B\"}", 2, "key 'kind' stands here again"},
      {"kind: A\nspec: {<<: *base}\n", 2, ""},
      {"kind: A\nname: caf\xE9\n", 2, "save the file as UTF-8"},
      {"kind: [A\n", 2, "not valid YAML"},
  };
  for (const Broken& row : rows) {
    const Manifests manifests = read(row.text);
    ASSERT_EQ(manifests.problems.size(), 1U) << row.text;
    const Problem& problem = manifests.problems[0];
    EXPECT_EQ(problem.file, "m.yaml");
    EXPECT_EQ(problem.line, row.line) << row.text;
    EXPECT_THAT(to_text(problem), HasSubstr(std::string(row.words)));
    EXPECT_EQ(without_advice(manifests.problems), "");
  }
}

TEST(Manifest, ABrokenFileLeavesWhatOthersGave) {
  Manifests manifests = read(kAccount);
  parse_manifest("kind: [", "other.yaml", manifests);
  parse_manifest(kClass, "third.yaml", manifests);
  EXPECT_THAT(kinds_of(manifests), ElementsAre("SecretProviderClass", "ServiceAccount"));
  EXPECT_THAT(texts(manifests.problems), ElementsAre(StartsWith("other.yaml:")));
  EXPECT_EQ(manifests.secret_provider_classes[0].meta.file, "third.yaml");
}

TEST(Manifest, TheApiVersionMustBeOneThatTheKindHas) {
  expect_complaints({
      {with(kAccount, "apiVersion: v1\n", ""),
       "m.yaml:1: error: ServiceAccount web/shop: apiVersion: is missing; write v1"},
      {with(kAccount, "apiVersion: v1", "apiVersion: v2"),
       "m.yaml:1: error: ServiceAccount web/shop: apiVersion: 'v2' is not known for a "
       "ServiceAccount; write v1"},
      {with(kClass, ".io/v1", ".io/v1beta1"),
       "m.yaml:1: error: SecretProviderClass web/shop: apiVersion: "
       "'secrets-store.csi.x-k8s.io/v1beta1' is not known for a SecretProviderClass; "
       "write secrets-store.csi.x-k8s.io/v1"},
      {with(kApp, "v1alpha1", "v1"),
       "m.yaml:1: error: MendixApp web/shop: apiVersion: 'privatecloud.mendix.com/v1' is not "
       "known for a MendixApp; write privatecloud.mendix.com/v1alpha1"},
  });
}

TEST(Manifest, NamesMustBeNamesOfObjects) {
  constexpr std::string_view kRemedy = "use lower-case letters, digits, '-' and '.', at most 253";
  for (const std::string& bad :
       {std::string("Shop"), std::string("my_shop"), std::string("-shop"), std::string("shop."),
        std::string("'my shop'"), std::string(254, 'a')}) {
    const Manifests manifests = read(with(kAccount, "name: shop", "name: " + bad));
    EXPECT_THAT(texts(manifests.problems),
                ElementsAre(AllOf(StartsWith("m.yaml:4: error: ServiceAccount web/"),
                                  HasSubstr("metadata.name: '"),
                                  HasSubstr("' is not an object name; " + std::string(kRemedy)))))
        << bad;
  }
  for (const std::string& good :
       {std::string("a"), std::string("my-shop.v2"), std::string("0shop"), std::string(253, 'a')}) {
    EXPECT_THAT(texts(read(with(kAccount, "name: shop", "name: " + good)).problems), IsEmpty());
  }
}

// `name: 123` was read as "123", which the API server refuses; and metadata of the wrong type was
// complained about twice.
TEST(Manifest, MetadataHasTexts) {
  expect_complaints({
      {with(kAccount, "  name: shop\n", ""),
       "m.yaml:4: error: ServiceAccount: metadata.name: is missing; name the object"},
      {with(kAccount, "name: shop", "name:"),
       "m.yaml:4: error: ServiceAccount: metadata.name: is missing; name the object"},
      {"apiVersion: v1\nkind: ServiceAccount\n",
       "m.yaml:1: error: ServiceAccount: metadata.name: is missing; name the object"},
      {with(kAccount, "name: shop", "name: 123"),
       "m.yaml:4: error: ServiceAccount web/123: metadata.name: is a number, not a string; "
       "put it in quotes; the API server refuses it otherwise"},
      {with(kAccount, "name: shop", "name: [shop]"),
       "m.yaml:4: error: ServiceAccount: metadata.name: is a sequence, not a string; "
       "write one string"},
      {with(kAccount, "namespace: web", "namespace: yes"),
       "m.yaml:5: error: ServiceAccount yes/shop: metadata.namespace: is true or false, not a "
       "string; put it in quotes; the API server refuses it otherwise"},
      {"apiVersion: v1\nkind: ServiceAccount\nmetadata: shop\n",
       "m.yaml:3: error: ServiceAccount: metadata: is a scalar, not a mapping; "
       "write it as 'name: value' lines, indented alike"},
      {with(kAccount, "\"true\"", "true"),
       "m.yaml:7: error: ServiceAccount web/shop: "
       "metadata.annotations.privatecloud.mendix.com/environment-account: is true or false, not a "
       "string; put it in quotes; the API server refuses it otherwise"},
      {with(kAccount, "  annotations:", "  labels: {tier: 2}\n  annotations:"),
       "m.yaml:6: error: ServiceAccount web/shop: metadata.labels.tier: is a number, not a string; "
       "put it in quotes; the API server refuses it otherwise"},
  });
}

TEST(Manifest, AnObjectWithAnErrorKeepsTheRestOfItsFields) {
  const Manifests manifests = read(with(kClass, "provider: vault", "provider: 7"));
  ASSERT_EQ(manifests.problems.size(), 1U);
  EXPECT_EQ(manifests.secret_provider_classes.at(0).parameter("roleName"), "shop");
}

}  // namespace
}  // namespace keyferry::manifest
