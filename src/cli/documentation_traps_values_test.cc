// The other half of documentation_traps_test.cc: contradictions that show in values.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"
#include "catalog/example_files.h"
#include "net/fake_http.h"
#include "runtime/change_plan.h"
#include "runtime/m2ee_client.h"
#include "runtime/wanted.h"

namespace keyferry::cli {
namespace {

using catalog::AppContext;
using catalog::example::azure_identity;
using catalog::example::azure_static;
using catalog::example::database;
using catalog::example::Files;
using catalog::example::on;
using catalog::example::s3;
using catalog::example::with;
using catalog::example::with_model;
using catalog::example::without;
using runtime::Wanted;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

manifest::MendixApp app_that_allows() {
  manifest::MendixApp app;
  app.meta.kind = "MendixApp";
  app.meta.name = "shop";
  app.allow_override = true;
  return app;
}

Wanted wanted(const Files& files, const AppContext& context = {},
              const manifest::MendixApp& app = app_that_allows()) {
  return runtime::wanted_settings(app, files, context, runtime::Role::kLeader);
}

std::vector<std::string> said(const Wanted& wanted) {
  std::vector<std::string> lines;
  for (const Problem& problem : wanted.problems) lines.push_back(to_text(problem));
  return lines;
}

// A setting's value as JSON text, or "none".
std::string value(const Wanted& wanted, std::string_view name) {
  const runtime::Setting* setting = wanted.settings.find(name);
  return setting == nullptr ? "none" : std::string(setting->json.expose());
}

runtime::ChangePlan plan(const Files& before, const Files& after, std::string_view version) {
  const AppContext context = on(version);
  return runtime::plan_change(wanted(before, context).settings, wanted(after, context).settings,
                              context.version);
}

std::vector<std::string> names(const std::vector<runtime::PendingRestart>& restarts) {
  std::vector<std::string> list;
  list.reserve(restarts.size());
  for (const auto& pending : restarts) list.push_back(pending.name);
  return list;
}

const Files kAzureSql = {{"database-type", "SQLSERVER"}};

// Row 4. The table's label is "Use HTTP for Azure", the key storage-azure-use-https. True is HTTPS.
TEST(DocumentationTraps, UseHttpsMeansWhatTheKeySays) {
  for (const std::string_view text : {"true", "false"}) {
    const Wanted result = wanted(with(azure_static(), {{"storage-azure-use-https", text}}));
    EXPECT_EQ(value(result, "com.mendix.storage.azure.UseHttps"), text);
    EXPECT_THAT(said(result), IsEmpty());
  }
}

// Row 5. Prose, example and reference guide each name another way to log in to Azure SQL by
// identity. The driver knows all three.
TEST(DocumentationTraps, AllThreeNamesOfAnAzureSqlLoginAreTaken) {
  for (const std::string_view name :
       {"ActiveDirectoryManagedIdentity", "ActiveDirectoryMSI", "ActiveDirectoryDefault"}) {
    const std::string url = cat("jdbc:sqlserver://h:1433;encrypt=true;authentication=", name, ";");
    const Wanted result = wanted(with(kAzureSql, {{"database-jdbc-url", url}}), on("10.10.0"));
    EXPECT_THAT(said(result), IsEmpty()) << name;
    EXPECT_EQ(result.store.database, catalog::DatabaseMode::kPasswordless);
    EXPECT_EQ(value(result, "DatabaseJdbcUrl"), cat('"', url, '"')) << "sent as written";
    EXPECT_EQ(value(result, "DatabasePassword"), "none");
  }
}

// Row 6. A Key Vault name has no dots, so the prose writes mx-const-MyFirstModule-WelcomePageTitle;
// the example's alias keeps the dot, and the file needs it. With the model it can be told.
TEST(DocumentationTraps, ADashedConstantIsReadByTheModelAndOtherwiseIgnoredWithAHint) {
  const Files files = {{"mx-const-MyFirstModule-WelcomePageTitle", "Hello"}};
  const Wanted known = wanted(files, with_model({{"MyFirstModule.WelcomePageTitle", "String"}}));
  ASSERT_NE(known.settings.find_constant("MyFirstModule.WelcomePageTitle"), nullptr);
  EXPECT_THAT(said(known),
              ElementsAre(HasSubstr("read as 'mx-const-MyFirstModule.WelcomePageTitle'")));
  const AppContext untold[] = {{}, with_model({{"Shop.Title", "String"}})};
  for (const AppContext& context : untold) {
    const Wanted unknown = wanted(files, context);
    EXPECT_TRUE(unknown.settings.constants.empty());
    EXPECT_THAT(said(unknown), ElementsAre(HasSubstr("write the constant as Module.Name")));
  }
  const Wanted setting = wanted({{"mx-runtime-com-mendix-storage-s3-UseSSE", "true"}});
  EXPECT_EQ(value(setting, "com.mendix.storage.s3.UseSSE"), R"("true")");
}

// Row 7. The S3 alert says "use the same IAM role for RDS authentication", pasted from elsewhere:
// it means S3. A bucket by role and a database by password are one good set.
TEST(DocumentationTraps, ABucketByRoleSaysNothingAboutTheDatabase) {
  const Files by_role = without(s3(), {"storage-access-key-id", "storage-secret-access-key"});
  const Wanted result =
      wanted(with(database(), without(by_role, {"storage-use-ca-certificates"})), on("9.20.0"));
  EXPECT_THAT(said(result), IsEmpty());
  EXPECT_EQ(result.store.storage, catalog::StorageMode::kS3ByRole);
  EXPECT_EQ(result.store.database, catalog::DatabaseMode::kPassword);
}

// Row 13. The samples' runtime is 9.4, older than what the same page lets one do without keys.
TEST(DocumentationTraps, TheSamplesOldRuntimeIsRefusedWhatItCannotDo) {
  manifest::MendixApp app = app_that_allows();
  app.runtime_version = "9.4.0.24572";
  const AppContext context{runtime::stated_version(app), {}, {}};
  const std::pair<Files, std::string_view> rows[] = {
      {without(database(), {"database-password"}), "needs runtime 9.22.0; this one is 9.4.0"},
      {without(s3(), {"storage-access-key-id", "storage-secret-access-key",
                      "storage-use-ca-certificates"}),
       "needs runtime 9.20.0; this one is 9.4.0"},
      {azure_identity(), "needs runtime 10.10.0; this one is 9.4.0"},
  };
  for (const auto& [files, words] : rows) {
    const Wanted result = wanted(files, context, app);
    EXPECT_TRUE(has_errors(result.problems));
    EXPECT_THAT(said(result), ElementsAre(HasSubstr(std::string(words))));
  }
  EXPECT_THAT(said(wanted(database(), context, app)), IsEmpty()) << "with a password it can";
}

// Row 15. "Dynamic secrets are identical to regular ones", but their user name changes too, and
// only passwords are taken live. Sent alone, the new password would belong to the old user.
TEST(DocumentationTraps, ANewUserAndItsPasswordWaitForTheRestartTogether) {
  const Files leased = {{"database-username", "v-shop-2"}, {"database-password", "leased"}};
  const runtime::ChangePlan both = plan(database(), with(database(), leased), "10.24.14");
  EXPECT_FALSE(both.acts());
  EXPECT_THAT(names(both.restart), ElementsAre("DatabasePassword", "DatabaseUserName"));
  const Files rotated = {{"database-password", "rotated"}};
  EXPECT_THAT(plan(database(), with(database(), rotated), "10.24.14").live,
              ElementsAre("DatabasePassword"));
}

// Row 16. "Storage plans cannot be combined with the secret store", yet another page does. Each
// group has one source: what the store does not have comes from elsewhere, whole.
TEST(DocumentationTraps, AStoreWithoutAGroupLeavesItToItsOtherSource) {
  manifest::MendixApp app = app_that_allows();
  app.runtime.custom_configuration.set("DatabaseHost", "plan:5432");
  app.runtime.custom_configuration.set("DatabasePassword", "from the plan");
  const Wanted partial = wanted({{"mx-const-Shop.Title", "x"}}, {}, app);
  EXPECT_THAT(said(partial), IsEmpty());
  EXPECT_EQ(value(partial, "DatabaseHost"), R"("plan:5432")");
  EXPECT_EQ(value(partial, "DatabasePassword"), R"("from the plan")");
  const Wanted whole = wanted(without(database(), {"database-password"}), {}, app);
  EXPECT_EQ(value(whole, "DatabaseHost"), R"("pg.example.com:5432")");
  EXPECT_EQ(value(whole, "DatabasePassword"), "none") << "never one group of two sources";
}

// Row 17. The reference guide: storage settings "cannot be overwritten" there; the page's own
// example and another page overwrite them. It is let through, and said.
TEST(DocumentationTraps, ASettingOfTheOperatorsMayBeOverriddenAndThatIsSaid) {
  const Wanted result = wanted({{"mx-runtime-com.mendix.storage.s3.Region", "eu-north-1"}});
  EXPECT_EQ(value(result, "com.mendix.storage.s3.Region"), R"("eu-north-1")");
  EXPECT_FALSE(has_errors(result.problems));
  EXPECT_THAT(said(result), ElementsAre(HasSubstr("overrides com.mendix.storage.s3.Region, which "
                                                  "the operator manages")));
}

// Row 18. "Only file storage and MxAdmin are processed" stands above "the database password on
// 9.22": the second refines the first.
TEST(DocumentationTraps, WhatIsTakenLiveIsTheWholeListAndNoMore) {
  const Files before =
      with(with(database(), s3()), {{"mx-admin-password", "a"}, {"mx-const-Shop.Title", "a"}});
  const std::pair<std::string_view, std::string_view> live[] = {
      {"database-password", "DatabasePassword"},
      {"storage-access-key-id", "com.mendix.storage.s3.AccessKeyId"},
      {"storage-secret-access-key", "com.mendix.storage.s3.SecretAccessKey"},
  };
  for (const auto& [key, setting] : live) {
    EXPECT_THAT(plan(before, with(before, {{std::string(key), "new"}}), "9.22.0").live,
                ElementsAre(std::string(setting)));
  }
  EXPECT_EQ(plan(before, with(before, {{"mx-admin-password", "new"}}), "9.22.0").admin,
            runtime::PasswordChange::kSet);
  const auto old = plan(before, with(before, {{"database-password", "new"}}), "9.21.0");
  EXPECT_THAT(names(old.restart), ElementsAre("DatabasePassword"));
  const auto constant = plan(before, with(before, {{"mx-const-Shop.Title", "new"}}), "9.22.0");
  EXPECT_FALSE(constant.acts());
  EXPECT_THAT(names(constant.restart), ElementsAre("constant Shop.Title"));
}

// Row 19. One page's storage-service-name is `azure`; the runtime knows only the long name.
TEST(DocumentationTraps, ShortNamesOfAStorageServiceAreReadAsTheLongOnes) {
  const std::pair<std::string_view, Files> rows[] = {
      {"azure", azure_static()},
      {"s3", without(s3(), {"storage-use-ca-certificates"})},
  };
  for (const auto& [name, files] : rows) {
    const Wanted result = wanted(with(files, {{"storage-service-name", name}}));
    EXPECT_EQ(value(result, "com.mendix.core.StorageService"),
              cat("\"com.mendix.storage.", name, "\""));
    EXPECT_FALSE(has_errors(result.problems));
    EXPECT_THAT(said(result), ElementsAre(AllOf(HasSubstr("warning"), HasSubstr("write that"))));
  }
}

// Row 26. The sample's encryption keys have one keyID twice: no file's key could be found by it.
TEST(DocumentationTraps, EncryptionKeysWithOneIdTwiceAreRefused) {
  const Wanted result = wanted({{"mx-runtime-com.mendix.storage.s3.EncryptionKeys",
                                 R"([{"keyID":"first","algorithm":"AES","key":"a2V5"},)"
                                 R"({"keyID":"first","algorithm":"AES","key":"a2V5Mg=="}])"}});
  EXPECT_TRUE(has_errors(result.problems));
  EXPECT_THAT(said(result), Contains(HasSubstr("entry 1 has a keyID that stands twice")));
  EXPECT_EQ(value(result, "com.mendix.storage.s3.EncryptionKeys"), "none");
}

// Row 28. "The admin handler is not accessible" is true for users; the sidecar in the pod uses it,
// over the loopback interface and never through a proxy, unless told another address.
TEST(DocumentationTraps, TheAdminPortIsAskedWithinThePodAlone) {
  FakeHttp http;
  (void)runtime::M2eeClient(http, {}).call("echo", {}, {});
  ASSERT_EQ(http.sent().size(), 1U);
  EXPECT_TRUE(http.sent()[0].url.starts_with("http://127.0.0.1:")) << http.sent()[0].url;
  EXPECT_EQ(http.sent()[0].proxy, ProxyUse::kNever);
}

}  // namespace
}  // namespace keyferry::cli
