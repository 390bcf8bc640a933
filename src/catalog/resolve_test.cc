#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/complete_problem.h"
#include "base/strings.h"
#include "catalog/example_files.h"

namespace keyferry::catalog {
namespace {

using example::azure_identity;
using example::azure_static;
using example::database;
using example::Files;
using example::on;
using example::s3;
using example::with;
using example::with_model;
using example::without;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

std::vector<std::string> lines_of(const std::vector<StoreSetting>& settings) {
  std::vector<std::string> lines;
  lines.reserve(settings.size());
  for (const StoreSetting& setting : settings) {
    lines.push_back(cat(setting.name, "=", setting.json.expose()));
  }
  return lines;
}

std::vector<std::string> complaints(const Resolved& resolved) {
  std::vector<std::string> lines;
  for (const Problem& problem : resolved.problems) lines.push_back(to_text(problem));
  EXPECT_EQ(without_advice(resolved.problems), "");
  return lines;
}

TEST(WorkedResults, TheSampleWithPasswordAndS3Keys) {
  const Resolved resolved =
      resolve(with(with(database(), s3()), {{"mx-admin-password", "Welc0me!"},
                                            {"mx-debugger-password", "Welc0me?"},
                                            {"mx-const-MyFirstModule.WelcomePageTitle", "Hello"}}),
              on("10.24.14"));
  EXPECT_THAT(complaints(resolved), IsEmpty());
  EXPECT_THAT(
      lines_of(resolved.settings),
      UnorderedElementsAre(
          R"(DatabaseType="PostgreSQL")",
          R"(DatabaseJdbcUrl="jdbc:postgresql://pg.example.com:5432/my-app-1?sslmode=prefer")",
          R"(DatabaseHost="pg.example.com:5432")", R"(DatabaseName="my-app-1")",
          R"(DatabaseUserName="my-app-user-1")", R"(DatabasePassword="Welc0me!")",
          R"(com.mendix.core.StorageService="com.mendix.storage.s3")",
          R"(com.mendix.storage.s3.EndPoint="https://my-app-bucket.s3.eu-west-1.amazonaws.com")",
          R"(com.mendix.storage.s3.BucketName="subdirectory")",
          R"(com.mendix.storage.s3.AccessKeyId="AKIA0123456789")",
          R"(com.mendix.storage.s3.SecretAccessKey="A-secret-access-key")",
          "com.mendix.storage.s3.UseCACertificates=true",
          "com.mendix.storage.PerformDeleteFromStorage=true"));
  EXPECT_THAT(lines_of(resolved.constants),
              ElementsAre(R"(MyFirstModule.WelcomePageTitle="Hello")"));
  EXPECT_EQ(resolved.admin_password->expose(), "Welc0me!");
  EXPECT_EQ(resolved.debugger_password->expose(), "Welc0me?");
  EXPECT_EQ(name_of(resolved.database), "password");
  EXPECT_EQ(name_of(resolved.storage), "s3-static");
}

TEST(WorkedResults, TheSameByRoleHasNoKeysAndNoPasswordNotEvenEmptyOnes) {
  const Resolved resolved =
      resolve(without(with(database(), s3()),
                      {"database-password", "storage-access-key-id", "storage-secret-access-key"}),
              on("9.22.0"));
  EXPECT_THAT(complaints(resolved), IsEmpty());
  EXPECT_EQ(resolved.find("DatabasePassword"), nullptr);
  EXPECT_EQ(resolved.find("com.mendix.storage.s3.AccessKeyId"), nullptr);
  EXPECT_EQ(resolved.find("com.mendix.storage.s3.SecretAccessKey"), nullptr);
  EXPECT_EQ(resolved.settings.size(), 10U);
  EXPECT_EQ(name_of(resolved.database), "identity");
  EXPECT_EQ(name_of(resolved.storage), "s3-role");
}

TEST(WorkedResults, AzureBlobAndAzureSqlByManagedIdentity) {
  const Files sql = {{"database-type", "SQLSERVER"},
                     {"database-jdbc-url",
                      "jdbc:sqlserver://example.database.windows.net:1433;encrypt=true;"
                      "trustServerCertificate=false;authentication=ActiveDirectoryMSI;"}};
  const Resolved resolved = resolve(with(azure_identity(), sql), on("10.10.0"));
  EXPECT_THAT(complaints(resolved), IsEmpty());
  EXPECT_THAT(
      lines_of(resolved.settings),
      UnorderedElementsAre(
          R"(DatabaseType="SQLSERVER")",
          R"(DatabaseJdbcUrl="jdbc:sqlserver://example.database.windows.net:1433;encrypt=true;trustServerCertificate=false;authentication=ActiveDirectoryMSI;")",
          R"(com.mendix.core.StorageService="com.mendix.storage.azure")",
          "com.mendix.storage.azure.UseDefaultAzureCredential=true",
          R"(com.mendix.storage.azure.BlobEndpoint="https://example.blob.core.windows.net/")",
          R"(com.mendix.storage.azure.Container="examplecontainer")"));
  EXPECT_EQ(name_of(resolved.database), "identity");
  EXPECT_EQ(name_of(resolved.storage), "azure-managed-identity");
}

TEST(WorkedResults, AzureBlobByAccountKey) {
  const Resolved resolved =
      resolve(with(azure_static(), {{"storage-azure-use-https", "True\n"}}), {});
  EXPECT_THAT(complaints(resolved), IsEmpty());
  EXPECT_THAT(lines_of(resolved.settings),
              UnorderedElementsAre(R"(com.mendix.core.StorageService="com.mendix.storage.azure")",
                                   R"(com.mendix.storage.azure.AccountName="example")",
                                   R"(com.mendix.storage.azure.AccountKey="aw==")",
                                   R"(com.mendix.storage.azure.Container="examplecontainer")",
                                   "com.mendix.storage.azure.UseHttps=true"));
  EXPECT_EQ(name_of(resolved.database), "absent");
  EXPECT_EQ(name_of(resolved.storage), "azure-static");
}

// Places are shown by `keyferry settings`; a password that came along with one was shown too.
TEST(Resolve, APlaceWithASecretInItIsRefusedWithoutShowingIt) {
  const std::pair<const char*, const char*> rows[] = {
      {"storage-endpoint", "https://user:hunter2@bucket.s3.eu-west-1.amazonaws.com"},
      {"storage-azure-blob-endpoint", "https://x.blob.core.windows.net/?sig=hunter2"},
      {"database-name", "shop?password=hunter2"}};
  for (const auto& [key, value] : rows) {
    const Resolved resolved = resolve({{key, value}}, {});
    EXPECT_THAT(complaints(resolved), Contains(HasSubstr(cat(key, ": must be"))));
    EXPECT_THAT(lines_of(resolved.settings), Not(Contains(HasSubstr("hunter2"))));
    EXPECT_THAT(complaints(resolved), Not(Contains(HasSubstr("hunter2"))));
  }
}

TEST(Resolve, NothingGivesNothing) {
  const Resolved resolved = resolve({}, {});
  EXPECT_TRUE(resolved.settings.empty());
  EXPECT_FALSE(resolved.admin_password);
  EXPECT_FALSE(resolved.debugger_password);
  EXPECT_THAT(complaints(resolved), IsEmpty());
}

TEST(Resolve, TheWritersOwnNamesAreSkipped) {
  const Resolved resolved = resolve({{"..data", "x"}, {"..2024_01_01", "y"}}, {});
  EXPECT_THAT(complaints(resolved), IsEmpty());
  EXPECT_THAT(resolved.ignored_keys, IsEmpty());
}

TEST(Resolve, EmptyActionPasswordsMeanLeaveAloneAndOff) {
  for (const std::string_view empty : {"", "\n", "\r\n"}) {
    const Resolved resolved =
        resolve({{"mx-admin-password", empty}, {"mx-debugger-password", empty}}, {});
    EXPECT_FALSE(resolved.admin_password);
    ASSERT_TRUE(resolved.debugger_password);
    EXPECT_TRUE(resolved.debugger_password->empty());
    EXPECT_FALSE(has_errors(resolved.problems));
  }
}

TEST(Resolve, ActionPasswordsKeepTheirBlanksAndSaySo) {
  for (const std::string_view key : {"mx-admin-password", "mx-debugger-password"}) {
    const Resolved resolved = resolve({{std::string(key), "Welc0me! \n"}}, {});
    ASSERT_EQ(resolved.problems.size(), 1U) << key;
    EXPECT_EQ(resolved.problems[0].severity, Severity::kWarning);
    EXPECT_THAT(resolved.problems[0].message, HasSubstr("blank, which is kept"));
    const auto& password =
        key == "mx-admin-password" ? resolved.admin_password : resolved.debugger_password;
    EXPECT_EQ(password->expose(), "Welc0me! ");
  }
}

TEST(Resolve, EveryProblemIsSaidAtOnceAndAWrongKeyGivesNoSetting) {
  const Resolved resolved = resolve(
      with(with(database(), s3()),
           {{"database-host", "https://pg"}, {"storage-bucket-name", "a/b"}, {"databse", "x"}}),
      {});
  std::vector<std::string> fields;
  for (const Problem& problem : resolved.problems) fields.push_back(problem.field);
  EXPECT_THAT(fields, UnorderedElementsAre("database-host", "storage-bucket-name", "databse"));
  EXPECT_TRUE(has_errors(resolved.problems));
  EXPECT_EQ(resolved.find("DatabaseHost"), nullptr);
  EXPECT_EQ(resolved.find("com.mendix.storage.s3.BucketName"), nullptr);
}

// Empty is not absent: else a store that lost a value would switch the login to an identity.
TEST(Resolve, AnEmptyDatabasePasswordIsAnErrorAndNotIdentityMode) {
  const Resolved resolved = resolve(with(database(), {{"database-password", "\n"}}), on("10.0"));
  EXPECT_TRUE(has_errors(resolved.problems));
  EXPECT_EQ(resolved.database, DatabaseMode::kPassword);
  EXPECT_THAT(resolved.missing_keys, IsEmpty());
}

TEST(Resolve, BytesThatAreNoTextAreAnErrorOfTheirKey) {
  const Resolved resolved = resolve(with(database(), {{"database-password", "\xFF\xFE"}}), {});
  ASSERT_EQ(resolved.problems.size(), 1U);
  EXPECT_EQ(resolved.problems[0].field, "database-password");
  EXPECT_THAT(resolved.problems[0].message, HasSubstr("not UTF-8"));
}

TEST(Resolve, AnUnknownKeyIsIgnoredWithAWarningAndThePlatformsWithout) {
  const Resolved resolved = resolve({{"databse-host", "x"}, {"svix-db-dsn", "y"}}, {});
  EXPECT_THAT(resolved.ignored_keys, UnorderedElementsAre("databse-host", "svix-db-dsn"));
  ASSERT_EQ(resolved.unknown_keys.size(), 1U);
  EXPECT_EQ(resolved.unknown_keys[0].name, "databse-host");
  EXPECT_EQ(resolved.unknown_keys[0].hint, "did you mean 'database-host'?");
  EXPECT_THAT(complaints(resolved), ElementsAre(HasSubstr("warning: databse-host")));
}

TEST(Resolve, TwoNamesForOneKeyAreAnError) {
  const Resolved resolved = resolve(with(database(), {{"\"database-name\"", "other"}}), {});
  EXPECT_THAT(complaints(resolved), Contains(HasSubstr("is given twice")));
  EXPECT_EQ(resolved.find("DatabaseName")->json.expose(), R"("my-app-1")");
  const Resolved constants = resolve({{"mx-const-Shop.Title", "a"}, {"mx-const-Shop-Title", "b"}},
                                     with_model({{"Shop.Title", "String"}}));
  EXPECT_TRUE(has_errors(constants.problems));
  EXPECT_EQ(constants.constants.size(), 1U);
}

TEST(Resolve, WhatTheOperatorOwnsMustNotBeSet) {
  for (const std::string_view name :
       {"BasePath", "RuntimePath", "DTAPMode", "com.mendix.core.isClusterSlave", "RuntimePort",
        "AdminPort", "AppContainerPort"}) {
    const std::string key = cat("mx-runtime-", name);
    const Resolved resolved = resolve({{key, "x"}}, {});
    EXPECT_TRUE(has_errors(resolved.problems)) << name;
    EXPECT_THAT(resolved.custom, IsEmpty()) << name;
    EXPECT_THAT(resolved.ignored_keys, ElementsAre(key));
  }
  const Resolved constants = resolve({{"mx-runtime-MicroflowConstants", "{}"}}, {});
  EXPECT_THAT(complaints(constants), ElementsAre(HasSubstr("mx-const-Module.Name")));
}

TEST(Resolve, ADedicatedKeyWinsOverTheSameSettingByMxRuntime) {
  const Resolved resolved = resolve(with(database(), {{"mx-runtime-DatabasePassword", "other"},
                                                      {"mx-runtime-JdbcLoginTimeout", "9000"}}),
                                    {});
  EXPECT_EQ(resolved.find("DatabasePassword")->json.expose(), R"("Welc0me!")");
  EXPECT_THAT(lines_of(resolved.custom), ElementsAre(R"(JdbcLoginTimeout="9000")"));
  EXPECT_THAT(resolved.ignored_keys, ElementsAre("mx-runtime-DatabasePassword"));
  EXPECT_THAT(complaints(resolved), ElementsAre(HasSubstr("'database-password' sets")));
}

TEST(Resolve, KeysOfTheOtherStorageGiveNoSettings) {
  const Resolved resolved = resolve(with(azure_static(), s3()), {});
  for (const StoreSetting& setting : resolved.settings) {
    EXPECT_THAT(setting.name, Not(HasSubstr(".azure.")));
  }
  EXPECT_EQ(resolved.storage, StorageMode::kS3Static);
}

TEST(Resolve, AMissingKeyIsNamedOnce) {
  const Resolved resolved = resolve(without(s3(), {"storage-secret-access-key"}), {});
  EXPECT_THAT(resolved.missing_keys, ElementsAre("storage-secret-access-key"));
  EXPECT_THAT(complaints(resolved), ElementsAre(HasSubstr("storage-secret-access-key")));
}

TEST(UrlAndHost, ThatDisagreeAreAWarning) {
  struct Row {
    std::string_view url;
    std::string_view host;
    bool agree;
  };
  const Row rows[] = {
      {"jdbc:postgresql://pg.example.com:5432/app", "pg.example.com:5432", true},
      {"jdbc:postgresql://pg.example.com:5432/app", "pg.example.com", true},
      {"jdbc:postgresql://pg.example.com/app", "pg.example.com:5432", true},
      {"jdbc:postgresql://PG.example.com:5432/app", "pg.EXAMPLE.com:5432", true},
      {"jdbc:postgresql://[2001:db8::1]:5432/app", "[2001:db8::1]", true},
      {"jdbc:postgresql://a.example.com,b.example.com:5432/app", "b.example.com", true},
      {"jdbc:sqlserver://sql.example.com:1433;databaseName=app", "sql.example.com:1433", true},
      {"jdbc:sqlserver://sql.example.com;databaseName=app", "sql.example.com", true},
      {"jdbc:postgresql://new.example.com:5432/app", "old.example.com:5432", false},
      {"jdbc:postgresql://pg.example.com:5432/app", "pg.example.com:5433", false},
      {"jdbc:sqlserver://sql.example.com\\prod:1433;", "sql.example.com:1433", true},
      {"jdbc:sqlserver://;serverName=sql.example.com", "sql.example.com", true},
      {"jdbc:oracle:thin:@//ora.example.com/app", "pg.example.com", true},
      {"jdbc:postgresql://pg.example.com:5432/app", "pg", false},
      {"jdbc:postgresql://new.example.com/pg", "pg", false},
      {"jdbc:postgresql://[2001:db8::1]:5432/app", "[2001:db8::2]", false},
      {"jdbc:sqlserver://sql.example.com;databaseName=old.example.com", "old.example.com", false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(cat(row.url, " and ", row.host));
    const Resolved resolved = resolve(
        with(database(), {{"database-jdbc-url", row.url}, {"database-host", row.host}}), {});
    EXPECT_FALSE(has_errors(resolved.problems));
    if (row.agree) {
      EXPECT_THAT(complaints(resolved), IsEmpty());
    } else {
      EXPECT_THAT(complaints(resolved), ElementsAre(HasSubstr("another host")));
    }
  }
}

// A URL without "jdbc:", as many tools print it, was sent on and failed only at the runtime's
// start.
TEST(JdbcUrl, ThatCannotBeReadIsNamedWithTheShapeThatCan) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"postgresql://pg.example.com/app", "does not begin with jdbc:"},
      {"jdbc:postgresql://pg.example.com", "has no '/' between host and database"},
      {"jdbc:postgresql://app:hunter2@pg.example.com/app", "has a port that is no number"},
      {"jdbc:postgresql://pg.example.com:99999/app", "has a port that is no number"},
      {"jdbc:postgresql://pg.example.com/app?password=hunter2%", "has a '%' without two hex"},
      {"jdbc:sqlserver://sql.example.com/app", "has a character in the host"},
      {"jdbc:sqlserver://sql.example.com;password=hunter2;x", "has a property without '='"},
      {"jdbc:sqlserver://sql.example.com;password={hunter2", "has a '{' without a '}'"},
      {"hunter2", "does not begin with jdbc:"},
  };
  for (const auto& [url, message] : rows) {
    SCOPED_TRACE(url);
    const Resolved resolved = resolve(with(database(), {{"database-jdbc-url", url}}), {});
    ASSERT_EQ(resolved.problems.size(), 1U);
    const Problem& problem = resolved.problems[0];
    EXPECT_EQ(problem.severity, Severity::kError);
    EXPECT_EQ(problem.field, "database-jdbc-url");
    EXPECT_THAT(problem.message, HasSubstr(message));
    EXPECT_THAT(problem.remedy,
                AllOf(HasSubstr("jdbc:postgresql://HOST"), HasSubstr("jdbc:sqlserver://HOST")));
    EXPECT_THAT(to_text(problem), Not(HasSubstr("hunter2")));
    EXPECT_EQ(resolved.find("DatabaseJdbcUrl"), nullptr);
  }
}

