// What the sidecar does when the runtime, the store or the machine does not do what it should.
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

using SidecarTrouble = SidecarFixture;

const Error kDown(ErrorCode::kUnavailable, "connection refused");

TEST_F(SidecarTrouble, ARuntimeThatIsNotThereYetIsWaitedFor) {
  admin_.answer("echo", kDown);
  admin_.answer("echo", kDown);
  admin_.answer("echo", 0);
  write(good_files());
  watch_.pass_time([&] { EXPECT_EQ(board_.read()->phase, Phase::kWaitingForRuntime); });
  watch_.pass_time();
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(admin_.new_actions(), testing::Contains("start"));
  EXPECT_EQ(trouble(), "");
  EXPECT_THAT(watch_.waits(), ElementsAre(100ms, 200ms, 5s));
}

TEST_F(SidecarTrouble, TroubleAtStartForTooLongIsGivenUp) {
  admin_.answer("echo", kDown);
  admin_.answer_only("runtime_status", kDown);
  write(good_files());
  options_.give_up = 1s;
  for (int i = 0; i < 10; ++i) watch_.pass_time();
  const Status status = run();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message(), "gave up starting the app: connection refused");
  EXPECT_EQ(status.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(watch_.waits(), ElementsAre(100ms, 200ms, 400ms, 800ms));
}

// A sidecar that was restarted beside a running app and found a bad set gave up after ten minutes,
// and again after each restart: a bad new set ended what a good old one had started.
TEST_F(SidecarTrouble, BesideARunningAppNothingIsGivenUp) {
  state("running");
  write(good_files({{"database-type", "mongodb"}}));
  options_.give_up = 1s;
  for (int i = 0; i < 10; ++i) watch_.pass_time();
  watch_.change([&] {
    EXPECT_TRUE(board_.read()->degraded());
    write(good_files());
  });
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(board_.read()->phase, Phase::kRunning);
  EXPECT_EQ(count_of("start"), 0);
}

TEST_F(SidecarTrouble, AnAppThatRanOnceIsGivenItsWholeTimeAgain) {
  options_.give_up = 10s;
  write(good_files());
  for (int i = 0; i < 4; ++i) watch_.pass_time();  // 20 s of good running
  watch_.pass_time([&] {
    state("created");
    admin_.answer_only("start", 12, "null", "after-startup failed");
  });
  for (int i = 0; i < 4; ++i) watch_.pass_time();
  EXPECT_TRUE(run().ok()) << "only 1.5 s of trouble since the restart";
  EXPECT_THAT(trouble(), HasSubstr("after-startup microflow failed"));
}

// It was once taken for a login by identity in silence: the app then failed for lack of a password.
TEST_F(SidecarTrouble, ADatabaseWithoutAPasswordIsNotStartedInSilence) {
  write(good_files({{"database-password", "(gone)"}}));
  options_.give_up = 1s;
  for (int i = 0; i < 10; ++i) watch_.pass_time();
  const auto status = run();
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("database-password: is missing"));
  EXPECT_THAT(status.error().message(), HasSubstr("add it to the store"));
}

// A start that fails half-way (weak admin, structure) leaves the runtime starting. The sidecar then
// waited until it could be started, which it never said again.
TEST_F(SidecarTrouble, ARuntimeThatStartedHalfWayIsStartedAgain) {
  state("created");
  then_state("starting");
  then_state("running");
  admin_.answer("start", 5, R"({"users":["MxAdmin"]})");
  admin_.answer("start", 0);
  write(good_files({{"mx-admin-password", "(gone)"}}));
  watch_.change([&] {
    EXPECT_THAT(trouble(), HasSubstr("give mx-admin-password"));
    EXPECT_EQ(board_.read()->phase, Phase::kStarting);
    write(good_files());
  });
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(count_of("start"), 2);
  EXPECT_EQ(board_.read()->phase, Phase::kRunning);
}

TEST_F(SidecarTrouble, ARuntimeOnItsWayDownIsWaitedFor) {
  for (const char* seen : {"stopping", "broken", "dreaming"}) {
    state(seen);
    then_state("created");
    then_state("running");
    write(good_files());
    watch_.pass_time([&] { EXPECT_THAT(trouble(), HasSubstr("waiting until it can be started")); });
    ASSERT_TRUE(run().ok());
    EXPECT_EQ(board_.read()->phase, Phase::kRunning) << seen;
  }
}

