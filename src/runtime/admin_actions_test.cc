#include "runtime/admin_actions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/fake_runtime_admin.h"

namespace keyferry::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(AdminActions, AnEchoWithCriticalErrorsIsStillAlive) {
  FakeRuntimeAdmin admin;
  admin.answer("echo", 0, R"({"echo":"errors","errors":[{"message":"x"}]})");
  EXPECT_TRUE(echo(admin, {}).ok());
  EXPECT_THAT(admin.calls(), ElementsAre(R"(echo {"echo":"ping"})"));
}

TEST(AdminActions, EveryStateHasItsName) {
  for (const RuntimeState state :
       {RuntimeState::kCreated, RuntimeState::kStarting, RuntimeState::kRunning,
        RuntimeState::kStopping, RuntimeState::kStopped, RuntimeState::kBroken}) {
    FakeRuntimeAdmin admin;
    admin.answer("runtime_status", 0, cat("{\"status\":\"", name_of(state), "\"}"));
    EXPECT_EQ(*runtime_status(admin, {}), state);
  }
  FakeRuntimeAdmin admin;
  admin.answer("runtime_status", 0, R"({"status":"dreaming"})");
  EXPECT_EQ(*runtime_status(admin, {}), RuntimeState::kUnknown);
}

TEST(AdminActions, OnlySickIsSick) {
  const std::pair<const char*, Health> rows[] = {
      {"healthy", Health::kHealthy}, {"sick", Health::kSick}, {"unknown", Health::kUnknown}};
  for (const auto& [word, health] : rows) {
    FakeRuntimeAdmin admin;
    admin.answer("check_health", 0, cat("{\"health\":\"", word, "\",\"diagnosis\":\"d\"}"));
    EXPECT_EQ(check_health(admin, {})->health, health);
  }
  FakeRuntimeAdmin admin;
  admin.answer("check_health", 2, R"({"health":"sick"})");
  EXPECT_EQ(check_health(admin, {})->health, Health::kUnknown) << "2: not running";
}

TEST(AdminActions, ALogSubscriberThatIsThereAlreadyIsFine) {
  FakeRuntimeAdmin admin;
  admin.answer("create_log_subscriber", 3);
  EXPECT_TRUE(set_up_logging(admin, "", {{"Core", "DEBUG"}}, {}).ok());
  EXPECT_THAT(admin.calls(),
              ElementsAre(HasSubstr(R"("autosubscribe":"INFO")"),
                          R"(set_log_level {"level":"DEBUG","node":"Core","subscriber":"*"})",
                          "start_logging {}"));
}

