#include "runtime/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/example_files.h"
#include "catalog/value_rules.h"
#include "runtime/wanted.h"

namespace keyferry::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace example = catalog::example;

Setting setting(const std::string& name, std::string_view text,
                Visibility visibility = Visibility::kHidden) {
  return {name, catalog::json_text(text), Source::kStore, "key", visibility};
}

EffectiveSettings small() {
  EffectiveSettings settings;
  put(setting("DatabasePassword", "pw\"1"), settings.settings);
  put(setting("DatabaseHost", "pg", Visibility::kOpen), settings.settings);
  put(setting("Shop.Title", "title"), settings.constants);
  settings.admin_password = {Secret("admin"), Source::kMendixApp, "spec.runtime.mxAdminPassword"};
  settings.debugger_password = {Secret("debug"), Source::kStore, "mx-debugger-password"};
  settings.notes.push_back({Severity::kWarning, "", 0, "", "", "a note", ""});
  return settings;
}

std::vector<std::string> names(const std::vector<Setting>& settings) {
  std::vector<std::string> list;
  list.reserve(settings.size());
  for (const Setting& entry : settings) list.push_back(entry.name);
  return list;
}

TEST(Settings, TheyAreKeptSortedAndEachOnce) {
  std::vector<Setting> settings;
  for (const char* name : {"b", "a", "c", "a"}) put(setting(name, name), settings);
  EXPECT_THAT(names(settings), ElementsAre("a", "b", "c"));
  put(setting("b", "new"), settings);
  EXPECT_EQ(settings[1].json.expose(), "\"new\"");
  EXPECT_EQ(settings.size(), 3U);
}

TEST(Settings, OneIsFoundByItsWholeName) {
  const EffectiveSettings settings = small();
  ASSERT_NE(settings.find("DatabaseHost"), nullptr);
  EXPECT_EQ(settings.find("DatabaseHost")->json.expose(), "\"pg\"");
  for (const char* name : {"", "Database", "DatabaseHosts", "ZZZ", "Shop.Title"}) {
    EXPECT_EQ(settings.find(name), nullptr) << name;
  }
  EXPECT_NE(settings.find_constant("Shop.Title"), nullptr);
  EXPECT_EQ(settings.find_constant("DatabaseHost"), nullptr);
  EXPECT_EQ(EffectiveSettings().find("DatabaseHost"), nullptr);
}

TEST(Settings, TheParametersOfUpdateConfiguration) {
  const EffectiveSettings settings = small();
  EXPECT_EQ(configuration_of(settings).expose(),
            R"({"DatabaseHost":"pg","DatabasePassword":"pw\"1",)"
            R"("MicroflowConstants":{"Shop.Title":"title"}})");
  EXPECT_EQ(configuration_of(settings, {"DatabasePassword", "None"}).expose(),
            R"({"DatabasePassword":"pw\"1"})")
      << "constants are not sent live, nor what is not there";
  EXPECT_EQ(configuration_of(settings, {}).expose(), "{}");
  EXPECT_EQ(configuration_of({}).expose(), "{}");
}

TEST(Settings, NamesAreEscapedToo) {
  EffectiveSettings settings;
  put(setting("a\"b", "x"), settings.settings);
  EXPECT_EQ(configuration_of(settings).expose(), R"({"a\"b":"x"})");
}

TEST(Settings, ACopyHasEverythingButTheNotes) {
  const EffectiveSettings settings = small();
  const EffectiveSettings copy = copy_of(settings);
  EXPECT_EQ(configuration_of(copy), configuration_of(settings));
  EXPECT_EQ(copy.find("DatabaseHost")->visibility, Visibility::kOpen);
  EXPECT_EQ(copy.find("DatabaseHost")->origin, "key");
  EXPECT_EQ(copy.admin_password->value.expose(), "admin");
  EXPECT_EQ(copy.admin_password->origin, "spec.runtime.mxAdminPassword");
  EXPECT_EQ(copy.debugger_password->source, Source::kStore);
  EXPECT_THAT(copy.notes, IsEmpty());
  EXPECT_FALSE(copy_of(EffectiveSettings()).admin_password.has_value());
}

TEST(Settings, HiddenValuesAreAllThatMustNotBeSeen) {
  const EffectiveSettings settings = small();
  std::vector<std::string_view> values;
  for (const Secret* value : hidden_values(settings)) values.push_back(value->expose());
  EXPECT_THAT(values, ElementsAre(R"("pw\"1")", R"("title")", "admin", "debug"));
}

TEST(Settings, EverySourceHasItsName) {
  const std::pair<Source, const char*> rows[] = {
      {Source::kStore, "store"},         {Source::kStoreCustom, "store"},
      {Source::kMendixApp, "MendixApp"}, {Source::kCustomConfiguration, "custom configuration"},
      {Source::kDefault, "default"},
  };
  for (const auto& [source, name] : rows) EXPECT_EQ(name_of(source), name);
}

manifest::MendixApp app(bool allow_override) {
  manifest::MendixApp app;
  app.meta.kind = "MendixApp";
  app.meta.name = "shop";
  app.meta.file = "app.yaml";
  app.allow_override = allow_override;
  app.allow_override_line = 7;
  return app;
}

TEST(Wanted, FilesThatMustNotBeReadAreSaidAndNotRead) {
  const Wanted wanted = wanted_settings(app(false), example::database(), {}, Role::kLeader);
  EXPECT_EQ(wanted.settings.find("DatabaseHost"), nullptr);
  ASSERT_EQ(wanted.problems.size(), 1U);
  EXPECT_THAT(to_text(wanted.problems[0]),
              testing::AllOf(HasSubstr("app.yaml:7: warning: MendixApp shop"),
                             HasSubstr("the 6 files are not read"), HasSubstr("set it to true")));
  EXPECT_THAT(wanted_settings(app(false), {}, {}, Role::kLeader).problems, IsEmpty());
}

TEST(Wanted, ProblemsOfFilesNameTheApp) {
  const Wanted wanted =
      wanted_settings(app(true), example::with(example::database(), {{"database-type", "mongodb"}}),
                      {}, Role::kLeader);
  EXPECT_TRUE(has_errors(wanted.problems));
  for (const Problem& problem : wanted.problems) EXPECT_EQ(problem.object, "MendixApp shop");
}

TEST(Wanted, NotesOfTheMergeAreAmongTheProblems) {
  const Wanted wanted = wanted_settings(app(true), example::s3(), {}, Role::kLeader);
  EXPECT_THAT(to_text(wanted.problems.back()), HasSubstr("no CACertificates are configured"));
}

TEST(Wanted, TheStatedVersionIsTheAppsOwn) {
  manifest::MendixApp stated = app(true);
  EXPECT_FALSE(stated_version(stated).has_value());
  stated.runtime_version = "10.24.14.1234";
  EXPECT_EQ(stated_version(stated), (catalog::RuntimeVersion{10, 24, 14}));
}

}  // namespace
}  // namespace keyferry::runtime
