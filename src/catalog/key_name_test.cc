#include "catalog/key_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/example_files.h"

namespace keyferry::catalog {
namespace {

using example::with_model;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(KeyName, EveryKeyOfTheTableIsReadAsItIs) {
  for (const KeyRow& row : key_table()) {
    const std::string name = std::string(row.key) + (row.key.ends_with('-') ? "Shop.Title" : "");
    const KeyName key = read_key_name(name, {});
    EXPECT_EQ(key.row, &row) << name;
    EXPECT_EQ(key.name, name);
    EXPECT_THAT(key.warning, IsEmpty()) << name;
    EXPECT_EQ(key.suffix, row.key.ends_with('-') ? "Shop.Title" : "");
  }
}

// An alias written with quotes inside quotes mounts a file whose name has them.
TEST(KeyName, QuotesAroundANameAreTakenOffWithAWarning) {
  const KeyName key = read_key_name("\"database-type\"", {});
  ASSERT_NE(key.row, nullptr);
  EXPECT_EQ(key.name, "database-type");
  EXPECT_THAT(key.warning, HasSubstr("quotes"));
  EXPECT_EQ(read_key_name("\"", {}).row, nullptr);
  EXPECT_EQ(read_key_name("\"\"", {}).row, nullptr);
  EXPECT_EQ(read_key_name("\"database-type", {}).row, nullptr);
}

TEST(KeyName, ADashedConstantIsFoundInTheModel) {
  const KeyName key = read_key_name(
      "mx-const-MyFirstModule-WelcomePageTitle",
      with_model({{"MyFirstModule.WelcomePageTitle", "String"}, {"Shop.Title", "String"}}));
  ASSERT_NE(key.row, nullptr);
  EXPECT_EQ(key.suffix, "MyFirstModule.WelcomePageTitle");
  EXPECT_EQ(key.name, "mx-const-MyFirstModule.WelcomePageTitle");
  EXPECT_THAT(key.warning, HasSubstr("'mx-const-MyFirstModule.WelcomePageTitle'"));
}

TEST(KeyName, ADashedConstantThatTheModelDoesNotTellIsIgnoredWithAHint) {
  const AppContext contexts[] = {
      {},                                                      // no model known
      with_model({{"Shop.Title", "String"}}),                  // none fits
      with_model({{"A.B-C", "String"}, {"A-B.C", "String"}}),  // two fit
  };
  for (const AppContext& context : contexts) {
    const KeyName key = read_key_name("mx-const-A-B-C", context);
    EXPECT_EQ(key.row, nullptr);
    EXPECT_THAT(key.hint, HasSubstr("mx-const-Module.Name"));
    EXPECT_FALSE(key.quiet);
  }
}

TEST(KeyName, AConstantThatTheModelLacksIsReadWithTheNearestName) {
  const AppContext context = with_model({{"Shop.Title", "String"}, {"Shop.Limit", "Integer"}});
  EXPECT_THAT(read_key_name("mx-const-Shop.Titel", context).warning,
              HasSubstr("did you mean 'Shop.Title'?"));
  EXPECT_THAT(read_key_name("mx-const-shop.title", context).warning,
              HasSubstr("no constant 'shop.title'; did you mean 'Shop.Title'?"));
  const KeyName far = read_key_name("mx-const-Billing.Address", context);
  ASSERT_NE(far.row, nullptr);
  EXPECT_EQ(far.warning,
            "the app's model has no constant 'Billing.Address'; remove it, or check the spelling");
  EXPECT_THAT(read_key_name("mx-const-Shop.Title", context).warning, IsEmpty());
}

TEST(KeyName, DashedRuntimeSettingsAreReadByTheKnownNames) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"mx-runtime-com-mendix-storage-s3-EncryptionKeys", "com.mendix.storage.s3.EncryptionKeys"},
      {"mx-runtime-com-mendix-storage-s3-Region", "com.mendix.storage.s3.Region"},
      {"mx-runtime-com-mendix-core-StorageService", "com.mendix.core.StorageService"},
  };
  for (const auto& [file, setting] : rows) {
    const KeyName key = read_key_name(file, {});
    ASSERT_NE(key.row, nullptr) << file;
    EXPECT_EQ(key.suffix, setting);
    EXPECT_EQ(key.name, std::string("mx-runtime-") + std::string(setting));
    EXPECT_THAT(key.warning, HasSubstr("read as '")) << file;
  }
}

TEST(KeyName, ADashedMendixSettingThatNobodyKnowsIsIgnoredWithAHint) {
  const KeyName key = read_key_name("mx-runtime-com-mendix-unheard-Of", {});
  EXPECT_EQ(key.row, nullptr);
  EXPECT_THAT(key.hint, HasSubstr("mx-runtime-com.mendix"));
}

