#include "sidecar/runtime_starter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "catalog/value_rules.h"
#include "runtime/discreet_admin.h"
#include "runtime/fake_runtime_admin.h"

namespace keyferry::sidecar {
namespace {

using namespace std::chrono_literals;
using runtime::Role;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class RuntimeStarter : public testing::Test {
 protected:
  RuntimeStarter() {
    put({"DatabasePassword", catalog::json_text("hunter22"), runtime::Source::kStore,
         "database-password", runtime::Visibility::kHidden},
        wanted_.settings);
    wanted_.admin_password = {Secret("Admin-one-1!"), runtime::Source::kStore, "mx-admin-password"};
  }

  StartParts parts() {
    discreet_.hide(hidden_values(wanted_));
    return {discreet_, clock_, options_, stop_.get_token()};
  }
  Status started() { return start(parts(), wanted_); }

  FakeClock clock_;
  runtime::FakeRuntimeAdmin admin_;
  runtime::DiscreetAdmin discreet_{admin_};
  SidecarOptions options_;
  std::stop_source stop_;
  runtime::EffectiveSettings wanted_;
};

TEST_F(RuntimeStarter, EverythingARuntimeNeedsIsSentBeforeItsStart) {
  manifest::MendixApp app;
  app.runtime.log_autosubscribe_level = "DEBUG";
  app.runtime.log_levels = {{"Core", "TRACE"}};
  ASSERT_TRUE(configure(parts(), app, wanted_).ok());
  EXPECT_THAT(admin_.calls(),
              ElementsAre(HasSubstr(R"("autosubscribe":"DEBUG")"),
                          HasSubstr(R"("level":"TRACE","node":"Core")"), "start_logging {}",
                          HasSubstr(R"("runtime_port":8080)"),
                          R"(update_configuration {"DatabasePassword":"hunter22"})"));
}

TEST_F(RuntimeStarter, WhatIsRefusedEndsTheConfiguration) {
  const std::pair<const char*, std::vector<std::string>> rows[] = {
      {"create_log_subscriber", {"create_log_subscriber"}},
      {"start_logging", {"create_log_subscriber", "start_logging"}},
      {"update_appcontainer_configuration",
       {"create_log_subscriber", "start_logging", "update_appcontainer_configuration"}},
      {"update_configuration",
       {"create_log_subscriber", "start_logging", "update_appcontainer_configuration",
        "update_configuration"}},
  };
  for (const auto& [action, asked] : rows) {
    runtime::FakeRuntimeAdmin admin;
    admin.answer(action, 1, "null", "no hunter22");
    const Status status =
        configure({admin, clock_, options_, stop_.get_token()}, manifest::MendixApp(), wanted_);
    ASSERT_FALSE(status.ok()) << action;
    EXPECT_THAT(status.error().message(), HasSubstr(action));
    EXPECT_THAT(admin.new_actions(), ElementsAreArray(asked));
  }
}

struct ResultRow {
  int result;
  const char* words;
};

TEST_F(RuntimeStarter, ResultsThatNobodyHereCanMendEndTheStart) {
  const ResultRow rows[] = {{1, "see the app's log"},
                            {2, "the database does not exist"},
                            {4, "mx-const-Module.Name"},
                            {6, "wait where it is starting already"},
                            {7, "dtapMode"},
                            {8, "--base-path"},
                            {9, "--runtime-path"},
                            {10, "license"},
                            {11, "security is off"},
                            {12, "after-startup"},
                            {13, "mobile"},
                            {99, "start result 99"}};
  for (const Role role : {Role::kLeader, Role::kFollower}) {
    options_.role = role;
    for (const auto& row : rows) {
      admin_.answer_only("start", row.result, "null", "it says", "hunter22 and Admin-one-1!");
      admin_.new_actions();
      const Status status = started();
      ASSERT_FALSE(status.ok()) << row.result;
      EXPECT_EQ(status.error().code(), ErrorCode::kFailedPrecondition);
      EXPECT_THAT(status.error().message(), HasSubstr(row.words));
      EXPECT_THAT(status.error().message(), HasSubstr("it says: *** and ***"));
      EXPECT_THAT(admin_.new_actions(), ElementsAre("start")) << row.result;
    }
  }
}

TEST_F(RuntimeStarter, ZeroIsAStart) {
  ASSERT_TRUE(started().ok());
  EXPECT_THAT(admin_.new_actions(), ElementsAre("start"));
}

TEST_F(RuntimeStarter, TheLeaderBringsTheDatabaseUpToTheModel) {
  admin_.answer("start", 3);
  admin_.answer("start", 0);
  ASSERT_TRUE(started().ok());
  EXPECT_THAT(admin_.new_actions(),
              ElementsAre("start", "get_ddl_commands", "execute_ddl_commands", "start"));
  EXPECT_THAT(clock_.waits(), IsEmpty());
}

TEST_F(RuntimeStarter, AFollowerGivesTheLeaderTenSecondsEachTime) {
  options_.role = Role::kFollower;
  admin_.answer("start", 3);
  admin_.answer("start", 3);
  admin_.answer("start", 0);
  ASSERT_TRUE(started().ok());
  EXPECT_THAT(admin_.new_actions(), ElementsAre("start", "start", "start"));
  EXPECT_THAT(clock_.waits(), ElementsAre(10s, 10s));
}

TEST_F(RuntimeStarter, AStructureThatNeverFitsIsGivenUpAfterTenRounds) {
  admin_.answer("start", 3, "null", "out of sync");
  const Status status = started();
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("the database's structure is out of step"));
  EXPECT_EQ(admin_.calls().size(), 30U);
}

TEST_F(RuntimeStarter, ADatabaseChangeThatFailsEndsTheStartAndShowsNoValue) {
  admin_.answer("start", 3);
  admin_.answer("execute_ddl_commands", 1, "null", "no", "login as shop with hunter22");
  const Status status = started();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message(),
            "the runtime refused execute_ddl_commands: no: login as shop with ***");
  EXPECT_THAT(admin_.new_actions(),
              ElementsAre("start", "get_ddl_commands", "execute_ddl_commands"));
}

