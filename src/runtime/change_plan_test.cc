#include "runtime/change_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"
#include "catalog/value_rules.h"

namespace keyferry::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Values = std::map<std::string, std::string>;

constexpr catalog::RuntimeVersion kNew{10, 24, 14};

// "constant X" puts a constant.
EffectiveSettings having(const Values& values) {
  EffectiveSettings settings;
  for (const auto& [name, text] : values) {
    const bool constant = name.starts_with("constant ");
    Setting setting{constant ? name.substr(9) : name, catalog::json_text(text), Source::kStore,
                    "key-of-it", Visibility::kHidden};
    put(std::move(setting), constant ? settings.constants : settings.settings);
  }
  return settings;
}

ActionPassword password(std::string_view text) {
  return {Secret(text), Source::kStore, "key-of-it"};
}

const Values kRunning = {{"DatabaseType", "PostgreSQL"},
                         {"DatabaseHost", "pg"},
                         {"DatabaseUserName", "u"},
                         {"DatabasePassword", "p"},
                         {"com.mendix.core.StorageService", "com.mendix.storage.s3"},
                         {"com.mendix.storage.s3.EndPoint", "e"},
                         {"com.mendix.storage.s3.BucketName", "b"},
                         {"com.mendix.storage.s3.AccessKeyId", "id"},
                         {"com.mendix.storage.s3.SecretAccessKey", "key"},
                         {"com.mendix.storage.azure.AccountKey", "ak"},
                         {"ConnectionPoolingMaxActive", "50"},
                         {"constant M.A", "a"}};

Values changed(const Values& changes) {
  Values values = kRunning;
  for (const auto& [name, text] : changes) {
    values[name] = text;
    if (text == "(gone)") values.erase(name);
  }
  return values;
}

ChangePlan plan(const Values& changes, std::optional<catalog::RuntimeVersion> version = kNew) {
  return plan_change(having(kRunning), having(changed(changes)), version);
}

std::vector<std::string> names(const std::vector<PendingRestart>& restarts) {
  std::vector<std::string> list;
  list.reserve(restarts.size());
  for (const PendingRestart& pending : restarts) list.push_back(pending.name);
  return list;
}

TEST(ChangePlan, NothingChangedIsNothingToDo) {
  const ChangePlan none = plan({});
  EXPECT_FALSE(none.acts());
  EXPECT_THAT(none.restart, IsEmpty());
  EXPECT_THAT(none.degraded, IsEmpty());
}

TEST(ChangePlan, WhatGoesLiveAndWhatNeedsARestart) {
  const std::pair<const char*, bool> rows[] = {
      {"DatabasePassword", true},
      {"com.mendix.storage.s3.AccessKeyId", true},
      {"com.mendix.storage.s3.SecretAccessKey", true},
      {"com.mendix.storage.azure.AccountKey", true},
      {"DatabaseUserName", false},
      {"DatabaseHost", false},
      {"DatabaseJdbcUrl", false},
      {"DatabaseType", false},
      {"com.mendix.core.StorageService", false},
      {"com.mendix.storage.s3.EndPoint", false},
      {"com.mendix.storage.s3.BucketName", false},
      {"ConnectionPoolingMaxActive", false},
      {"ScheduledEventExecution", false},
      {"constant M.A", false},
      {"constant M.New", false},
  };
  for (const auto& [name, live] : rows) {
    const ChangePlan result = plan({{name, "new"}});
    if (live) {
      EXPECT_THAT(result.live, ElementsAre(name));
      EXPECT_THAT(result.restart, IsEmpty()) << name;
    } else {
      EXPECT_THAT(result.live, IsEmpty()) << name;
      EXPECT_THAT(names(result.restart), ElementsAre(name));
    }
  }
}

TEST(ChangePlan, TheDatabasePasswordIsLiveFromNineTwentyTwo) {
  EXPECT_THAT(plan({{"DatabasePassword", "n"}}, catalog::RuntimeVersion{9, 22, 0}).live,
              ElementsAre("DatabasePassword"));
  const ChangePlan old = plan({{"DatabasePassword", "n"}}, catalog::RuntimeVersion{9, 21, 9});
  EXPECT_THAT(old.live, IsEmpty());
  EXPECT_THAT(
      to_text(old.restart.at(0)),
      AllOf(HasSubstr("DatabasePassword (key-of-it) needs a restart, because runtime 9.21.9"),
            HasSubstr("live from 9.22")));
  EXPECT_THAT(plan({{"DatabasePassword", "n"}}, std::nullopt).live, IsEmpty());
}