TEST_F(SidecarTrouble, ARuntimeThatBrokeIsSaidAndNotTalkedTo) {
  write(good_files());
  watch_.pass_time([&] {
    admin_.new_actions();
    state("broken");
    write(good_files({{"database-password", "pw-two!"}}));
  });
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(trouble(), "the runtime is broken; restart its container");
  EXPECT_EQ(board_.read()->phase, Phase::kRuntimeBroken);
  EXPECT_THAT(metrics_text(), HasSubstr("keyferry_sidecar_running 0"));
  EXPECT_THAT(admin_.new_actions(), ElementsAre("runtime_status"));
}

TEST_F(SidecarTrouble, ARuntimeThatAnswersNothingIsAskedWithoutHammering) {
  write(good_files());
  watch_.pass_time([&] {
    admin_.new_actions();
    admin_.answer_only("runtime_status", kDown);
  });
  for (int i = 0; i < 8; ++i) watch_.pass_time();
  ASSERT_TRUE(run().ok()) << "an app that ran is never given up";
  EXPECT_THAT(admin_.new_actions(),
              ElementsAre("runtime_status", "runtime_status", "runtime_status", "runtime_status",
                          "runtime_status", "runtime_status", "runtime_status", "runtime_status",
                          "runtime_status"));
  EXPECT_EQ(watch_.waits().back(), Duration(5s));
  EXPECT_EQ(trouble(), "connection refused");
}

TEST_F(SidecarTrouble, ASickRuntimesWordsAreReportedOnceWithoutValues) {
  write(good_files());
  const auto sick = [&] { board_.note_diagnosis(Secret("login with pw-one! failed")); };
  watch_.pass_time(sick);
  watch_.pass_time(sick);
  watch_.pass_time([&] {
    EXPECT_EQ(to_json(*board_.read(), clock_.steady_now()).text_of("diagnosis"),
              "login with *** failed");
    board_.note_diagnosis(Secret());
  });
  testing::internal::CaptureStderr();
  ASSERT_TRUE(run().ok());
  const std::string log = testing::internal::GetCapturedStderr();
  const auto said = log.find("login with *** failed");
  EXPECT_NE(said, std::string::npos) << log;
  EXPECT_EQ(log.find("login with *** failed", said + 1), std::string::npos);
  EXPECT_THAT(log, Not(HasSubstr("pw-one!")));
  EXPECT_EQ(board_.read()->diagnosis, "");
}

// What it was started with cannot be blotted out where it is not known.
TEST_F(SidecarTrouble, WordsThatMayHoldAValueOfBeforeAreNotShown) {
  for (const bool remembered : {false, true}) {
    state_.reset();
    if (remembered) keep_state();
    state("created");
    then_state("running");
    write(good_files());
    run_and_be_restarted();
    write(good_files({{"mx-const-Shop.Title", "title-two"}}));
    watch_.pass_time([&] { board_.note_diagnosis(Secret("no 'title-one' anywhere")); });
    ASSERT_TRUE(run().ok());
    EXPECT_THAT(board_.read()->diagnosis, testing::StartsWith("not shown: ")) << remembered;
  }
}

// A runtime that was gone was shown as running, in the status and as keyferry_sidecar_running.
TEST_F(SidecarTrouble, ARuntimeThatAnswersNothingIsNotShownAsRunning) {
  write(good_files());
  watch_.pass_time([&] {
    EXPECT_EQ(board_.read()->phase, Phase::kRunning);
    admin_.answer_only("runtime_status", kDown);
  });
  watch_.pass_time([&] {
    EXPECT_EQ(board_.read()->phase, Phase::kRuntimeUnreachable);
    EXPECT_THAT(metrics_text(), HasSubstr("keyferry_sidecar_running 0"));
    state("running");
    write(good_files({{"database-password", ""}}));
  });
  watch_.pass_time([&] {
    EXPECT_EQ(board_.read()->phase, Phase::kRunning) << "it answers; only the new set is bad";
    EXPECT_THAT(metrics_text(), HasSubstr("keyferry_sidecar_running 1"));
  });
  ASSERT_TRUE(run().ok());
}

// Whoever waited for "running" could find an app without its MxAdmin.
TEST_F(SidecarTrouble, AnAppIsNotSaidToRunBeforeItsPasswordsAreSet) {
  struct Looker final : runtime::RuntimeAdmin {
    runtime::FakeRuntimeAdmin& below;
    StatusBoard& board;
    Looker(runtime::FakeRuntimeAdmin& admin, StatusBoard& status) : below(admin), board(status) {}
    Result<runtime::AdminReply> call(std::string_view action, const Secret& params,
                                     Deadline deadline) override {
      EXPECT_NE(board.read()->phase, Phase::kRunning) << action;
      return below.call(action, params, deadline);
    }
  } admin(admin_, board_);
  write(good_files());
  Sidecar sidecar({options_, app_, constants_, admin, board_, metrics_, clock_, watch_, http_});
  EXPECT_TRUE(sidecar.run(stop_.get_token()).ok());
  EXPECT_EQ(count_of("enable_debugger"), 1);
  EXPECT_EQ(board_.read()->phase, Phase::kRunning);
}