TEST_F(RuntimeStarter, WeakAdminsAreGivenTheStoresPassword) {
  admin_.answer("start", 5, R"({"users":["MxAdmin","demo"]})");
  admin_.answer("start", 3);
  admin_.answer("start", 0);
  ASSERT_TRUE(started().ok());
  EXPECT_THAT(admin_.new_actions(),
              ElementsAre("start", "update_admin_user", "update_admin_user", "start",
                          "get_ddl_commands", "execute_ddl_commands", "start"));
  EXPECT_THAT(admin_.calls()[2], HasSubstr(R"("username":"demo","password":"Admin-one-1!")"));
}

TEST_F(RuntimeStarter, WeakAdminsStayWhereThereIsNoPasswordForThem) {
  const auto refused = [&] {
    admin_.new_actions();
    const Status status = started();
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(admin_.new_actions(), ElementsAre("start")) << "asked once, not ten times";
    return status.ok() ? "" : status.error().message();
  };
  admin_.answer("start", 5, R"({"users":["MxAdmin"]})");
  options_.role = Role::kFollower;
  EXPECT_THAT(refused(), HasSubstr("password '1'")) << "the leader's business";
  options_.role = Role::kLeader;
  wanted_.admin_password.reset();
  EXPECT_THAT(refused(), HasSubstr("give mx-admin-password"));
  wanted_.admin_password = {Secret("Admin-one-1!"), runtime::Source::kStore, "mx-admin-password"};
  admin_.answer_only("start", 5, R"({"users":[]})");
  EXPECT_THAT(refused(), HasSubstr("password '1'")) << "nobody is named, so nobody can be helped";
}

TEST_F(RuntimeStarter, AWeakAdminsNewPasswordMayBeRefusedToo) {
  admin_.answer("start", 5, R"({"users":["MxAdmin"]})");
  admin_.answer("update_admin_user", 1, "null", "policy", "Admin-one-1! is too short");
  EXPECT_EQ(started().error().message(),
            "the runtime refused update_admin_user: policy: *** is too short");
}

TEST_F(RuntimeStarter, ARefusedDatabaseLoginIsRecognised) {
  for (const char* words :
       {"SQLState: 28P01", "SQLState: 28000 ... retrying...(4/4)",
        "PAM authentication failed for user \"shop\"",
        "password authentication failed for user \"shop\"", "Login failed for user 'shop'."}) {
    for (const bool in_message : {true, false}) {
      admin_.answer_only("start", 1, "null", in_message ? words : "no", in_message ? "" : words);
      EXPECT_THAT(started().error().message(),
                  HasSubstr("the database refused the login; correct database-username"))
          << words;
    }
  }
}

TEST_F(RuntimeStarter, AStopEndsTheRounds) {
  options_.role = Role::kFollower;
  admin_.answer("start", 3);
  stop_.request_stop();
  const Status status = started();
  EXPECT_EQ(status.error().code(), ErrorCode::kCancelled);
  EXPECT_THAT(admin_.calls(), IsEmpty());
}

TEST_F(RuntimeStarter, AStartThatCannotBeAskedForIsThatError) {
  const Error cut(ErrorCode::kUnavailable, "connection closed");
  admin_.answer("start", cut);
  EXPECT_EQ(started().error(), cut);
}

TEST_F(RuntimeStarter, TheAdminIsUpdatedOrElseMade) {
  const Secret password("Admin-one-1!");
  ASSERT_TRUE(set_admin(parts(), password).ok());
  EXPECT_THAT(admin_.new_actions(), ElementsAre("update_admin_user"));
  admin_.answer("update_admin_user", 1, "null", "no such user");
  ASSERT_TRUE(set_admin(parts(), password).ok());
  EXPECT_THAT(admin_.new_actions(), ElementsAre("update_admin_user", "create_admin_user"));
}

// The refusal of the second action alone was told: "user exists" for a password against the policy.
TEST_F(RuntimeStarter, ThePolicysWordsAreNotHiddenBehindAUserThatExists) {
  admin_.answer("update_admin_user", 1, "null", "needs a digit, Admin-one-1! has none");
  admin_.answer("create_admin_user", 1, "null", "user exists");
  const Status status = set_admin(parts(), Secret("Admin-one-1!"));
  EXPECT_EQ(status.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(status.error().message(),
            "the runtime refused update_admin_user: needs a digit, *** has none; the runtime "
            "refused create_admin_user: user exists");
}

// A runtime that only could not be asked was then told to make a user that it has.
TEST_F(RuntimeStarter, OnlyARefusalLeadsToANewAdmin) {
  for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kDeadlineExceeded,
                               ErrorCode::kPermissionDenied, ErrorCode::kCancelled}) {
    admin_.answer_only("update_admin_user", Error(code, "not asked"));
    EXPECT_EQ(set_admin(parts(), Secret("Admin-one-1!")).error().message(), "not asked");
    EXPECT_THAT(admin_.new_actions(), ElementsAre("update_admin_user"));
  }
}

TEST_F(RuntimeStarter, AnAdminThatCouldNotBeMadeIsThatError) {
  admin_.answer("update_admin_user", 1, "null", "no such user");
  admin_.answer("create_admin_user", Error(ErrorCode::kUnavailable, "gone"));
  EXPECT_EQ(set_admin(parts(), Secret("Admin-one-1!")).error().message(), "gone");
}

}  // namespace
}  // namespace keyferry::sidecar
