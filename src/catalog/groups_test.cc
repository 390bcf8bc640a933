#include "catalog/groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/complete_problem.h"
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
using example::without;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

GroupState judge(const Files& files, const AppContext& context = {},
                 GroupInput::Values values = GroupInput::Values::kKnown) {
  std::map<std::string, std::string, std::less<>> texts;
  for (const StoreFile& file : files) texts.emplace(file.name, file.bytes);
  const auto has = [&](std::string_view key) { return texts.contains(key); };
  const auto text = [&](std::string_view key) {
    const auto found = texts.find(key);
    const bool known = found != texts.end() && values == GroupInput::Values::kKnown;
    return known ? found->second : std::string();
  };
  GroupState state = judge_groups({has, text, values}, context);
  EXPECT_EQ(without_advice(state.problems), "");
  return state;
}

std::vector<std::string> errors_of(const GroupState& state) {
  std::vector<std::string> fields;
  for (const Problem& problem : state.problems) {
    if (problem.severity == Severity::kError) fields.push_back(problem.field);
  }
  return fields;
}

std::vector<std::string> warnings_of(const GroupState& state) {
  std::vector<std::string> fields;
  for (const Problem& problem : state.problems) {
    if (problem.severity == Severity::kWarning) fields.push_back(problem.field);
  }
  return fields;
}

TEST(Groups, NoKeyAtAllIsNoProblem) {
  const GroupState state = judge({{"mx-admin-password", "x"}, {"mx-const-A.B", "y"}});
  EXPECT_EQ(state.database, DatabaseMode::kAbsent);
  EXPECT_EQ(state.storage, StorageMode::kAbsent);
  EXPECT_THAT(state.problems, IsEmpty());
}

TEST(DatabaseGroup, WithAPasswordIsPasswordMode) {
  const GroupState state = judge(database(), on("9.4.0.24572"));
  EXPECT_EQ(state.database, DatabaseMode::kPassword);
  EXPECT_THAT(state.problems, IsEmpty());
}

TEST(DatabaseGroup, WithoutAPasswordIsIdentityMode) {
  const GroupState state = judge(without(database(), {"database-password"}), on("9.22.0"));
  EXPECT_EQ(state.database, DatabaseMode::kPasswordless);
  EXPECT_THAT(state.problems, IsEmpty());
}

// The documentation ticks all three as required, but the URL overrides the other two.
TEST(DatabaseGroup, NeedsTheUrlOrHostAndName) {
  struct Row {
    std::initializer_list<std::string_view> absent;
    std::vector<std::string> missing;
  };
  const Row rows[] = {
      {{"database-host"}, {}},
      {{"database-name"}, {}},
      {{"database-host", "database-name"}, {}},
      {{"database-jdbc-url"}, {}},
      {{"database-jdbc-url", "database-host"}, {"database-host"}},
      {{"database-jdbc-url", "database-name"}, {"database-name"}},
      {{"database-jdbc-url", "database-host", "database-name"}, {"database-host", "database-name"}},
      {{"database-type"}, {"database-type"}},
      {{"database-username"}, {"database-username"}},
  };
  for (const Row& row : rows) {
    const GroupState state = judge(without(database(), row.absent));
    EXPECT_EQ(state.missing, row.missing);
    EXPECT_EQ(errors_of(state), row.missing);
  }
}

TEST(DatabaseGroup, OneKeyAloneNamesAllTheOthers) {
  EXPECT_THAT(
      judge({{"database-password", "x"}}).missing,
      UnorderedElementsAre("database-type", "database-username", "database-host", "database-name"));
}

const Files kAzureSql = {
    {"database-type", "SQLSERVER"},
    {"database-jdbc-url",
     "jdbc:sqlserver://example.database.windows.net:1433;authentication=ActiveDirectoryMSI;"},
};

TEST(DatabaseGroup, AzureSqlByIdentityNeedsNoUserName) {
  const GroupState state = judge(kAzureSql, on("10.10.0"));
  EXPECT_EQ(state.database, DatabaseMode::kPasswordless);
  EXPECT_THAT(state.problems, IsEmpty());
}

Files azure_sql_with(std::string_view url) {
  return {{"database-type", "SQLSERVER"}, {"database-jdbc-url", url}};
}

