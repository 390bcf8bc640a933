#include "catalog/key_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace keyferry::catalog {
namespace {

using testing::ElementsAre;

struct Expected {
  std::string_view key;
  std::string_view setting;
  ValueType type;
  Group group;
  Requirement requirement;
  Live live;
  std::string_view operator_gate;
};

using V = ValueType;
using G = Group;
using R = Requirement;
using L = Live;

// The documentation's table, row by row.
constexpr std::string_view kS3 = "com.mendix.storage.s3";
constexpr Expected kDocumented[] = {
    {"database-type", "DatabaseType", V::kDatabaseType, G::kDatabase, R::kRequired, L::kRestart,
     "2.9.0"},
    {"database-jdbc-url", "DatabaseJdbcUrl", V::kJdbcUrl, G::kDatabase, R::kRequiredOrHost,
     L::kRestart, "2.9.0"},
    {"database-host", "DatabaseHost", V::kHost, G::kDatabase, R::kRequiredOrUrl, L::kRestart,
     "2.9.0"},
    {"database-name", "DatabaseName", V::kText, G::kDatabase, R::kRequiredOrUrl, L::kRestart,
     "2.9.0"},
    {"database-username", "DatabaseUserName", V::kText, G::kDatabase, R::kRequired, L::kRestart,
     "2.9.0"},
    {"database-password", "DatabasePassword", V::kSecret, G::kDatabase, R::kPasswordOnly,
     L::kFromLivePassword, "2.9.0"},
    {"storage-service-name", "com.mendix.core.StorageService", V::kService, G::kStorage,
     R::kRequired, L::kRestart, "2.9.0"},
    {"storage-endpoint", "com.mendix.storage.s3.EndPoint", V::kText, G::kS3, R::kRequired,
     L::kRestart, "2.9.0"},
    {"storage-access-key-id", "com.mendix.storage.s3.AccessKeyId", V::kText, G::kS3, R::kBothOrNone,
     L::kYes, "2.9.0"},
    {"storage-secret-access-key", "com.mendix.storage.s3.SecretAccessKey", V::kSecret, G::kS3,
     R::kBothOrNone, L::kYes, "2.9.0"},
    {"storage-bucket-name", "com.mendix.storage.s3.BucketName", V::kBucket, G::kS3, R::kRequired,
     L::kRestart, "2.9.0"},
    {"storage-azure-account-name", "com.mendix.storage.azure.AccountName", V::kText, G::kAzure,
     R::kStaticOnly, L::kYes, "2.10.0"},
    {"storage-azure-account-key", "com.mendix.storage.azure.AccountKey", V::kSecret, G::kAzure,
     R::kStaticOnly, L::kYes, "2.10.0"},
    {"storage-azure-container", "com.mendix.storage.azure.Container", V::kText, G::kAzure,
     R::kRequired, L::kRestart, "2.10.0"},
    {"storage-azure-blob-endpoint", "com.mendix.storage.azure.BlobEndpoint", V::kText, G::kAzure,
     R::kIdentityOnly, L::kRestart, "2.17.0"},
    {"storage-azure-use-default-azure-credential",
     "com.mendix.storage.azure.UseDefaultAzureCredential", V::kBoolean, G::kAzure, R::kIdentityOnly,
     L::kRestart, "2.17.0"},
    {"storage-azure-use-https", "com.mendix.storage.azure.UseHttps", V::kBoolean, G::kAzure,
     R::kOptional, L::kRestart, "2.10.0"},
    {"storage-use-ca-certificates", "com.mendix.storage.s3.UseCACertificates", V::kBoolean,
     G::kStorage, R::kOptional, L::kRestart, "2.9.0"},
    {"storage-perform-delete", "com.mendix.storage.PerformDeleteFromStorage", V::kDelete,
     G::kStorage, R::kOptional, L::kRestart, "2.9.0"},
    {"mx-admin-password", "", V::kSecret, G::kAdmin, R::kOptional, L::kYes, "2.9.0"},
    {"mx-debugger-password", "", V::kSecret, G::kDebugger, R::kOptional, L::kYes, "2.15.0"},
    {"mx-const-", "", V::kText, G::kConstant, R::kOptional, L::kRestart, "2.10.0"},
    {"mx-runtime-", "", V::kAny, G::kRuntime, R::kOptional, L::kRestart, "2.10.0"},
};

TEST(KeyTable, HasTheTwentyThreeKeysOfTheDocumentationInItsOrder) {
  const auto rows = key_table();
  ASSERT_EQ(rows.size(), 23U);
  ASSERT_EQ(std::size(kDocumented), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].key, kDocumented[i].key) << i;
}

