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
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The names of these files as a manifest lists them, from line 10 on.
Problems check(const Files& files, const AppContext& context = {}) {
  std::vector<PlannedKey> keys;
  for (const StoreFile& file : files)
    keys.push_back({file.name, 10 + static_cast<int>(keys.size())});
  Problems problems = check_names(keys, context);
  EXPECT_EQ(without_advice(problems), "");
  return problems;
}

// "line severity key", with the message where a row asks for its words.
std::vector<std::string> places(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems) {
    lines.push_back(cat(problem.line,
                        problem.severity == Severity::kError ? " error " : " warning ",
                        problem.field));
  }
  return lines;
}

TEST(CheckNames, TheSamplesAreGood) {
  for (const Files& files : {Files{}, database(), s3(), with(database(), s3()), azure_static(),
                             azure_identity(), without(database(), {"database-password"})}) {
    EXPECT_THAT(places(check(files)), IsEmpty());
  }
}

struct Row {
  std::string_view name;
  std::string_view place;
  std::string_view words;
};

TEST(CheckNames, ANameThatWasMeantForUsIsAnErrorAndAnotherAWarning) {
  const Row rows[] = {
      {"databse-host", "10 error databse-host", "did you mean 'database-host'?"},
      {"database-user", "10 error database-user", "did you mean 'database-username'?"},
      {"com.mendix.storage.s3.Region", "10 error com.mendix.storage.s3.Region",
       "name the file 'mx-runtime-com.mendix.storage.s3.Region'"},
      {"Shop.Title", "10 error Shop.Title", "a constant as 'mx-const-Shop.Title'"},
      {"mx-const-Shop-Title", "10 error mx-const-Shop-Title", "write the constant as Module.Name"},
      {"ca-bundle", "10 warning ca-bundle", "remove it, or check the spelling"},
      {"\"mx-admin-password\"", "10 warning \"mx-admin-password\"", "take them out of the alias"},
      {"mx-runtime-com-mendix-storage-s3-Region",
       "10 warning mx-runtime-com-mendix-storage-s3-Region", "alias the file to that name"},
  };
  for (const Row& row : rows) {
    const Problems problems = check({{std::string(row.name), ""}});
    EXPECT_THAT(places(problems), ElementsAre(std::string(row.place)));
    EXPECT_THAT(to_text(problems.at(0)), HasSubstr(std::string(row.words)));
  }
  EXPECT_THAT(places(check({{"svix-db-dsn", ""}})), IsEmpty()) << "the platform's own";
}

TEST(CheckNames, TheModelTellsConstantsApart) {
  const AppContext context = with_model({{"Shop.Title", "String"}});
  EXPECT_THAT(places(check({{"mx-const-Shop.Title", ""}}, context)), IsEmpty());
  EXPECT_THAT(places(check({{"mx-const-Shop.Titel", ""}}, context)),
              ElementsAre("10 warning mx-const-Shop.Titel"));
}

TEST(CheckNames, WhatIsMissingHasNoLineAndWhatIsThereItsOwn) {
  EXPECT_THAT(places(check(without(database(), {"database-type"}))),
              ElementsAre("0 error database-type"));
  EXPECT_THAT(places(check(without(s3(), {"storage-access-key-id"}))),
              ElementsAre("0 error storage-access-key-id"));
  EXPECT_THAT(places(check(with(azure_static(), s3()))),
              ElementsAre("13 warning storage-service-name"));
}

TEST(CheckNames, AnOldRuntimeIsToldWhatItCannotDo) {
  EXPECT_THAT(places(check(without(database(), {"database-password"}), on("9.21.0"))),
              ElementsAre("0 error database-password"));
  EXPECT_THAT(places(check(azure_identity(), on("10.9.0"))),
              ElementsAre("13 error storage-azure-use-default-azure-credential"));
  EXPECT_THAT(places(check(azure_identity(), on("10.10.0"))), IsEmpty());
}

// A quoted name is the key all the same: its group is whole.
TEST(CheckNames, AKeyReadUnderAnotherNameCountsForItsGroup) {
  const Files files =
      with(without(database(), {"database-type"}), {{"\"database-type\"", "PostgreSQL"}});
  EXPECT_THAT(places(check(files)), ElementsAre("15 warning \"database-type\""));
}

}  // namespace
}  // namespace keyferry::catalog