// The documentation names three ways in three places; the driver takes all, in any case.
TEST(DatabaseGroup, AnyOfTheThreeWaysIsAnIdentity) {
  for (const std::string_view url :
       {"jdbc:sqlserver://db;authentication=ActiveDirectoryManagedIdentity",
        "jdbc:sqlserver://db;Authentication=activedirectoryMSI;encrypt=true",
        "jdbc:sqlserver://db; AUTHENTICATION = {ActiveDirectoryDefault} ;"}) {
    const GroupState state = judge(azure_sql_with(url), on("10.10.0"));
    EXPECT_EQ(state.database, DatabaseMode::kPasswordless) << url;
    EXPECT_THAT(state.problems, IsEmpty()) << url;
  }
}

// "authentication=" was looked for anywhere in the URL, so that a name that ends so, or a value
// that holds it, counted as an identity, and an app without password was let through to its start.
TEST(DatabaseGroup, AnythingElseOnSqlServerNeedsThePassword) {
  for (const std::string_view url :
       {"jdbc:sqlserver://db", "jdbc:sqlserver://db;authentication=SqlPassword",
        "jdbc:sqlserver://db;authentication=ActiveDirectoryMSI2",
        "jdbc:sqlserver://db;myauthentication=ActiveDirectoryMSI",
        "jdbc:sqlserver://db;applicationName={;authentication=ActiveDirectoryMSI}",
        "jdbc:postgresql://db/app?authentication=ActiveDirectoryMSI"}) {
    const Files files = with(azure_sql_with(url), {{"database-username", "app"}});
    EXPECT_THAT(errors_of(judge(files, on("10.10.0"))), ElementsAre("database-password")) << url;
    EXPECT_THAT(judge(files, on("10.10.0")).missing, ElementsAre("database-password")) << url;
    EXPECT_THAT(errors_of(judge(with(files, {{"database-password", "x"}}))), IsEmpty()) << url;
  }
}

TEST(DatabaseGroup, AUrlWithItsOwnPasswordNeedsNoOther) {
  const Files files = with(azure_sql_with("jdbc:sqlserver://db;user=app;password={x;y}"),
                           {{"database-username", "app"}});
  EXPECT_THAT(errors_of(judge(files, on("10.10.0"))), IsEmpty());
}

// mssql-jdbc: cannot use "Authentication=ActiveDirectoryMSI" with "Password".
TEST(DatabaseGroup, AnIdentityAndAPasswordContradict) {
  EXPECT_THAT(errors_of(judge(with(kAzureSql, {{"database-password", "x"}}), on("10.10.0"))),
              ElementsAre("database-password"));
}

