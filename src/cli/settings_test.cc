#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/example_files.h"
#include "cli/cli.h"
#include "cli/verb_run.h"
#include "formats/json.h"
#include "manifest/example_objects.h"

namespace keyferry::cli {
namespace {

using manifest::example::kApp;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kRuntime = R"(  appURL: shop.example.com
  runtime:
    mxAdminPassword: aHVudGVyMg==
    microflowConstants: {Shop.Title: hello}
    customConfiguration: '{"JdbcLoginTimeout": 9000, "MicroflowConstants": {"Shop.Limit": "5"}}'
)";

constexpr std::string_view kExpected =
    R"(NAME                 VALUE                        SOURCE                FROM
ApplicationRootUrl   "https://shop.example.com/"  default               from spec.appURL
DTAPMode             "P"                          default               production mode
DatabaseHost         "pg.example.com:5432"        store                 database-host
DatabaseJdbcUrl      (hidden)                     store                 database-jdbc-url
DatabaseName         "my-app-1"                   store                 database-name
DatabasePassword     (hidden)                     store                 database-password
DatabaseType         "PostgreSQL"                 store                 database-type
DatabaseUserName     "my-app-user-1"              store                 database-username
JdbcLoginTimeout     9000                         custom configuration  spec.runtime.customConfiguration
constant Shop.Limit  "5"                          custom configuration  spec.runtime.customConfiguration
constant Shop.Title  "hello"                      MendixApp             spec.runtime.microflowConstants
MxAdmin password     (hidden)                     MendixApp             spec.runtime.mxAdminPassword
)";

// An app and a folder of mounted files, and what `keyferry settings` says about them.
class Settings : public ::testing::Test {
 protected:
  Settings() {
    folder.write("app.yaml", cat(kApp, kRuntime));
    for (const auto& file : catalog::example::database()) {
      folder.write("secrets/" + file.name, file.bytes);
    }
  }
  trial::Said run(const std::vector<std::string>& flags = {}) const {
    std::vector<std::string> words = {"settings", "--app", folder.path("app.yaml"), "--secrets",
                                      folder.path("secrets")};
    words.insert(words.end(), flags.begin(), flags.end());
    trial::Said said = trial::run_words(words);
    said.err = folder.without_path(said.err);
    return said;
  }
  trial::TempFolder folder;
};

TEST_F(Settings, EveryRowHasItsSourceAndSecretsAreHidden) {
  const trial::Said said = run();
  EXPECT_EQ(said.status, kGood) << said.err;
  EXPECT_EQ(said.err, "");
  EXPECT_EQ(said.out, kExpected);
}

TEST_F(Settings, JsonSaysTheSameAndLeavesHiddenValuesOut) {
  folder.write("secrets/mx-debugger-password", "hunter3");
  const trial::Said said = run({"--output", "json"});
  EXPECT_EQ(said.status, kGood);
  for (const char* secret : {"hunter2", "hunter3", "Welc0me!", "sslmode"}) {
    EXPECT_THAT(said.out, Not(HasSubstr(secret)));
  }
  const auto answer = parse_json(said.out);
  ASSERT_TRUE(answer.ok());
  std::vector<std::string> rows;
  for (const Json& row : *answer->find("settings")->as_array()) rows.push_back(to_text(row));
  EXPECT_THAT(rows,
              Contains(R"({"from":"database-type","hidden":false,"kind":"setting",)"
                       R"("name":"DatabaseType","source":"store","value":"\"PostgreSQL\""})"));
  EXPECT_THAT(rows, Contains(R"({"from":"database-password","hidden":true,"kind":"setting",)"
                             R"("name":"DatabasePassword","source":"store"})"));
  EXPECT_THAT(rows, Contains(R"({"from":"mx-debugger-password","hidden":true,"kind":"action",)"
                             R"("name":"debugger password","source":"store"})"));
  EXPECT_THAT(rows, Contains(StartsWith(R"({"from":"spec.runtime.microflowConstants")")));
  EXPECT_TRUE(answer->find("problems")->as_array()->empty());
}

TEST_F(Settings, ABadSetIsShownWithItsProblemsAndFails) {
  folder.write("secrets/database-host", "https://pg");
  folder.write("secrets/databse", "x");
  const trial::Said said = run();
  EXPECT_EQ(said.status, kProblems);
  EXPECT_THAT(said.err, HasSubstr("error: MendixApp web/shop: database-host: is not host"));
  EXPECT_THAT(said.err, HasSubstr("1 error, 1 warning"));
  EXPECT_THAT(said.out, HasSubstr("DatabaseUserName"));
  EXPECT_THAT(said.out, Not(HasSubstr("DatabaseHost")));
}

TEST_F(Settings, TheModelTypesTheConstants) {
  const std::string model =
      folder.write("metadata.json", R"({"Constants": [{"Name": "Shop.Limit", "Type": "Integer"},)"
                                    R"({"Name": "Shop.Title", "Type": "String"}]})");
  EXPECT_THAT(trial::lines_of(run({"--model-metadata", model}).out),
              Contains(StartsWith("constant Shop.Limit  5  ")));
  const std::string other = folder.write("other.json", "{}");
  EXPECT_THAT(run({"--model-metadata", other}).err, HasSubstr("there is no list of Constants"));
}

TEST_F(Settings, WhatCannotBeReadIsSaid) {
  struct Row {
    std::string_view app;
    std::string_view words;
  };
  const Row rows[] = {
      {"kind: [", "app.yaml:1: error: not valid YAML"},
      {"apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n", "holds 0 MendixApps"},
  };
  for (const Row& row : rows) {
    folder.write("app.yaml", row.app);
    const trial::Said said = run();
    EXPECT_EQ(said.status, kProblems);
    EXPECT_EQ(said.out, "");
    EXPECT_THAT(said.err, HasSubstr(std::string(row.words)));
  }
  folder.write("app.yaml", manifest::example::joined({std::string(kApp), std::string(kApp)}));
  EXPECT_THAT(run().err, HasSubstr("holds 2 MendixApps; --app needs the manifest of one"));
  folder.write("app.yaml", kApp);
  const trial::Said said = trial::run_words(
      {"settings", "--app", folder.path("app.yaml"), "--secrets", folder.path("missing")});
  EXPECT_EQ(said.status, kProblems);
  EXPECT_THAT(said.err, HasSubstr("missing"));
}

}  // namespace
}  // namespace keyferry::cli
