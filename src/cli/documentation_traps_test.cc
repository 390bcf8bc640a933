// The Mendix documentation contradicts itself and the tools it names in 32 known places. Each has a
// test here (what manifests and file names show) or in documentation_traps_values_test.cc (what
// values show), with the place's number, unless nothing of it is in this code:
//
//    8  the Azure prerequisites link to the AWS walkthrough: no code follows a link
//    9  the app's database is called the one "to store your secrets": a word in a text
//   14  helm lines that never turn rotation on: of a preflight of the cluster, not built
//   24  "request a new password from the RDS API" is local signing: of RDS tokens, not built
//   25  "Effect": "AllowCreateTenants" in an IAM policy: of writing policies, not built
//   27  "Mendix app CRD" for the custom resource: a word in a text
//   31  two owners of one client-id annotation: of the operator, not built

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/verb_run.h"
#include "manifest/example_objects.h"
#include "stores/store.h"

namespace keyferry::cli {
namespace {

using manifest::example::joined;
using manifest::example::kAccount;
using manifest::example::kApp;
using manifest::example::kClass;
using manifest::example::with;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kObject =
    "      - objectName: database-password\n        secretPath: secret/data/shop\n"
    "        secretKey: password\n";

// A SecretProviderClass that mounts these keys.
std::string class_with_keys(const std::vector<std::string>& keys) {
  std::string objects;
  for (const std::string& key : keys) {
    objects += cat("      - {objectName: ", key, ", secretPath: secret/data/shop, secretKey: k}\n");
  }
  return with(kClass, kObject, objects);
}

const std::vector<std::string> kDatabaseKeys = {"database-type", "database-host", "database-name",
                                                "database-username", "database-password"};

std::vector<std::string> more(std::vector<std::string> keys, const std::vector<std::string>& add) {
  keys.insert(keys.end(), add.begin(), add.end());
  return keys;
}

// What `keyferry check` complains about, line by line; its last line, a count, left out.
std::vector<std::string> check(const std::string& spc, std::string_view account = kAccount,
                               std::string_view app = kApp) {
  const trial::TempFolder folder;
  folder.write("account.yaml", account);
  folder.write("app.yaml", app);
  folder.write("spc.yaml", spc);
  const trial::Said said = trial::run_words({"check", "-f", folder.path()});
  auto lines = trial::lines_of(folder.without_path(said.err));
  if (!lines.empty()) lines.pop_back();
  return lines;
}

TEST(DocumentationTraps, TheGoodExampleHasNoComplaint) {
  EXPECT_THAT(check(class_with_keys(kDatabaseKeys)), IsEmpty());
}

// Row 1. A note says that version 2 paths begin with `secrets/data/`; the mount is `secret`, and
// what counts is /data/ behind it. Left out, the server answers that nothing is there.
TEST(DocumentationTraps, APathWithoutDataIsNamedWithThePathToWrite) {
  const std::string objects = class_with_keys(kDatabaseKeys);
  EXPECT_THAT(
      check(with(objects, "secret/data/shop", "secret/shop")),
      ElementsAre(AllOf(HasSubstr("spc.yaml:14: warning"), HasSubstr("objects[0].secretPath"),
                        HasSubstr("write secret/data/shop"))));
  EXPECT_THAT(check(with(kClass, "secret/data/shop", "secrets/shop")),
              ::testing::Contains(HasSubstr("write secrets/data/shop")));
}

// Row 2. The sample's address has the braces of its placeholder left in.
TEST(DocumentationTraps, APlaceholderLeftInIsNamedBeforeAnythingIsAsked) {
  const std::string spc =
      with(class_with_keys(kDatabaseKeys), "https://vault:8200", "http://vault.{<ns>}.svc:8200");
  EXPECT_THAT(check(spc), ::testing::Contains(
                              AllOf(HasSubstr("spc.yaml:11: error"), HasSubstr("vaultAddress"),
                                    HasSubstr("'<ns>' is a placeholder that was not filled in"))));
  const std::string account = with(kAccount, "namespace: web", "namespace: <namespace>");
  EXPECT_THAT(check(class_with_keys(kDatabaseKeys), account),
              ::testing::Contains(HasSubstr("account.yaml:1: error: ServiceAccount "
                                            "<namespace>/shop: metadata.namespace")));
}

// Row 3. A commented example mounts a file named like the runtime setting; the table says that the
// file's name begins with mx-runtime-. The name in the store does not matter.
TEST(DocumentationTraps, ABareRuntimeSettingIsHintedAtItsPrefix) {
  constexpr const char* kSetting = "com.mendix.storage.s3.EncryptionKeys";
  EXPECT_THAT(check(class_with_keys(more(kDatabaseKeys, {kSetting}))),
              ElementsAre(AllOf(HasSubstr("spc.yaml:19: error"),
                                HasSubstr("is not a known key and would be ignored"),
                                HasSubstr(cat("name the file 'mx-runtime-", kSetting, "'")))));
  EXPECT_THAT(check(class_with_keys(more(kDatabaseKeys, {cat("mx-runtime-", kSetting)}))),
              IsEmpty());
}

// Row 10. "Do not modify objectAlias, as it matches the objectName": it is the mounted name that
// must be a key; what the secret is called in the store is free.
TEST(DocumentationTraps, TheMountedNameIsTheKeyAndTheStoresNameIsFree) {
  const std::string spc = class_with_keys(kDatabaseKeys);
  EXPECT_THAT(check(with(spc, "secretKey: k}", "secretKey: whatever-the-team-says}")), IsEmpty());
  EXPECT_THAT(check(with(spc, "objectName: database-type", "objectName: whatever-the-team-says")),
              ::testing::Contains(HasSubstr("database-type': is missing")));
}

// Row 11. The text about Azure Postgres says `database-user`, the table `database-username`.
TEST(DocumentationTraps, DatabaseUserIsNotAcceptedAndHintedAt) {
  EXPECT_THAT(check(with(class_with_keys(kDatabaseKeys), "database-username", "database-user")),
              ::testing::Contains(AllOf(HasSubstr("error"), HasSubstr("object 'database-user'"),
                                        HasSubstr("did you mean 'database-username'?"))));
}

// Row 12. Samples have the shell's lines around the YAML, or half of them.
TEST(DocumentationTraps, ShellLinesAroundASampleAreNamedByTheirLine) {
  const std::string spc = class_with_keys(kDatabaseKeys);
  EXPECT_THAT(check(spc, kAccount, cat("cat > mendixapp.yaml <<EOF\n---\n", kApp)),
              ElementsAre(HasSubstr("app.yaml:1: error: holds a scalar, not a Kubernetes object")));
  EXPECT_THAT(check(spc, kAccount, cat("cat > mendixapp.yaml <<EOF\n", kApp)),
              ::testing::Contains(HasSubstr("app.yaml:2: error: not valid YAML")));
  EXPECT_THAT(check(spc, kAccount, cat(kApp, "EOF\n")),
              ElementsAre(HasSubstr("app.yaml:9: warning: MendixApp web/shop: EOF: is not a known "
                                    "field")));
}

// Row 20. One page calls the annotation the mark of another product; it is what attaches any class.
TEST(DocumentationTraps, EveryClassOfAnAppNeedsTheAnnotation) {
  const std::string spc =
      with(class_with_keys(kDatabaseKeys),
           "  annotations:\n    privatecloud.mendix.com/environment-class: \"true\"\n", "");
  EXPECT_THAT(check(spc), ElementsAre(AllOf(HasSubstr("spc.yaml:1: error"),
                                            HasSubstr("environment-class: \"true\""))));
}

// Row 21. The annotation is shown as `true` without quotes, which the API server refuses.
TEST(DocumentationTraps, AnAnnotationWithoutQuotesIsRefused) {
  const auto quoted = "privatecloud.mendix.com/environment-account: \"true\"";
  const auto bare = "privatecloud.mendix.com/environment-account: true";
  EXPECT_THAT(check(class_with_keys(kDatabaseKeys), with(kAccount, quoted, bare)),
              ElementsAre(AllOf(HasSubstr("account.yaml:7: error"),
                                HasSubstr("is true or false, not a string"),
                                HasSubstr("put it in quotes"))));
}

// Row 22. Host, name and URL are all ticked as required, though the URL replaces the other two.
TEST(DocumentationTraps, TheUrlOrHostAndNameAreEnough) {
  const std::vector<std::string> login = {"database-type", "database-username",
                                          "database-password"};
  EXPECT_THAT(check(class_with_keys(more(login, {"database-jdbc-url"}))), IsEmpty());
  EXPECT_THAT(check(class_with_keys(more(login, {"database-host", "database-name"}))), IsEmpty());
  EXPECT_THAT(check(class_with_keys(more(login, {"database-host"}))),
              ElementsAre(HasSubstr("object 'database-name': is missing")));
}

// Row 23. The introduction speaks of two stores, the list of three, later pages of five. Here a
// store that is not there is named, with those that are.
TEST(DocumentationTraps, AStoreThatIsNotThereIsNamedWithThoseThatAre) {
  for (const std::string_view provider : {"aws", "azure", "gcp"}) {
    if (stores::store_kind_of(provider).ok()) continue;  // built by now
    EXPECT_THAT(check(with(kClass, "provider: vault", cat("provider: ", provider))),
                ElementsAre(AllOf(HasSubstr("spc.yaml:9: error"),
                                  HasSubstr(cat("no store is called '", provider, "'")),
                                  HasSubstr("there are: vault"))));
  }
  EXPECT_THAT(check(with(kClass, "provider: vault", "provider: valt")),
              ElementsAre(HasSubstr("did you mean 'vault'?")));
}

// Row 29. The samples mount some of the keys each; none of them is the list of what there is. These
// are what the samples for two of the stores lack, and the modes that need them.
TEST(DocumentationTraps, WhatTheSamplesLackMayBeMountedAllTheSame) {
  const std::vector<std::string> s3 = {"storage-service-name", "storage-endpoint",
                                       "storage-bucket-name"};
  const std::vector<std::string> azure = {"storage-service-name", "storage-azure-container",
                                          "storage-azure-blob-endpoint",
                                          "storage-azure-use-default-azure-credential"};
  const std::vector<std::string> with_keys = {"storage-access-key-id", "storage-secret-access-key",
                                              "storage-use-ca-certificates"};
  EXPECT_THAT(check(class_with_keys(kDatabaseKeys)), IsEmpty());
  EXPECT_THAT(check(class_with_keys(s3)), IsEmpty()) << "a bucket by role";
  EXPECT_THAT(check(class_with_keys(more(s3, with_keys))), IsEmpty());
  EXPECT_THAT(check(class_with_keys(azure)), IsEmpty()) << "a container by identity";
}

// Row 30. The account of a sample mounts its token, the pod does not: the pod wins, and the
// projected token of the identity is another one. Either is good.
TEST(DocumentationTraps, TheAccountMaySayEitherAboutItsToken) {
  for (const std::string_view value : {"true", "false"}) {
    const std::string account = cat(kAccount, "automountServiceAccountToken: ", value, "\n");
    EXPECT_THAT(check(class_with_keys(kDatabaseKeys), account), IsEmpty()) << value;
  }
}

// Row 32. A table calls workload identity and the secret store "mutually exclusive"; that is about
// one installer. A class without a password beside an account with a role is how it is meant; all
// there is to say is that the sidecar mints no tokens yet.
TEST(DocumentationTraps, AnIdentityAndASecretStoreGoTogether) {
  const std::string account =
      cat(kAccount, "    eks.amazonaws.com/role-arn: arn:aws:iam::123456789012:role/shop\n");
  EXPECT_THAT(
      check(class_with_keys({"database-type", "database-host", "database-name", "database-username",
                             "storage-service-name", "storage-endpoint", "storage-bucket-name"}),
            account),
      ElementsAre(AllOf(HasSubstr("warning:"), HasSubstr("database-password"))));
}

}  // namespace
}  // namespace keyferry::cli