// The driver would ask for a token of the identity that the old login's name names.
TEST(DatabaseGroup, BesideAnIdentityAUserNameIsAClientId) {
  for (const std::string_view name :
       {"my-app-user-1", "3f2504e0-4f89-11d3-9a0c-0305e82c330", "3f2504e04f8911d39a0c0305e82c3301",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301x", "3f2504e0-4f89-11d3-9a0c-0305e82c330g"}) {
    const GroupState state = judge(with(kAzureSql, {{"database-username", name}}), on("10.10.0"));
    EXPECT_THAT(errors_of(state), IsEmpty()) << name;
    EXPECT_THAT(warnings_of(state), ElementsAre("database-username")) << name;
  }
  for (const std::string_view id :
       {"3f2504e0-4f89-11d3-9a0c-0305e82c3301", "3F2504E0-4F89-11D3-9A0C-0305E82C3301"}) {
    EXPECT_THAT(judge(with(kAzureSql, {{"database-username", id}}), on("10.10.0")).problems,
                IsEmpty())
        << id;
  }
}

TEST(DatabaseGroup, ByNamesAloneAMissingUserNameMayBeAzureSql) {
  const GroupState state = judge(kAzureSql, {}, GroupInput::Values::kUnknown);
  EXPECT_THAT(errors_of(state), IsEmpty());
  EXPECT_THAT(warnings_of(state), ElementsAre("database-username"));
  const Files with_password = with(kAzureSql, {{"database-password", "x"}});
  EXPECT_THAT(errors_of(judge(with_password, {}, GroupInput::Values::kUnknown)),
              ElementsAre("database-username"));
}

TEST(S3Group, WithKeysIsStaticAndWithoutByRole) {
  EXPECT_EQ(judge(s3()).storage, StorageMode::kS3Static);
  EXPECT_THAT(judge(s3()).problems, IsEmpty());
  const GroupState by_role =
      judge(without(s3(), {"storage-access-key-id", "storage-secret-access-key"}), on("9.20.0"));
  EXPECT_EQ(by_role.storage, StorageMode::kS3ByRole);
  EXPECT_THAT(by_role.problems, IsEmpty());
}

TEST(S3Group, HalfAKeyPairNamesTheOtherHalf) {
  EXPECT_THAT(judge(without(s3(), {"storage-access-key-id"})).missing,
              ElementsAre("storage-access-key-id"));
  const GroupState state = judge(without(s3(), {"storage-secret-access-key"}), on("10.0.0"));
  EXPECT_THAT(errors_of(state), ElementsAre("storage-secret-access-key"));
  EXPECT_THAT(state.problems[0].remedy, HasSubstr("give both, or none"));
}

TEST(S3Group, NeedsServiceEndpointAndBucket) {
  for (const std::string_view key :
       {"storage-service-name", "storage-endpoint", "storage-bucket-name"}) {
    EXPECT_THAT(errors_of(judge(without(s3(), {key}))), ElementsAre(std::string(key)));
  }
}

TEST(S3Group, TheFlagsMayBeAbsent) {
  EXPECT_THAT(
      judge(without(s3(), {"storage-use-ca-certificates", "storage-perform-delete"})).problems,
      IsEmpty());
}

TEST(AzureGroup, StaticNeedsContainerNameAndKey) {
  EXPECT_EQ(judge(azure_static()).storage, StorageMode::kAzureStatic);
  EXPECT_THAT(judge(azure_static(), on("9.4.0")).problems, IsEmpty());
  for (const std::string_view key :
       {"storage-azure-container", "storage-azure-account-name", "storage-azure-account-key"}) {
    EXPECT_THAT(errors_of(judge(without(azure_static(), {key}))), ElementsAre(std::string(key)));
  }
}

TEST(AzureGroup, ManagedIdentityNeedsContainerAndEndpoint) {
  const GroupState state = judge(azure_identity(), on("10.10.0"));
  EXPECT_EQ(state.storage, StorageMode::kAzureManagedIdentity);
  EXPECT_THAT(state.problems, IsEmpty());
  for (const std::string_view key : {"storage-azure-container", "storage-azure-blob-endpoint"}) {
    EXPECT_THAT(errors_of(judge(without(azure_identity(), {key}))), ElementsAre(std::string(key)));
  }
}

TEST(AzureGroup, TheSwitchSetToFalseIsStatic) {
  const Files off = {{"storage-azure-use-default-azure-credential", "false"}};
  EXPECT_EQ(judge(with(azure_static(), off)).storage, StorageMode::kAzureStatic);
  EXPECT_THAT(judge(with(azure_static(), off)).problems, IsEmpty());
  EXPECT_THAT(errors_of(judge(with(azure_identity(), off))),
              ElementsAre("storage-azure-account-name", "storage-azure-account-key"));
}

TEST(AzureGroup, AnAccountKeyBesideAManagedIdentityIsAContradiction) {
  const Files mixed = with(azure_identity(), {{"storage-azure-account-key", "aw=="}});
  EXPECT_THAT(errors_of(judge(mixed, on("10.10"))), ElementsAre("storage-azure-account-key"));
}

TEST(AzureGroup, ByNamesAloneTheSwitchMayBeOff) {
  const Files both = with(azure_identity(), azure_static());
  const GroupState state = judge(both, {}, GroupInput::Values::kUnknown);
  EXPECT_THAT(errors_of(state), IsEmpty());
  EXPECT_THAT(warnings_of(state), ElementsAre("storage-azure-account-key"));
}

TEST(AzureGroup, AnHttpsEndpointWithHttpsTurnedOffIsAWarning) {
  const Files files = with(azure_identity(), {{"storage-azure-use-https", "false"}});
  EXPECT_THAT(warnings_of(judge(files)), ElementsAre("storage-azure-use-https"));
  EXPECT_THAT(errors_of(judge(files)), IsEmpty());
}

// There is no such setting for Azure; samples list the key all the same, with `false`.
TEST(AzureGroup, TheCaFlagIsIgnoredWithAWord) {
  for (const std::string_view value : {"true", "false"}) {
    const GroupState state = judge(with(azure_static(), {{"storage-use-ca-certificates", value}}));
    EXPECT_THAT(state.ignored, ElementsAre("storage-use-ca-certificates"));
    EXPECT_THAT(warnings_of(state), ElementsAre("storage-use-ca-certificates"));
    EXPECT_EQ(state.storage, StorageMode::kAzureStatic);
  }
}

TEST(MixedStorage, TheServiceNameDecidesAndTheOtherKeysAreIgnored) {
  const GroupState s3_wins = judge(with(azure_static(), s3()));
  EXPECT_EQ(s3_wins.storage, StorageMode::kS3Static);
  EXPECT_THAT(s3_wins.ignored, ElementsAre("storage-azure-account-name",
                                           "storage-azure-account-key", "storage-azure-container"));
  EXPECT_EQ(warnings_of(s3_wins), s3_wins.ignored);
  EXPECT_THAT(errors_of(s3_wins), IsEmpty());

  const Files some_s3 = without(s3(), {"storage-use-ca-certificates"});
  const GroupState azure_wins = judge(with(some_s3, azure_static()));
  EXPECT_EQ(azure_wins.storage, StorageMode::kAzureStatic);
  EXPECT_THAT(azure_wins.ignored,
              UnorderedElementsAre("storage-endpoint", "storage-access-key-id",
                                   "storage-secret-access-key", "storage-bucket-name"));
  EXPECT_THAT(errors_of(azure_wins), IsEmpty());
}

TEST(MixedStorage, ByNamesAloneItCannotBeToldWhichOneIsUsed) {
  const GroupState state = judge(with(azure_static(), s3()), {}, GroupInput::Values::kUnknown);
  EXPECT_THAT(warnings_of(state), ElementsAre("storage-service-name"));
  EXPECT_THAT(errors_of(state), IsEmpty());
}

TEST(ByNamesAlone, IncompleteGroupsAreStillSeen) {
  const auto unknown = GroupInput::Values::kUnknown;
  EXPECT_THAT(errors_of(judge(without(s3(), {"storage-bucket-name"}), {}, unknown)),
              ElementsAre("storage-bucket-name"));
  EXPECT_THAT(errors_of(judge(without(azure_static(), {"storage-azure-container"}), {}, unknown)),
              ElementsAre("storage-azure-container"));
  EXPECT_THAT(judge(database(), {}, unknown).problems, IsEmpty());
  EXPECT_THAT(judge(s3(), {}, unknown).problems, IsEmpty());
}

struct Gate {
  std::string_view story;
  Files files;
  std::string_view too_old;
  std::string_view first;
  std::string_view key;
};

class VersionGates : public testing::TestWithParam<Gate> {};

TEST_P(VersionGates, AnOlderRuntimeIsRefusedAndTheFirstOneTaken) {
  const Gate& gate = GetParam();
  const GroupState old = judge(gate.files, on(gate.too_old));
  EXPECT_THAT(errors_of(old), ElementsAre(std::string(gate.key)));
  EXPECT_THAT(old.problems[0].message, HasSubstr(to_text(*runtime_version_of(gate.first))));
  EXPECT_THAT(old.problems[0].message, HasSubstr(to_text(*runtime_version_of(gate.too_old))));
  EXPECT_THAT(errors_of(judge(gate.files, on(gate.first))), IsEmpty());
  EXPECT_THAT(errors_of(judge(gate.files)), IsEmpty()) << "an unknown version is judged later";
}

INSTANTIATE_TEST_SUITE_P(
    All, VersionGates,
    testing::Values(Gate{"S3ByRole",
                         without(s3(), {"storage-access-key-id", "storage-secret-access-key"}),
                         "9.19.7", "9.20.0", "storage-access-key-id"},
                    Gate{"PostgresByIdentity", without(database(), {"database-password"}), "9.21.3",
                         "9.22.0", "database-password"},
                    Gate{"AzureSqlByIdentity", kAzureSql, "10.9.1", "10.10.0", "database-password"},
                    Gate{"BlobByIdentity", azure_identity(), "10.9.1", "10.10.0",
                         "storage-azure-use-default-azure-credential"}),
    [](const auto& gate) { return std::string(gate.param.story); });

}  // namespace
}  // namespace keyferry::catalog
