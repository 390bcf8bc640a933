#include "runtime/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/complete_problem.h"
#include "base/strings.h"
#include "runtime/wanted.h"

namespace keyferry::runtime {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Files = std::map<std::string, std::string>;

class Merge : public testing::Test {
 protected:
  Merge() {
    app.meta.kind = "MendixApp";
    app.meta.name = "shop";
    app.allow_override = true;
  }
  Wanted wanted(const Files& files, Role role = Role::kLeader) {
    files_ = files;
    std::vector<catalog::StoreFile> list;
    for (const auto& [name, text] : files_) list.push_back({name, text});
    return wanted_settings(app, list, context, role);
  }
  // "json source origin", or "none".
  static std::string row(const Setting* setting) {
    return setting == nullptr
               ? "none"
               : cat(setting->json.expose(), " ", name_of(setting->source), " ", setting->origin);
  }
  static std::vector<std::string> notes(const Wanted& wanted) {
    std::vector<std::string> texts;
    for (const Problem& problem : wanted.problems) texts.push_back(to_text(problem));
    EXPECT_EQ(without_advice(wanted.problems), "");
    return texts;
  }

  manifest::MendixApp app;
  catalog::AppContext context;
  Files files_;
};

const Files kDatabase = {{"database-type", "PostgreSQL"},
                         {"database-host", "pg:5432"},
                         {"database-name", "shop"},
                         {"database-username", "u"},
                         {"database-password", "p"}};
const Files kS3 = {{"storage-service-name", "com.mendix.storage.s3"},
                   {"storage-endpoint", "https://b.s3.eu-west-1.amazonaws.com"},
                   {"storage-bucket-name", "dir"},
                   {"storage-access-key-id", "AKIA"},
                   {"storage-secret-access-key", "key"}};

Files both(Files a, const Files& b) {
  a.insert(b.begin(), b.end());
  return a;
}

// Highest first: each source wins over all that come after it.
TEST_F(Merge, TheOrderOfTheSources) {
  constexpr std::string_view kName = "ScheduledEventExecution";
  app.runtime.custom_configuration.set(std::string(kName), "NONE");
  EXPECT_EQ(row(wanted({}).settings.find(kName)),
            "\"NONE\" custom configuration spec.runtime.customConfiguration");
  app.runtime.scheduled_event_execution = "ALL";
  EXPECT_EQ(row(wanted({}).settings.find(kName)),
            "\"ALL\" MendixApp spec.runtime.scheduledEventExecution");
  EXPECT_EQ(row(wanted({{"mx-runtime-ScheduledEventExecution", "SPECIFIED"}}).settings.find(kName)),
            "\"SPECIFIED\" store mx-runtime-ScheduledEventExecution");
}

TEST_F(Merge, ADedicatedKeyWinsOverTheSameSettingByMxRuntime) {
  const Wanted result = wanted(both(kDatabase, {{"mx-runtime-DatabasePassword", "other"}}));
  EXPECT_EQ(row(result.settings.find("DatabasePassword")), "\"p\" store database-password");
}

TEST_F(Merge, ConstantsAreMergedOneByOne) {
  app.runtime.custom_constants = {{"M.A", "custom"}, {"M.B", "custom"}, {"M.C", "custom"}};
  app.runtime.microflow_constants = {{"M.A", "app"}, {"M.B", "app"}};
  const Wanted result = wanted({{"mx-const-M.A", "store"}});
  EXPECT_EQ(row(result.settings.find_constant("M.A")), "\"store\" store mx-const-M.A");
  EXPECT_EQ(row(result.settings.find_constant("M.B")),
            "\"app\" MendixApp spec.runtime.microflowConstants");
  EXPECT_EQ(row(result.settings.find_constant("M.C")),
            "\"custom\" custom configuration spec.runtime.customConfiguration");
}

TEST_F(Merge, ConstantsAreTypedByTheModelWhoeverGivesThem) {
  context.constants = std::vector<catalog::ModelConstant>{{"M.N", "Integer"}};
  app.runtime.microflow_constants = {{"M.N", "5"}};
  EXPECT_EQ(wanted({}).settings.find_constant("M.N")->json.expose(), "5");
  EXPECT_EQ(wanted({{"mx-const-M.N", "7"}}).settings.find_constant("M.N")->json.expose(), "7");
}

// No password in the store is an identity at work: a password from elsewhere must not come in.
TEST_F(Merge, AGroupOfTheStoreComesWhole) {
  app.runtime.custom_configuration.set("DatabasePassword", "stale");
  app.runtime.custom_configuration.set("DatabaseUseSsl", true);
  Files files = kDatabase;
  files.erase("database-password");
  const Wanted result = wanted(files);
  EXPECT_EQ(result.settings.find("DatabasePassword"), nullptr);
  EXPECT_NE(result.settings.find("DatabaseUseSsl"), nullptr);
  EXPECT_THAT(notes(result), Contains(HasSubstr("a group comes whole")));
}

TEST_F(Merge, AnAbsentKeyFallsThrough) {
  app.runtime.custom_configuration.set("DatabasePassword", "plan");
  app.runtime.custom_configuration.set("com.mendix.storage.azure.UseHttps", false);
  const Wanted result = wanted({{"mx-const-M.A", "x"}});
  EXPECT_EQ(row(result.settings.find("DatabasePassword")),
            "\"plan\" custom configuration spec.runtime.customConfiguration");
}

TEST_F(Merge, WithoutTheOverrideNoFileIsRead) {
  app.allow_override = false;
  const Wanted result = wanted(both(kDatabase, {{"mx-admin-password", "x"}}));
  EXPECT_EQ(result.settings.find("DatabaseType"), nullptr);
  EXPECT_FALSE(result.settings.admin_password.has_value());
  EXPECT_THAT(notes(result), ElementsAre(HasSubstr("so the 6 files are not read")));
}

TEST_F(Merge, PasswordsOfTheStoreWinAndEmptyOnesMeanWhatTheyMean) {
  app.runtime.mx_admin_password = Secret("from the app");
  app.runtime.debugger_password = Secret("from the app");
  Wanted result = wanted({{"mx-admin-password", "store"}, {"mx-debugger-password", ""}});
  EXPECT_EQ(result.settings.admin_password->value.expose(), "store");
  EXPECT_EQ(result.settings.debugger_password->value.expose(), "") << "empty: off";
  result = wanted({{"mx-admin-password", ""}});
  EXPECT_EQ(result.settings.admin_password->value.expose(), "from the app") << "empty: unchanged";
  EXPECT_EQ(result.settings.debugger_password->value.expose(), "from the app");
}

TEST_F(Merge, TheRegionIsDerivedUnlessItIsGiven) {
  constexpr std::string_view kRegion = "com.mendix.storage.s3.Region";
  context.version = catalog::RuntimeVersion{10, 24, 14};
  EXPECT_EQ(row(wanted(kS3).settings.find(kRegion)),
            "\"eu-west-1\" default in the endpoint's name");
  EXPECT_EQ(row(wanted(both(kS3, {{"mx-runtime-com.mendix.storage.s3.Region", "us-gov"}}))
                    .settings.find(kRegion)),
            "\"us-gov\" store mx-runtime-com.mendix.storage.s3.Region");
  context.version = catalog::RuntimeVersion{10, 24, 13};
  EXPECT_EQ(wanted(kS3).settings.find(kRegion), nullptr) << "not needed yet";
}

TEST_F(Merge, CertificatesThatAreUsedButNotConfiguredAreNoted) {
  const Files files = both(kS3, {{"storage-use-ca-certificates", "true"}});
  EXPECT_THAT(notes(wanted(files)), Contains(HasSubstr("no CACertificates are configured")));
  app.runtime.custom_configuration.set("CACertificates", "/ca.crt");
  EXPECT_THAT(notes(wanted(files)), IsEmpty());
}

TEST_F(Merge, DefaultsOfTheOperator) {
  app.app_url = "shop.example.com";
  Wanted result = wanted({});
  EXPECT_EQ(row(result.settings.find("DTAPMode")), "\"P\" default production mode");
  EXPECT_EQ(row(result.settings.find("ApplicationRootUrl")),
            "\"https://shop.example.com/\" default from spec.appURL");
  EXPECT_EQ(result.settings.find("com.mendix.core.isClusterSlave"), nullptr);
  app.tls = false;
  app.runtime.dtap_mode = "D";
  app.runtime.my_scheduled_events = {"M.One", "M.Two"};
  result = wanted({}, Role::kFollower);
  EXPECT_EQ(row(result.settings.find("DTAPMode")), "\"D\" MendixApp spec.runtime.dtapMode");
  EXPECT_EQ(row(result.settings.find("com.mendix.core.isClusterSlave")),
            "\"true\" default a follower");
  EXPECT_EQ(row(result.settings.find("ApplicationRootUrl")),
            "\"http://shop.example.com/\" default from spec.appURL");
  EXPECT_EQ(result.settings.find("MyScheduledEvents")->json.expose(), "\"M.One,M.Two\"");
}

// The runtime takes one text with commas; an array reads better, and the Mendix tools turn it so.
TEST_F(Merge, ListsOfFilesAndEventsBecomeOneText) {
  app.runtime.custom_configuration.set("CACertificates", Json::Array{"/a.crt", "/b.crt"});
  const Wanted result = wanted({{"mx-runtime-MyScheduledEvents", "[\"M.One\", \"M.Two\"]"}});
  EXPECT_EQ(result.settings.find("CACertificates")->json.expose(), "\"/a.crt,/b.crt\"");
  EXPECT_EQ(result.settings.find("MyScheduledEvents")->json.expose(), "\"M.One,M.Two\"");
}

TEST_F(Merge, WhatIsSecretIsHidden) {
  app.runtime.custom_configuration.set("My.ApiKey", "x");
  const Wanted result = wanted(both(both(kDatabase, kS3), {{"mx-const-M.A", "c"}}));
  const EffectiveSettings& settings = result.settings;
  for (const char* name : {"DatabasePassword", "com.mendix.storage.s3.SecretAccessKey",
                           "com.mendix.storage.s3.AccessKeyId", "My.ApiKey"}) {
    EXPECT_EQ(settings.find(name)->visibility, Visibility::kHidden) << name;
  }
  EXPECT_EQ(settings.find_constant("M.A")->visibility, Visibility::kHidden);
  EXPECT_EQ(settings.find("DatabaseHost")->visibility, Visibility::kOpen);
}

TEST_F(Merge, TheConfigurationIsOneObjectWithTheConstantsInside) {
  app.runtime.microflow_constants = {{"M.A", "a"}};
  const Wanted result = wanted(kDatabase);
  EXPECT_EQ(configuration_of(result.settings).expose(),
            R"({"DTAPMode":"P","DatabaseHost":"pg:5432","DatabaseName":"shop",)"
            R"("DatabasePassword":"p","DatabaseType":"PostgreSQL","DatabaseUserName":"u",)"
            R"("MicroflowConstants":{"M.A":"a"}})");
  EXPECT_EQ(configuration_of(result.settings, {"DatabasePassword", "NotThere"}).expose(),
            R"({"DatabasePassword":"p"})");
}

// What a store is refused for was sent without a word when it came from the MendixApp itself, and
// took the app's folder or its production mode away.
TEST_F(Merge, CustomConfigurationMustNotSetWhatTheOperatorOwns) {
  for (const char* name : {"BasePath", "RuntimePath", "DTAPMode", "com.mendix.core.isClusterSlave",
                           "RuntimePort", "AdminPort", "AppContainerPort"}) {
    app.runtime.custom_configuration = *parse_json(cat("{\"", name, "\":\"x\",\"Other\":\"y\"}"));
    const Wanted result = wanted({});
    EXPECT_TRUE(has_errors(result.problems)) << name;
    EXPECT_THAT(notes(result),
                Contains(HasSubstr(cat("spec.runtime.customConfiguration[", name, "]: sets ", name,
                                       ", which the operator owns"))));
    const Setting* set = result.settings.find(name);
    EXPECT_TRUE(set == nullptr || set->source == Source::kDefault) << name;
    EXPECT_NE(result.settings.find("Other"), nullptr);
  }
  app.runtime.custom_configuration = *parse_json(R"({"Other":"y"})");
  EXPECT_FALSE(has_errors(wanted({}).problems));
}

}  // namespace
}  // namespace keyferry::runtime