TEST(JdbcUrl, OfAnotherVendorIsSentAsItIs) {
  for (const std::string_view url : {"jdbc:oracle:thin:@//db:1521/app", "jdbc:hsqldb:mem:app"}) {
    const Resolved resolved = resolve(with(database(), {{"database-jdbc-url", url}}), {});
    EXPECT_THAT(complaints(resolved), IsEmpty()) << url;
    EXPECT_NE(resolved.find("DatabaseJdbcUrl"), nullptr) << url;
  }
}

// A refused URL is one problem: nobody knows whether it named an identity.
TEST(JdbcUrl, ThatCannotBeReadDoesNotMissAPasswordToo) {
  const Resolved resolved = resolve({{"database-type", "SQLSERVER"},
                                     {"database-username", "app"},
                                     {"database-jdbc-url", "jdbc:sqlserver:db"}},
                                    on("10.10.0"));
  EXPECT_THAT(complaints(resolved), ElementsAre(HasSubstr("jdbc:sqlserver://")));
}

TEST(Resolve, NoComplaintShowsAValue) {
  const Resolved resolved =
      resolve({{"database-type", "hunter2"},
               {"database-host", "hunter2/"},
               {"database-password", " hunter2"},
               {"storage-service-name", "hunter2"},
               {"storage-perform-delete", "hunter2"},
               {"storage-bucket-name", "hunter2/"},
               {"mx-runtime-com.mendix.storage.s3.EncryptionKeys", "[hunter2"},
               {"mx-runtime-DatabasePassword", "hunter2"},
               {"databse-password", "hunter2"}},
              {});
  EXPECT_GE(resolved.problems.size(), 9U);
  for (const std::string& line : complaints(resolved)) EXPECT_THAT(line, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace keyferry::catalog