TEST_F(SidecarTrouble, ARefusedPasswordIsTriedAgainAndShowsNoValue) {
  write(good_files());
  watch_.change([&] {
    admin_.answer_only("update_configuration", 1, "null", "no", "the driver says no to pw-two!");
    write(good_files({{"database-password", "pw-two!"}}));
  });
  watch_.pass_time([&] {
    EXPECT_EQ(trouble(), "the runtime refused update_configuration: no: the driver says no to ***");
    admin_.answer_only("update_configuration", 0);
  });
  ASSERT_TRUE(run().ok());
  EXPECT_FALSE(board_.read()->degraded());
  EXPECT_EQ(count_of("update_configuration"), 3);
}

TEST_F(SidecarTrouble, APasswordAgainstThePolicyIsToldInTheRuntimesWordsWithoutIt) {
  admin_.answer("update_admin_user", 1, "null", "Password not set",
                "'Admin-one-1!' needs at least 14 characters");
  admin_.answer("create_admin_user", 1, "null", "user 'MxAdmin' exists");
  write(good_files());
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(
      trouble(),
      "mx-admin-password: the runtime refused update_admin_user: Password not set: '***' needs "
      "at least 14 characters; the runtime refused create_admin_user: user 'MxAdmin' exists");
  EXPECT_EQ(count_of("enable_debugger"), 1) << "the debugger is set all the same";
  EXPECT_EQ(board_.read()->phase, Phase::kSettingPasswords);
}

// Values of the set before, still good for a login, stood in the log and the status.
TEST_F(SidecarTrouble, ARefusalQuotesNeitherTheNewSetNorTheOneInUse) {
  const char* words = "pw-one! pw-two! Admin-one-1! Admin-two-2! debug-1 debug-2";
  write(good_files());
  watch_.change([&] {
    for (const char* action :
         {"update_configuration", "update_admin_user", "create_admin_user", "enable_debugger"}) {
      admin_.answer_only(action, 1, "null", words);
    }
    write(good_files({{"database-password", "pw-two!"},
                      {"mx-admin-password", "Admin-two-2!"},
                      {"mx-debugger-password", "debug-2"}}));
  });
  watch_.pass_time([&] {
    EXPECT_EQ(trouble(), "the runtime refused update_configuration: *** *** *** *** *** ***");
    admin_.answer_only("update_configuration", 0);
  });
  watch_.pass_time([&] {
    EXPECT_EQ(trouble(),
              "mx-admin-password: the runtime refused update_admin_user: *** *** *** *** *** ***; "
              "the runtime refused create_admin_user: *** *** *** *** *** ***");
    admin_.answer_only("update_admin_user", 0);
  });
  watch_.pass_time([&] {
    EXPECT_EQ(trouble(),
              "mx-debugger-password: the runtime refused enable_debugger: *** *** *** "
              "*** *** ***");
    admin_.answer_only("enable_debugger", 0);
  });
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(trouble(), "");
}

// A set that the runtime refuses a part of held up the passwords of the same set.
TEST_F(SidecarTrouble, PasswordsAreSetAlsoWhereSettingsAreRefused) {
  write(good_files());
  watch_.change([&] {
    admin_.answer_only("update_configuration", 1, "null", "no");
    write(good_files({{"database-password", "pw-two!"},
                      {"mx-admin-password", "Admin-two-2!"},
                      {"mx-const-Shop.Title", "title-two"}}));
  });
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(trouble(), "the runtime refused update_configuration: no");
  EXPECT_THAT(last_call("update_admin_user"), HasSubstr("Admin-two-2!"));
  EXPECT_THAT(board_.read()->last_rotation->applied, ElementsAre("MxAdmin password"));
  EXPECT_EQ(board_.read()->pending_restart.size(), 1U);
}