TEST(KeyName, ARuntimeSettingWithDotsIsTakenVerbatim) {
  for (const std::string_view setting :
       {"com.mendix.storage.s3.EncryptionKeys", "com.mendix.unheard-of.Setting", "JdbcLoginTimeout",
        "x-vendor-setting"}) {
    const KeyName key = read_key_name(std::string("mx-runtime-") + std::string(setting), {});
    ASSERT_NE(key.row, nullptr) << setting;
    EXPECT_EQ(key.suffix, setting);
    EXPECT_THAT(key.warning, IsEmpty());
  }
}

TEST(KeyName, AMisspeltKeyIsHintedAtTheNearest) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"database-pasword", "database-password"},
      {"database-user", "database-username"},
      {"databse-host", "database-host"},
      {"Database-Type", "database-type"},
      {"database_name", "database-name"},
      {"storage-bucketname", "storage-bucket-name"},
      {"storage-acces-key-id", "storage-access-key-id"},
      {"mx-admin-pasword", "mx-admin-password"},
  };
  for (const auto& [name, nearest] : rows) {
    const KeyName key = read_key_name(name, {});
    EXPECT_EQ(key.row, nullptr) << name;
    EXPECT_FALSE(key.quiet) << name;
    EXPECT_THAT(key.hint, HasSubstr("did you mean '" + std::string(nearest) + "'?")) << name;
  }
}

TEST(KeyName, WhatIsNearNothingHasNoHint) {
  for (const std::string_view name : {"tls.crt-bundle", "readme", "ca-bundle"}) {
    const KeyName key = read_key_name(name, {});
    EXPECT_EQ(key.row, nullptr) << name;
    EXPECT_THAT(key.hint, IsEmpty()) << name;
    EXPECT_FALSE(key.quiet) << name;
  }
}

TEST(KeyName, ABareRuntimeSettingIsHintedAtItsPrefix) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"com.mendix.storage.s3.EncryptionKeys", "'mx-runtime-com.mendix.storage.s3.EncryptionKeys'"},
      {"JdbcLoginTimeout", "'mx-runtime-JdbcLoginTimeout'"},
      {"DatabaseUseSsl", "'mx-runtime-DatabaseUseSsl'"},
      {"OracleServiceName", "'mx-runtime-OracleServiceName'"},
      {"UseNetworkTimeout", "'mx-runtime-UseNetworkTimeout'"},
      {"ConnectionPoolingTestOnBorrow", "'mx-runtime-ConnectionPoolingTestOnBorrow'"},
      {"DatabasePassword", "its own key is 'database-password'"},
      {"com.mendix.storage.s3.EndPoint", "its own key is 'storage-endpoint'"},
      {"com.mendix.unheard.Of", "'mx-runtime-com.mendix.unheard.Of'"},
      {"Shop.Title", "'mx-const-Shop.Title'"},
  };
  for (const auto& [name, hint] : rows) {
    const KeyName key = read_key_name(name, {});
    EXPECT_EQ(key.row, nullptr) << name;
    EXPECT_THAT(key.hint, HasSubstr(std::string(hint))) << name;
  }
}

// "mx-runtime-../x" is a good path, but sets nothing that a runtime has.
TEST(KeyName, AFileInAFolderIsNoKey) {
  for (const char* name : {"mx-runtime-../x", "mx-runtime-a/b.c", "mx-const-Shop/Title"}) {
    EXPECT_EQ(read_key_name(name, {}).row, nullptr) << name;
    EXPECT_THAT(read_key_name(name, {}).hint, HasSubstr("'/'")) << name;
  }
  for (const char* name : {"certs/ca.pem", "database-type/x", "com.mendix.x/y"}) {
    EXPECT_EQ(read_key_name(name, {}).row, nullptr) << name;
    EXPECT_THAT(read_key_name(name, {}).hint, IsEmpty()) << name;
  }
}

TEST(KeyName, ThePlatformsOwnKeysAreNotWorthAWord) {
  for (const std::string_view name :
       {"pclm-admin-username", "pclm-admin-password", "svix-db-dsn", "svix-redis-dsn"}) {
    const KeyName key = read_key_name(name, {});
    EXPECT_EQ(key.row, nullptr) << name;
    EXPECT_TRUE(key.quiet) << name;
  }
}

TEST(KeyName, ABareFamilyNamesNothing) {
  EXPECT_EQ(read_key_name("mx-const-", {}).row, nullptr);
  EXPECT_EQ(read_key_name("mx-runtime-", {}).row, nullptr);
}

}  // namespace
}  // namespace keyferry::catalog