TEST(KeyTable, EachRowSaysWhatTheDocumentationSays) {
  for (const Expected& expected : kDocumented) {
    SCOPED_TRACE(expected.key);
    const std::string name =
        std::string(expected.key) + (expected.key.ends_with('-') ? "Module.Name" : "");
    const KeyRow* row = row_of(name);
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(row->setting, expected.setting);
    EXPECT_EQ(row->type, expected.type);
    EXPECT_EQ(row->group, expected.group);
    EXPECT_EQ(row->requirement, expected.requirement);
    EXPECT_EQ(row->live, expected.live);
    EXPECT_EQ(row->operator_gate, expected.operator_gate);
  }
}

TEST(KeyTable, ActionsAndConstantsAreNoSettings) {
  EXPECT_EQ(row_of("mx-admin-password")->effect, Effect::kAdminUser);
  EXPECT_EQ(row_of("mx-debugger-password")->effect, Effect::kDebugger);
  EXPECT_EQ(row_of("mx-const-Shop.Title")->effect, Effect::kConstant);
  for (const KeyRow& row : key_table()) {
    EXPECT_EQ(row.effect == Effect::kSetting, !row.setting.empty() || row.key == kRuntimePrefix)
        << row.key;
  }
}

TEST(KeyTable, OnlyTheManagedIdentitySwitchIsBoundToARuntimeVersion) {
  for (const KeyRow& row : key_table()) {
    const bool is_switch = row.key == "storage-azure-use-default-azure-credential";
    EXPECT_EQ(row.runtime_gate, is_switch ? RuntimeVersion({10, 10, 0}) : RuntimeVersion{})
        << row.key;
  }
}

TEST(KeyTable, NoKeyAndNoSettingStandsTwice) {
  std::set<std::string_view> keys;
  std::set<std::string_view> settings;
  for (const KeyRow& row : key_table()) {
    EXPECT_TRUE(keys.insert(row.key).second) << row.key;
    if (!row.setting.empty()) {
      EXPECT_TRUE(settings.insert(row.setting).second) << row.setting;
    }
  }
  EXPECT_EQ(settings.size(), 19U);
}

TEST(KeyTable, ASettingLeadsBackToTheKeyThatOwnsIt) {
  for (const KeyRow& row : key_table()) {
    if (!row.setting.empty()) {
      EXPECT_EQ(row_of_setting(row.setting), &row) << row.setting;
    }
  }
  EXPECT_EQ(row_of_setting("com.mendix.storage.s3.Region"), nullptr);
  EXPECT_EQ(row_of_setting(""), nullptr);  // the families own no setting by themselves
}

TEST(KeyTable, NearlyAKeyIsNoKey) {
  for (const std::string_view name : {"", "database", "Database-Type", "database-type ",
                                      "database-user", "mx-const-", "mx-runtime-", "mx-"}) {
    EXPECT_EQ(row_of(name), nullptr) << name;
  }
}

TEST(KeyTable, LiveAreTheCredentialsAndNothingElse) {
  std::vector<std::string_view> live;
  for (const KeyRow& row : key_table()) {
    if (row.live != Live::kRestart) live.push_back(row.key);
  }
  EXPECT_THAT(live,
              ElementsAre("database-password", "storage-access-key-id", "storage-secret-access-key",
                          "storage-azure-account-name", "storage-azure-account-key",
                          "mx-admin-password", "mx-debugger-password"));
}

TEST(KeyTable, S3SettingsStandUnderTheS3NameAndAzuresUnderAzures) {
  for (const KeyRow& row : key_table()) {
    if (row.group == Group::kS3) {
      EXPECT_TRUE(row.setting.starts_with(kS3)) << row.key;
    }
    if (row.group == Group::kAzure) {
      EXPECT_TRUE(row.setting.starts_with("com.mendix.storage.azure.")) << row.key;
    }
  }
}

}  // namespace
}  // namespace keyferry::catalog