TEST(ChangePlan, ANewPasswordOfANewUserIsHeldBack) {
  const ChangePlan result = plan({{"DatabasePassword", "n"}, {"DatabaseUserName", "v2"}});
  EXPECT_THAT(result.live, IsEmpty());
  EXPECT_THAT(names(result.restart), ElementsAre("DatabasePassword", "DatabaseUserName"));
  EXPECT_THAT(to_text(result.restart[0]), HasSubstr("it belongs to DatabaseUserName"));
}

TEST(ChangePlan, NewKeysOfAnotherBucketAreHeldBack) {
  const ChangePlan result = plan(
      {{"com.mendix.storage.s3.SecretAccessKey", "n"}, {"com.mendix.storage.s3.BucketName", "c"}});
  EXPECT_THAT(result.live, IsEmpty());
  EXPECT_EQ(result.restart.size(), 2U);
}

TEST(ChangePlan, GroupsDoNotHoldEachOtherBack) {
  const ChangePlan result =
      plan({{"DatabasePassword", "n"}, {"com.mendix.storage.s3.EndPoint", "f"}});
  EXPECT_THAT(result.live, ElementsAre("DatabasePassword"));
  EXPECT_THAT(names(result.restart), ElementsAre("com.mendix.storage.s3.EndPoint"));
}

TEST(ChangePlan, TwoHalvesOfAPairAreOneUpdate) {
  EXPECT_THAT(
      plan({{"com.mendix.storage.s3.SecretAccessKey", "n"},
            {"com.mendix.storage.s3.AccessKeyId", "n"}})
          .live,
      ElementsAre("com.mendix.storage.s3.AccessKeyId", "com.mendix.storage.s3.SecretAccessKey"));
}

TEST(ChangePlan, AVanishedDatabasePasswordIsKeptAndSaid) {
  const ChangePlan result = plan({{"DatabasePassword", "(gone)"}});
  EXPECT_THAT(result.degraded, ElementsAre("DatabasePassword"));
  EXPECT_THAT(result.restart, IsEmpty());
  EXPECT_FALSE(result.acts());
}

TEST(ChangePlan, VanishedStorageKeysNeedARestart) {
  EXPECT_THAT(names(plan({{"com.mendix.storage.s3.AccessKeyId", "(gone)"}}).restart),
              ElementsAre("com.mendix.storage.s3.AccessKeyId"));
  EXPECT_THAT(to_text(plan({{"constant M.A", "(gone)"}}).restart.at(0)), HasSubstr("was removed"));
}

TEST(ChangePlan, PlanningAgainAfterItWasAppliedActsNoMore) {
  EffectiveSettings running = having(kRunning);
  const EffectiveSettings wanted =
      having(changed({{"DatabasePassword", "n"},
                      {"constant M.A", "z"},
                      {"com.mendix.storage.azure.AccountName", "added"}}));
  const ChangePlan first = plan_change(running, wanted, kNew);
  take_over(first.live, wanted, running);
  const ChangePlan second = plan_change(running, wanted, kNew);
  EXPECT_FALSE(second.acts());
  EXPECT_EQ(second.restart, first.restart);
  EXPECT_THAT(plan_change(running,
                          having(changed({{"DatabasePassword", "n"},
                                          {"com.mendix.storage.azure.AccountName", "added"}})),
                          kNew)
                  .restart,
              IsEmpty())
      << "a constant set back needs no restart";
}

TEST(ChangePlan, PasswordsOfActions) {
  EffectiveSettings running;
  EffectiveSettings wanted;
  EXPECT_FALSE(plan_change(running, wanted, kNew).acts());
  wanted.admin_password = password("a");
  wanted.debugger_password = password("");
  ChangePlan result = plan_change(running, wanted, kNew);
  EXPECT_EQ(result.admin, PasswordChange::kSet);
  EXPECT_EQ(result.debugger, PasswordChange::kNone) << "off it is already";
  running.admin_password = password("a");
  running.debugger_password = password("d");
  result = plan_change(running, wanted, kNew);
  EXPECT_EQ(result.admin, PasswordChange::kNone);
  EXPECT_EQ(result.debugger, PasswordChange::kSet);
  wanted.admin_password.reset();
  EXPECT_EQ(plan_change(running, wanted, kNew).admin, PasswordChange::kNone)
      << "absent: the admin stays as it is";
}

}  // namespace
}  // namespace keyferry::runtime