TEST(AdminActions, ARefusalIsTheRuntimesOwnCause) {
  FakeRuntimeAdmin admin;
  admin.answer("update_configuration", 1, "null", "bad", "value is not allowed");
  const Status status = update_configuration(admin, Secret("{}"), {});
  EXPECT_EQ(status.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(status.error().message(),
            "the runtime refused update_configuration: bad: value is not allowed");
}

// A runtime answers with a whole stack trace.
TEST(AdminActions, OfEndlessWordsTheBeginningIsTold) {
  FakeRuntimeAdmin admin;
  admin.answer("disable_debugger", 1, "null", cat(std::string(1'999, 'x'), "\u00e4"),
               std::string(100'000, 'y'));
  const std::string words = set_debugger(admin, Secret(), {}).error().message();
  EXPECT_THAT(words, EndsWith("xxx …"));
  EXPECT_LT(words.size(), 2'100U);
}

// The commands of a big first start are more than one answer may hold; they only count.
TEST(AdminActions, ADatabaseChangeDoesNotNeedItsList) {
  FakeRuntimeAdmin admin;
  admin.answer("get_ddl_commands", Error(ErrorCode::kOutOfRange, "too large"));
  const auto changed = execute_ddl(admin, {});
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(*changed, std::nullopt);
  EXPECT_THAT(admin.new_actions(), ElementsAre("get_ddl_commands", "execute_ddl_commands"));
}

TEST(AdminActions, ARuntimeThatCannotBeAskedIsAnErrorOfEveryAction) {
  FakeRuntimeAdmin admin;
  const Error down(ErrorCode::kUnavailable, "down");
  for (const char* action : {"echo", "runtime_status", "check_health", "about", "start",
                             "execute_ddl_commands", "create_log_subscriber", "disable_debugger"}) {
    admin.answer(action, down);
  }
  EXPECT_EQ(echo(admin, {}).error(), down);
  EXPECT_EQ(runtime_status(admin, {}).error(), down);
  EXPECT_EQ(check_health(admin, {}).error(), down);
  EXPECT_EQ(about_version(admin, {}).error(), down);
  EXPECT_EQ(start(admin, {}).error(), down);
  EXPECT_EQ(execute_ddl(admin, {}).error(), down);
  EXPECT_EQ(set_up_logging(admin, "", {}, {}).error(), down);
  EXPECT_EQ(set_debugger(admin, Secret(), {}).error(), down);
}

TEST(AdminActions, AnAnswerWithoutItsFeedbackIsNoCrash) {
  FakeRuntimeAdmin admin;
  EXPECT_EQ(*about_version(admin, {}), "");
  EXPECT_EQ(*runtime_status(admin, {}), RuntimeState::kUnknown);
  EXPECT_EQ(*execute_ddl(admin, {}), std::nullopt);
  admin.answer("start", 5, R"({"users":[7,null]})");
  EXPECT_TRUE(start(admin, {})->users.empty());
}

TEST(AdminActions, ARefusedLogSubscriberOrLevelStops) {
  FakeRuntimeAdmin admin;
  admin.answer("create_log_subscriber", 1, "null", "no console");
  EXPECT_EQ(set_up_logging(admin, "", {}, {}).error().message(),
            "the runtime refused create_log_subscriber: no console");
  FakeRuntimeAdmin levels;
  levels.answer("set_log_level", 1);
  EXPECT_EQ(set_up_logging(levels, "", {{"Core", "LOUD"}}, {}).error().message(),
            "the runtime refused set_log_level: without saying why");
}

TEST(AdminActions, TheAppContainerListensWithTheAppsJettyOptions) {
  FakeRuntimeAdmin admin;
  EXPECT_TRUE(update_appcontainer(admin, 8080, Json(), {}).ok());
  EXPECT_TRUE(
      update_appcontainer(admin, 8080, Json(Json::Object{{"max_form_content_size", 1}}), {}).ok());
  EXPECT_THAT(admin.calls(),
              ElementsAre(HasSubstr(R"({"runtime_listen_addresses":"*","runtime_port":8080})"),
                          HasSubstr(R"("runtime_jetty_options":{"max_form_content_size":1})")));
}

struct StartRow {
  int result;
  StartOutcome outcome;
  const char* words;
};

TEST(AdminActions, EveryStartResultSaysWhatItMeansAndWhatToDo) {
  const StartRow rows[] = {
      {2, StartOutcome::kFailed, "database"},
      {3, StartOutcome::kStructureOutOfSync, "structure"},
      {4, StartOutcome::kFailed, "constant"},
      {5, StartOutcome::kWeakAdminPassword, "password"},
      {6, StartOutcome::kFailed, "state"},
      {7, StartOutcome::kFailed, "DTAPMode"},
      {8, StartOutcome::kFailed, "BasePath"},
      {9, StartOutcome::kFailed, "RuntimePath"},
      {10, StartOutcome::kFailed, "runtimeLicense is not sent yet"},
      {11, StartOutcome::kFailed, "security"},
      {12, StartOutcome::kFailed, "after-startup"},
      {13, StartOutcome::kFailed, "license"},
      {77, StartOutcome::kFailed, "start result 77"},
  };
  for (const StartRow& row : rows) {
    FakeRuntimeAdmin admin;
    admin.answer("start", row.result, "null", "said", "because");
    const auto report = start(admin, {});
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->outcome, row.outcome) << row.result;
    ASSERT_TRUE(report->error.has_value());
    EXPECT_THAT(report->error->message(), HasSubstr(row.words));
    EXPECT_THAT(report->error->message(), HasSubstr("the runtime says: said: because"));
  }
}

TEST(AdminActions, WrongDatabasePasswordsAreRecognisedInTheRuntimesWords) {
  for (const char* words :
       {"SQLState: 28000 ... retrying...(1/4)", "FATAL: 28P01",
        "PAM authentication failed for user", "password authentication failed for user \"shop\"",
        "Login failed for user 'shop'"}) {
    FakeRuntimeAdmin admin;
    admin.answer("start", 1, "null", "no start", words);
    EXPECT_THAT(start(admin, {})->error->message(),
                HasSubstr("correct database-username and database-password"))
        << words;
  }
}

TEST(AdminActions, WeakAdminsAreListed) {
  FakeRuntimeAdmin admin;
  admin.answer("start", 5, R"({"users":["MxAdmin","demo"]})");
  EXPECT_THAT(start(admin, {})->users, ElementsAre("MxAdmin", "demo"));
}

TEST(AdminActions, DatabaseChangesAreCountedAndRun) {
  FakeRuntimeAdmin admin;
  admin.answer("get_ddl_commands", 0, R"({"ddl_commands":["a","b"]})");
  EXPECT_EQ(*execute_ddl(admin, {}), 2U);
  EXPECT_THAT(admin.calls(),
              ElementsAre(R"(get_ddl_commands {"verbose":true})", "execute_ddl_commands {}"));
}

TEST(AdminActions, PasswordsAreSentAsJson) {
  FakeRuntimeAdmin admin;
  EXPECT_TRUE(create_admin_user(admin, Secret("a\"b"), {}).ok());
  EXPECT_TRUE(update_admin_user(admin, "MxAdmin", Secret("pw"), {}).ok());
  EXPECT_TRUE(set_debugger(admin, Secret("dbg"), {}).ok());
  EXPECT_TRUE(set_debugger(admin, Secret(), {}).ok());
  EXPECT_THAT(
      admin.calls(),
      ElementsAre(R"(create_admin_user {"password":"a\"b"})", HasSubstr(R"("username":"MxAdmin")"),
                  R"(enable_debugger {"password":"dbg"})", "disable_debugger {}"));
}

}  // namespace
}  // namespace keyferry::runtime
