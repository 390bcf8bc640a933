#include "sidecar/status_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/strings.h"
#include "catalog/example_files.h"

namespace keyferry::sidecar {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

namespace example = catalog::example;

constexpr SteadyTime kNow{std::chrono::hours(9)};
constexpr WallTime kDate{std::chrono::seconds(1'700'000'000)};

manifest::MendixApp app() {
  manifest::MendixApp app;
  app.meta.kind = "MendixApp";
  app.meta.name = "shop";
  app.allow_override = true;
  return app;
}

StatusReport report_of(const example::Files& files, const manifest::MendixApp& shop = app()) {
  StatusReport report;
  describe(runtime::wanted_settings(shop, files, example::on("10.24.14"), runtime::Role::kLeader),
           report);
  return report;
}

TEST(StatusBoard, EveryGroupSaysWhoGivesItAndHow) {
  example::Files files = example::with(example::database(), example::s3());
  files.push_back({"mx-admin-password", "Admin-one-1!"});
  files.push_back({"mx-const-Shop.Title", "t"});
  manifest::MendixApp shop = app();
  shop.runtime.debugger_password = Secret("debug-1");
  shop.runtime.microflow_constants = {{"Shop.Other", "o"}};
  EXPECT_THAT(
      report_of(files, shop).groups,
      ElementsAre(GroupSource{"database", "store", "password"},
                  GroupSource{"storage", "store", "s3-static"}, GroupSource{"admin", "store", ""},
                  GroupSource{"debugger", "MendixApp", ""},
                  GroupSource{"constants", "MendixApp, store", ""}));
}

TEST(StatusBoard, AGroupThatNobodyGivesSaysSo) {
  EXPECT_THAT(report_of({}).groups,
              ElementsAre(GroupSource{"database", "none", ""}, GroupSource{"storage", "none", ""},
                          GroupSource{"admin", "none", ""}, GroupSource{"debugger", "none", ""},
                          GroupSource{"constants", "none", ""}));
}

TEST(StatusBoard, KeysThatAreMissingUnknownOrInTheWayAreListed) {
  example::Files files = example::without(example::database(), {"database-username"});
  files.push_back({"databse-password", "x"});
  const StatusReport report = report_of(files);
  EXPECT_THAT(report.missing_keys, ElementsAre("database-username"));
  ASSERT_EQ(report.unknown_keys.size(), 1U);
  EXPECT_EQ(report.unknown_keys[0].hint, "did you mean 'database-password'?");
  EXPECT_TRUE(has_errors(report.problems));
  const Json status = to_json(report, kNow);
  EXPECT_EQ(to_text(*status.find("missingKeys")), R"(["database-username"])");
  EXPECT_EQ(to_text(*status.find("unknownKeys")),
            R"([{"hint":"did you mean 'database-password'?","key":"databse-password"}])");
}

TEST(StatusBoard, NoValueOfAnySourceIsInTheJson) {
  example::Files files = example::with(example::database(), example::s3());
  files.push_back({"mx-admin-password", "Admin-one-1!"});
  files.push_back({"mx-debugger-password", "debug-one"});
  files.push_back({"mx-const-Shop.Title", "constant-one"});
  files.push_back({"mx-runtime-Some.Setting", "setting-one"});
  files = example::with(std::move(files), {{"storage-perform-delete", "perhaps-one"}});
  files.push_back({"unknown-one", "value-one"});
  const std::string text = to_text(to_json(report_of(files), kNow));
  for (const catalog::StoreFile& file : files) {
    // Words of the report itself.
    if (file.bytes == "true" || file.bytes == "com.mendix.storage.s3") continue;
    EXPECT_THAT(text, Not(HasSubstr(std::string(file.bytes)))) << file.name;
  }
}

TEST(StatusBoard, TheJsonOfAFreshSidecar) {
  EXPECT_EQ(to_text(to_json({}, kNow)),
            R"({"app":"","degraded":false,"generation":"","groups":{},"ignoredKeys":[],)"
            R"("keptValues":[],"missingKeys":[],"pendingRestart":[],"phase":"waiting-for-secrets",)"
            R"("problems":[],"role":"","runtimeVersion":"","unknownKeys":[]})");
}

TEST(StatusBoard, TheJsonOfATroubledOne) {
  StatusReport report;
  report.phase = Phase::kRunning;
  report.applied_at = {kDate - std::chrono::seconds(60), kNow - std::chrono::seconds(60)};
  report.ignored_keys = {"storage-azure-container"};
  report.pending_restart = {{"DatabaseHost", "database-host", "it is read only at start"}};
  report.kept_values = {"DatabasePassword"};
  report.trouble = Error(ErrorCode::kInvalidArgument, "database-type: no such type");
  report.last_rotation =
      Rotation{{kDate, kNow}, {"DatabasePassword"}, std::chrono::microseconds(42)};
  report.groups = {{"database", "store", "password"}, {"admin", "none", ""}};
  const Json status = to_json(report, kNow + std::chrono::seconds(5));
  const std::pair<const char*, const char*> rows[] = {
      {"degraded", "true"},
      {"appliedAt", R"("2023-11-14T22:12:20Z")"},
      {"appliedSecondsAgo", "65"},
      {"ignoredKeys", R"(["storage-azure-container"])"},
      {"keptValues", R"(["DatabasePassword"])"},
      {"pendingRestart",
       R"([{"key":"database-host","name":"DatabaseHost","reason":"it is read only at start"}])"},
      {"trouble", R"("database-type: no such type")"},
      {"troubleCode", R"("invalid_argument")"},
      {"lastRotation", R"({"applied":["DatabasePassword"],"at":"2023-11-14T22:13:20Z",)"
                       R"("microseconds":42,"secondsAgo":5})"},
      {"groups", R"({"admin":{"source":"none"},"database":{"mode":"password","source":"store"}})"},
  };
  for (const auto& [name, json] : rows) {
    ASSERT_NE(status.find(name), nullptr) << name;
    EXPECT_EQ(to_text(*status.find(name)), json);
  }
}

TEST(StatusBoard, TroubleAndKeptValuesAreDegradedAndAPendingRestartIsNot) {
  StatusReport report;
  report.pending_restart = {{"DatabaseHost", "database-host", "why"}};
  EXPECT_FALSE(report.degraded());
  report.kept_values = {"DatabasePassword"};
  EXPECT_TRUE(report.degraded());
  report.kept_values.clear();
  report.trouble = Error(ErrorCode::kUnavailable, "down");
  EXPECT_TRUE(report.degraded());
}

TEST(StatusBoard, EveryPhaseHasItsName) {
  const std::pair<Phase, const char*> rows[] = {{Phase::kWaitingForSecrets, "waiting-for-secrets"},
                                                {Phase::kWaitingForRuntime, "waiting-for-runtime"},
                                                {Phase::kConfiguring, "configuring"},
                                                {Phase::kStarting, "starting"},
                                                {Phase::kSettingPasswords, "setting-passwords"},
                                                {Phase::kRunning, "running"},
                                                {Phase::kRuntimeUnreachable, "runtime-unreachable"},
                                                {Phase::kRuntimeBroken, "runtime-broken"}};
  for (const auto& [phase, name] : rows) EXPECT_EQ(name_of(phase), name);
}

TEST(StatusBoard, WhatWasReadDoesNotChangeAfterwards) {
  StatusBoard board;
  const auto before = board.read();
  board.update([](StatusReport& report) { report.generation = "..2"; });
  EXPECT_EQ(before->generation, "");
  EXPECT_EQ(board.read()->generation, "..2");
}

TEST(StatusBoard, ReadersSeeWholeReportsWhileItIsWritten) {
  constexpr int kRounds = 500;
  StatusBoard board;
  std::jthread writer([&] {
    for (int i = 1; i <= kRounds; ++i) {
      board.update([&](StatusReport& report) {
        report.generation = std::to_string(i);
        report.app = std::to_string(i);
      });
    }
  });
  std::shared_ptr<const StatusReport> report;
  do {
    report = board.read();
    ASSERT_EQ(report->generation, report->app);
  } while (report->generation != std::to_string(kRounds));
}

}  // namespace
}  // namespace keyferry::sidecar
