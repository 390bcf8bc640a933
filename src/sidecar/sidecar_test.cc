#include "sidecar/sidecar.h"

#include <gmock/gmock.h>

#include "sidecar/sidecar_fixture.h"

namespace keyferry::sidecar {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using SidecarTest = SidecarFixture;

TEST_F(SidecarTest, AnAppIsBroughtUpInTheOrderTheRuntimeNeeds) {
  write(good_files());
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(admin_.new_actions(),
              ElementsAre("echo", "about", "runtime_status", "create_log_subscriber",
                          "start_logging", "update_appcontainer_configuration",
                          "update_configuration", "start", "update_admin_user", "enable_debugger"));
  EXPECT_THAT(last_call("update_configuration"),
              AllOf(HasSubstr(R"("DatabasePassword":"pw-one!")"), HasSubstr(R"("DTAPMode":"P")"),
                    HasSubstr(R"("MicroflowConstants":{"Shop.Title":"title-one"})")));
  EXPECT_THAT(last_call("update_admin_user"), HasSubstr("Admin-one-1!"));
  const auto report = board_.read();
  EXPECT_EQ(report->phase, Phase::kRunning);
  EXPECT_EQ(report->runtime_version, "10.24.14.5");
  EXPECT_FALSE(report->degraded());
  EXPECT_EQ(report->app, "MendixApp shop");
  EXPECT_EQ(report->role, "leader");
  EXPECT_EQ(report->generation, *volume_.dir().read_link("..data"));
}

TEST_F(SidecarTest, PathsOfTheCommandLineAreSentAsSettings) {
  options_.base_path = "/opt/app";
  options_.runtime_path = "/opt/runtime";
  options_.runtime_port = 8081;
  write(good_files());
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(last_call("update_configuration"), AllOf(HasSubstr(R"("BasePath":"/opt/app")"),
                                                       HasSubstr(R"("RuntimePath":"/opt/run)")));
  EXPECT_THAT(last_call("update_appcontainer_configuration"), HasSubstr("8081"));
}

const Files kGlobalBucket = {{"storage-service-name", "com.mendix.storage.s3"},
                             {"storage-endpoint", "https://bucket.s3.amazonaws.com"},
                             {"storage-bucket-name", "folder"},
                             {"storage-access-key-id", "AKIA"},
                             {"storage-secret-access-key", "a-key"}};

TEST_F(SidecarTest, ABucketWithAGlobalNameIsAskedWhereItIsOncePerStart) {
  http_.answer("HEAD https://bucket.s3.amazonaws.com", 403, "",
               {{"x-amz-bucket-region", "eu-central-1"}});
  write(good_files(kGlobalBucket));
  watch_.change([&] { write(good_files(kGlobalBucket)); });
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(last_call("update_configuration"),
              HasSubstr(R"("com.mendix.storage.s3.Region":"eu-central-1")"));
  EXPECT_EQ(http_.sent().size(), 1U);
  EXPECT_THAT(board_.read()->pending_restart, IsEmpty());
}

// The region of the last start's bucket was once sent for another one that did not answer.
TEST_F(SidecarTest, TheRegionOfOneBucketIsNotThatOfTheNext) {
  http_.answer("HEAD https://bucket.s3.amazonaws.com", 403, "",
               {{"x-amz-bucket-region", "eu-central-1"}});
  http_.fail("HEAD https://other.s3.amazonaws.com", Error(ErrorCode::kUnavailable, "no route"));
  write(good_files(kGlobalBucket));
  watch_.pass_time([&] {
    Files files = kGlobalBucket;
    files["storage-endpoint"] = "https://other.s3.amazonaws.com";
    write(good_files(files));
    state("created");
    then_state("created");
    then_state("running");
  });
  watch_.pass_time();
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(count_of("start"), 2);
  EXPECT_THAT(last_call("update_configuration"),
              AllOf(HasSubstr("https://other.s3.amazonaws.com"),
                    HasSubstr(R"("com.mendix.storage.s3.Region":"us-east-1")")));
}

TEST_F(SidecarTest, ABucketThatDoesNotAnswerLeavesTheGuess) {
  http_.fail("HEAD https://bucket.s3.amazonaws.com", Error(ErrorCode::kUnavailable, "no route"));
  write(good_files(kGlobalBucket));
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(last_call("update_configuration"),
              HasSubstr(R"("com.mendix.storage.s3.Region":"us-east-1")"));
}

TEST_F(SidecarTest, TheRuntimeIsNotTouchedBeforeTheFilesAreGood) {
  watch_.change([&] { write(good_files({{"database-type", "mongodb"}})); });
  watch_.change([&] {
    EXPECT_THAT(trouble(), HasSubstr("database-type"));
    EXPECT_THAT(admin_.calls(), IsEmpty());
    EXPECT_EQ(board_.read()->phase, Phase::kWaitingForSecrets);
    write(good_files());
  });
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(trouble(), "");
  EXPECT_EQ(count_of("start"), 1);
}

TEST_F(SidecarTest, AnEmptyFolderSaysWhereFilesComeFrom) {
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(trouble(), AllOf(HasSubstr("no secret files in"), HasSubstr("SecretProviderClass")));
}

TEST_F(SidecarTest, ANewPasswordGoesLiveAndNothingElseIsSent) {
  write(good_files());
  watch_.change([&] {
    admin_.new_actions();
    write(good_files({{"database-password", "pw-two!"}}));
  });
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(admin_.new_actions(), ElementsAre("update_configuration"));
  EXPECT_EQ(last_call("update_configuration"),
            R"(update_configuration {"DatabasePassword":"pw-two!"})");
  const auto report = board_.read();
  ASSERT_TRUE(report->last_rotation.has_value());
  EXPECT_THAT(report->last_rotation->applied, ElementsAre("DatabasePassword"));
  EXPECT_EQ(report->generation, *volume_.dir().read_link("..data"));
}

TEST_F(SidecarTest, PasswordsOfAdminAndDebuggerGoLive) {
  write(good_files());
  watch_.change([&] {
    write(good_files({{"mx-admin-password", "Admin-two-2!"}, {"mx-debugger-password", ""}}));
  });
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(last_call("update_admin_user"), HasSubstr("Admin-two-2!"));
  EXPECT_EQ(count_of("disable_debugger"), 1);
  EXPECT_THAT(board_.read()->last_rotation->applied,
              ElementsAre("MxAdmin password", "debugger password"));
}

TEST_F(SidecarTest, ABadSetNeverReplacesTheGoodOneAndAGoodOneEndsTheTrouble) {
  write(good_files());
  std::string good;
  watch_.change([&] {
    good = board_.read()->generation;
    admin_.new_actions();
    write(good_files({{"database-password", ""}}));
  });
  watch_.change([&] {
    EXPECT_THAT(trouble(), HasSubstr("database-password"));
    EXPECT_EQ(board_.read()->generation, good) << "the set in use is still the good one";
    EXPECT_EQ(board_.read()->phase, Phase::kRunning);
    EXPECT_THAT(admin_.new_actions(), IsEmpty());
    EXPECT_THAT(metrics_text(), HasSubstr(R"(keyferry_sidecar_sets_total{outcome="refused"} 1)"));
    write(good_files({{"database-password", "pw-two!"}}));
  });
  ASSERT_TRUE(run().ok());
  EXPECT_FALSE(board_.read()->degraded());
  EXPECT_THAT(last_call("update_configuration"), HasSubstr("pw-two!"));
  EXPECT_EQ(count_of("start"), 1);
}

TEST_F(SidecarTest, ABadSetIsLookedAtAgainWithoutHammering) {
  write(good_files());
  watch_.change([&] { write(good_files({{"database-password", ""}})); });
  for (int i = 0; i < 9; ++i) watch_.pass_time();
  ASSERT_TRUE(run().ok());
  // After the start; after the bad set and each look at it since.
  EXPECT_THAT(watch_.waits(),
              ElementsAre(5s, 100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5s, 5s, 5s, 5s));
  EXPECT_THAT(metrics_text(), HasSubstr(R"(keyferry_sidecar_sets_total{outcome="refused"} 1)"))
      << "one bad set is counted once";
}

TEST_F(SidecarTest, ARestartThatIsNeededIsSaidAndTakenBack) {
  write(good_files());
  watch_.change([&] { write(good_files({{"mx-const-Shop.Title", "title-two"}})); });
  watch_.change([&] {
    const auto& pending = board_.read()->pending_restart;
    ASSERT_EQ(pending.size(), 1U);
    EXPECT_EQ(pending[0].name, "constant Shop.Title");
    EXPECT_FALSE(board_.read()->degraded());
    EXPECT_EQ(count_of("update_configuration"), 1) << "only the one of the start";
    write(good_files());
  });
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(board_.read()->pending_restart, IsEmpty());
}

TEST_F(SidecarTest, NewsAreLoggedOnceNotAtEveryLook) {
  write(good_files());
  watch_.change([&] {
    write(good_files({{"mx-const-Shop.Title", "title-two"}, {"database-password", "(gone)"}}));
  });
  options_.file_poll = 1s;
  for (int i = 0; i < 3; ++i) watch_.pass_time();
  testing::internal::CaptureStderr();
  ASSERT_TRUE(run().ok());
  const std::string log = testing::internal::GetCapturedStderr();
  const auto times = [&](std::string_view text) {
    int count = 0;
    for (auto at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(times("needs a restart, because"), 1) << log;
  // A kept value was said again at every look, each half minute.
  EXPECT_EQ(times("the last one stays in use"), 1) << log;
  EXPECT_THAT(board_.read()->kept_values, ElementsAre("DatabasePassword"));
  for (const auto& [name, value] : good_files()) {
    const bool secret = name.ends_with("password") || name.starts_with("mx-const");
    EXPECT_TRUE(!secret || times(value) == 0) << name;
  }
}

TEST_F(SidecarTest, ARuntimeThatWasRestartedIsBroughtUpAnew) {
  for (const char* seen : {"created", "stopped"}) {
    write(good_files());
    watch_.pass_time([&] {
      admin_.new_actions();
      state(seen);
      then_state(seen);  // once when it is noticed, once when it is brought up
      then_state("running");
    });
    state("created");
    then_state("running");
    ASSERT_TRUE(run().ok());
    EXPECT_THAT(
        admin_.new_actions(),
        ElementsAre("runtime_status", "echo", "about", "runtime_status", "create_log_subscriber",
                    "start_logging", "update_appcontainer_configuration", "update_configuration",
                    "start", "update_admin_user", "enable_debugger"))
        << seen;
  }
}

// A runtime that some other hand starts was taken for the one we had started, because only created
// and stopped were looked for. What it was started with is not known, so no credential is sent.
TEST_F(SidecarTest, ARuntimeThatAnotherHandStartedIsNotTakenForOurs) {
  keep_state();
  write(good_files());
  watch_.pass_time([&] {
    admin_.new_actions();
    state("starting");
    then_state("running");
  });
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(admin_.new_actions(), ElementsAre("runtime_status", "echo", "about", "runtime_status",
                                                "update_admin_user", "enable_debugger"));
  EXPECT_EQ(count_of("start"), 1);
  EXPECT_FALSE(board_.read()->past_known);
  EXPECT_THAT(std::move(state_->dir().list()).value(), IsEmpty())
      << "the record is of another start";
}

// A sidecar that was restarted alone sent the database password of the newest set to whatever it
// found running. Where user and password had changed together, which waits for a restart, the
// runtime then had the old user with the new password, and every new connection failed.
TEST_F(SidecarTest, ARunningRuntimeIsAdoptedWithoutAStart) {
  const std::string send_two = R"(update_configuration {"DatabasePassword":"pw-two!"})";
  struct Row {
    const char* title;
    bool state;  // whether the sidecar before left its state
    Files changes;
    std::string sent;  // the one update_configuration, "" for none
    std::vector<std::string> pending;
  };
  const Row rows[] = {
      {"same set", true, {}, "", {}},
      {"password only", true, {{"database-password", "pw-two!"}}, send_two, {}},
      {"user and password",
       true,
       {{"database-username", "shop-2"}, {"database-password", "pw-two!"}},
       "",
       {"DatabasePassword", "DatabaseUserName"}},
      {"a constant", true, {{"mx-const-Shop.Title", "title-two"}}, "", {"constant Shop.Title"}},
      {"no state", false, {}, "", {}},
      {"no state, password only", false, {{"database-password", "pw-two!"}}, "", {}},
      {"no state, user and password",
       false,
       {{"database-username", "shop-2"}, {"database-password", "pw-two!"}},
       "",
       {}},
  };
  for (const Row& row : rows) {
    state_.reset();
    if (row.state) keep_state();
    state("created");
    then_state("running");
    write(good_files());
    run_and_be_restarted();
    write(good_files(row.changes));
    const auto before = admin_.calls().size();
    ASSERT_TRUE(run().ok());
    std::vector<std::string> actions = {
        "echo",           "about", "runtime_status", "update_configuration", "update_admin_user",
        "enable_debugger"};
    if (row.sent.empty()) actions.erase(actions.begin() + 3);
    EXPECT_EQ(admin_.new_actions(), actions) << row.title;
    EXPECT_EQ(row.sent.empty() ? "" : admin_.calls()[before + 3], row.sent) << row.title;
    std::vector<std::string> pending;
    for (const auto& one : board_.read()->pending_restart) pending.push_back(one.name);
    EXPECT_EQ(pending, row.pending) << row.title;
    EXPECT_EQ(board_.read()->past_known, row.state) << row.title;
    EXPECT_EQ(board_.read()->phase, Phase::kRunning) << row.title;
  }
}

TEST_F(SidecarTest, WhatWentLiveIsRememberedAndARestartThatPendsIsTakenBackAfterwardsToo) {
  keep_state();
  write(good_files());
  watch_.change([&] {
    write(good_files({{"database-password", "pw-two!"}, {"mx-const-Shop.Title", "title-two"}}));
  });
  run_and_be_restarted();
  watch_.change([&] {
    EXPECT_THAT(admin_.new_actions(), testing::Not(testing::Contains("update_configuration")));
    ASSERT_EQ(board_.read()->pending_restart.size(), 1U);
    EXPECT_EQ(board_.read()->pending_restart[0].name, "constant Shop.Title");
    write(good_files({{"database-password", "pw-three!"}}));
  });
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(board_.read()->pending_restart, IsEmpty());
  EXPECT_EQ(last_call("update_configuration"),
            R"(update_configuration {"DatabasePassword":"pw-three!"})");
}

TEST_F(SidecarTest, APastThatIsNotKnownIsSaidOnceAndOverWithTheNextStart) {
  state("running");
  write(good_files());
  watch_.pass_time([&] {
    EXPECT_NE(to_json(*board_.read(), clock_.steady_now()).find("pendingRestartNote"), nullptr);
    state("created");
    then_state("created");
    then_state("running");
  });
  testing::internal::CaptureStderr();
  ASSERT_TRUE(run().ok());
  const std::string log = testing::internal::GetCapturedStderr();
  const auto said = log.find("what it was started with is not known");
  EXPECT_NE(said, std::string::npos);
  EXPECT_EQ(log.find("what it was started with is not known", said + 1), std::string::npos);
  EXPECT_EQ(to_json(*board_.read(), clock_.steady_now()).find("pendingRestartNote"), nullptr);
}

// A start that failed may have left anything: what was known of the one before is no help.
TEST_F(SidecarTest, BeforeAStartTheStateIsForgotten) {
  keep_state();
  write(good_files());
  run_and_be_restarted();
  state("created");
  admin_.answer_only("start", 12, "null", "after-startup failed");
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(std::move(state_->dir().list()).value(), IsEmpty());
}

TEST_F(SidecarTest, AnAdoptedRuntimeTooOldForALivePasswordGetsNone) {
  keep_state();
  admin_.answer_only("about", 0, R"({"version":"9.21.0.1"})");
  write(good_files());
  run_and_be_restarted();
  write(good_files({{"database-password", "pw-two!"}}));
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(count_of("update_configuration"), 1) << "only the one of the start";
  ASSERT_EQ(board_.read()->pending_restart.size(), 1U);
  EXPECT_EQ(board_.read()->pending_restart[0].name, "DatabasePassword");
}

// The sidecar that was there before may have enabled the debugger; a store that says off, or says
// nothing any more, left it on for ever, with a password that was meant to be withdrawn.
TEST_F(SidecarTest, TheDebuggerOfAnAdoptedRuntimeIsTurnedOffWhenNobodyWantsIt) {
  for (const char* text : {"", "(gone)"}) {
    state("running");
    write(good_files({{"mx-debugger-password", text}}));
    watch_.change();
    ASSERT_TRUE(run().ok());
    const auto actions = admin_.new_actions();
    EXPECT_EQ(std::count(actions.begin(), actions.end(), "disable_debugger"), 1);
    EXPECT_EQ(std::count(actions.begin(), actions.end(), "enable_debugger"), 0);
    EXPECT_THAT(board_.read()->last_rotation->applied, ElementsAre("MxAdmin password"));
  }
}

TEST_F(SidecarTest, ADebuggerThatCouldNotBeTurnedOffIsTriedAgain) {
  state("running");
  write(good_files({{"mx-debugger-password", ""}}));
  admin_.answer("disable_debugger", Error(ErrorCode::kUnavailable, "busy"));
  admin_.answer("disable_debugger", 0);
  watch_.pass_time([&] { EXPECT_EQ(trouble(), "mx-debugger-password: busy"); });
  watch_.pass_time();
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(count_of("disable_debugger"), 2);
  EXPECT_EQ(trouble(), "");
}

TEST_F(SidecarTest, AFollowerLeavesTheAdminAndTheDatabaseAlone) {
  options_.role = runtime::Role::kFollower;
  write(good_files());
  admin_.answer("start", 3);
  admin_.answer("start", 3);
  admin_.answer("start", 0);
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(count_of("update_admin_user") + count_of("create_admin_user"), 0);
  EXPECT_EQ(count_of("execute_ddl_commands"), 0);
  EXPECT_EQ(count_of("enable_debugger"), 1) << "the debugger is each runtime's own";
  EXPECT_THAT(clock_.waits(), ElementsAre(10s, 10s)) << "the leader is given time";
  EXPECT_EQ(board_.read()->role, "follower");
  EXPECT_THAT(last_call("update_configuration"), HasSubstr("isClusterSlave"));
}

TEST_F(SidecarTest, WithoutTheOverrideNoFileIsRead) {
  app_.allow_override = false;
  options_.secrets_dir = volume_.path() + "/none";
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(board_.read()->phase, Phase::kRunning);
  EXPECT_THAT(last_call("update_configuration"), Not(HasSubstr("Database")));
}

TEST_F(SidecarTest, AStopEndsItBeforeTheRuntimeIsTouched) {
  write(good_files());
  stop_.request_stop();
  EXPECT_TRUE(run().ok());
  EXPECT_THAT(admin_.calls(), IsEmpty());
}

TEST_F(SidecarTest, BetweenLooksAtTheFilesOnlyTheRuntimeIsLookedAt) {
  write(good_files());
  for (int i = 0; i < 5; ++i) watch_.pass_time();
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(count_of("runtime_status"), 6);
  EXPECT_THAT(metrics_text(), HasSubstr(R"(sets_total{outcome="applied"} 1)"));
  EXPECT_THAT(metrics_text(), HasSubstr(R"(sets_total{outcome="unchanged"} 0)"));
}

TEST_F(SidecarTest, FilesAreLookedAtAgainEvenIfNoChangeWasNoticed) {
  write(good_files());
  for (int i = 0; i < 6; ++i) watch_.pass_time();  // 30 s
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(metrics_text(), HasSubstr(R"(sets_total{outcome="unchanged"} 1)"));
}

}  // namespace
}  // namespace keyferry::sidecar