// Each try of the same set was counted.
TEST_F(SidecarTrouble, ASetThatIsRefusedAgainAndAgainIsCountedOnce) {
  const char* once = R"(keyferry_sidecar_sets_total{outcome="refused"} 1)";
  write(good_files());
  watch_.change([&] {
    admin_.answer_only("update_configuration", 1, "null", "no");
    write(good_files({{"database-password", "pw-two!"}}));
  });
  for (int i = 0; i < 3; ++i) watch_.pass_time();
  watch_.change([&] {
    EXPECT_THAT(metrics_text(), HasSubstr(once));
    admin_.answer_only("update_configuration", 0);
    admin_.answer_only("update_admin_user", 1, "null", "too weak");
    admin_.answer_only("create_admin_user", 1, "null", "too weak");
  });
  watch_.pass_time();
  watch_.change([&] {
    EXPECT_THAT(metrics_text(), HasSubstr(once)) << "still of the same set";
    write(good_files({{"database-password", "pw-two!"}, {"mx-admin-password", "Admin-two-2!"}}));
  });
  watch_.pass_time();
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(trouble(), testing::StartsWith("mx-admin-password: "));
  EXPECT_THAT(metrics_text(), HasSubstr(R"(keyferry_sidecar_sets_total{outcome="refused"} 2)"));
}

// What had gone live beside a refused password was neither logged nor in the status, and never
// would be: at the next look there was nothing left to apply.
TEST_F(SidecarTrouble, WhatWentLiveBesideARefusedPasswordIsReported) {
  write(good_files());
  watch_.change([&] {
    admin_.answer_only("update_admin_user", 1, "null", "too weak");
    admin_.answer_only("create_admin_user", 1, "null", "too weak");
    write(good_files({{"database-password", "pw-two!"}, {"mx-admin-password", "Admin-two-2!"}}));
  });
  ASSERT_TRUE(run().ok());
  EXPECT_THAT(board_.read()->last_rotation->applied, ElementsAre("DatabasePassword"));
  EXPECT_THAT(trouble(), HasSubstr("too weak"));
}

TEST_F(SidecarTrouble, AWrongDatabasePasswordIsSaidAndTheRightOneStartsTheApp) {
  state("created");
  then_state("created");
  then_state("running");
  admin_.answer("start", 1, "null", "no database", "SQLState: 28P01 for user shop with pw-one!");
  admin_.answer("start", 0);
  write(good_files());
  watch_.change([&] {
    EXPECT_THAT(trouble(), AllOf(HasSubstr("correct database-username and database-password"),
                                 Not(HasSubstr("pw-one!"))));
    EXPECT_THAT(metrics_text(), HasSubstr(R"(runtime_starts_total{outcome="refused"} 1)"));
    write(good_files({{"database-password", "pw-two!"}}));
  });
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(trouble(), "");
  EXPECT_THAT(metrics_text(), HasSubstr(R"(runtime_starts_total{outcome="applied"} 1)"));
}

TEST_F(SidecarTrouble, AStopInTheMiddleOfAStartIsNoError) {
  options_.role = runtime::Role::kFollower;
  write(good_files());
  // The follower waits for the leader; the stop comes as it asks again.
  admin_.answer("start", 3);
  struct StopAtStart final : runtime::RuntimeAdmin {
    runtime::FakeRuntimeAdmin& below;
    std::stop_source& stop;
    int starts = 0;
    StopAtStart(runtime::FakeRuntimeAdmin& admin, std::stop_source& source)
        : below(admin), stop(source) {}
    Result<runtime::AdminReply> call(std::string_view action, const Secret& params,
                                     Deadline deadline) override {
      if (action == "start" && ++starts == 2) stop.request_stop();
      return below.call(action, params, deadline);
    }
  } admin(admin_, stop_);
  Sidecar sidecar({options_, app_, constants_, admin, board_, metrics_, clock_, watch_, http_});
  EXPECT_TRUE(sidecar.run(stop_.get_token()).ok());
  EXPECT_EQ(admin.starts, 2);
  EXPECT_EQ(trouble(), "") << "nothing to complain about: it was told to end";
}

TEST_F(SidecarTrouble, AVersionThatIsNotToldIsTakenFromTheApp) {
  admin_.answer_only("about", Error(ErrorCode::kUnimplemented, "no such action"));
  write(good_files());
  watch_.change([&] { write(good_files({{"database-password", "pw-two!"}})); });
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(board_.read()->runtime_version, "");
  EXPECT_THAT(board_.read()->last_rotation->applied, ElementsAre("DatabasePassword"));
}

TEST_F(SidecarTrouble, AWrongAdminPasswordOfTheContainerIsNoReasonToGoOn) {
  admin_.answer_only("about", Error(ErrorCode::kPermissionDenied, "wrong admin password"));
  write(good_files());
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(trouble(), "wrong admin password");
  EXPECT_THAT(admin_.new_actions(), ElementsAre("echo", "about"));
}

}  // namespace
}  // namespace keyferry::sidecar
