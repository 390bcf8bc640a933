#include "dev/runtime_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/fake_clock.h"
#include "base/strings.h"
#include "net/sha256.h"

namespace keyferry::dev {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kGood =
    R"("DatabaseType":"PostgreSQL","DatabaseHost":"pg","DatabaseName":"shop",)"
    R"("DatabaseUserName":"shop","DatabasePassword":"pw-one!","DatabaseUseSsl":false)";

std::string sha(std::string_view text) { return hex_encode(sha256(text)); }

class RuntimeModelTest : public testing::Test {
 protected:
  void make(RuntimeModelOptions options = {}) {
    model_ = std::make_unique<RuntimeModel>(
        std::move(options), clock_,
        [this](const DatabaseTarget& target) {
          asked_ = target;
          return outcome_;
        },
        [this](const Json& event) { events_ += to_text(event); });
  }
  RuntimeModelTest() { make(); }

  M2eeReply act(std::string_view action, std::string_view params = "{}") {
    return model_->handle(action, *parse_json(params));
  }
  int configure(std::string_view members) {
    return act("update_configuration", cat("{", members, "}")).result;
  }
  // Configured and started.
  void run() {
    ASSERT_EQ(configure(kGood), 0);
    ASSERT_EQ(act("start").result, 0);
  }
  void script(std::string_view json) {
    model_->set_script(*parse_runtime_script(*parse_json(json)));
  }
  std::string stat(std::string_view group, std::string_view name) const {
    return std::string(model_->stats().find(group)->text_of(name));
  }

  FakeClock clock_;
  ConnectOutcome outcome_{true, "", ""};
  DatabaseTarget asked_;
  std::string events_;
  std::unique_ptr<RuntimeModel> model_;
};

TEST_F(RuntimeModelTest, ItGoesFromCreatedToRunning) {
  EXPECT_EQ(act("runtime_status").feedback.text_of("status"), "created");
  run();
  EXPECT_EQ(act("runtime_status").feedback.text_of("status"), "running");
  EXPECT_EQ(asked_.password, "pw-one!");
  EXPECT_EQ(model_->live_target()->user, "shop");
  EXPECT_EQ(act("start").result, kStartInvalidState);
  EXPECT_EQ(act("shutdown").result, 0);
  EXPECT_EQ(act("runtime_status").feedback.text_of("status"), "stopping");
  EXPECT_EQ(model_->live_target(), nullptr);
}

TEST_F(RuntimeModelTest, ActionsAreRegisteredWhenTheirTimeHasCome) {
  const std::pair<const char*, const char*> rows[] = {
      {"check_health", "running"},         {"enable_debugger", "running"},
      {"get_debugger_status", "running"},  {"create_admin_user", "first start"},
      {"get_ddl_commands", "first start"}, {"echo", "always"},
      {"update_configuration", "always"},
  };
  for (const auto& [action, since] : rows) {
    make();
    const bool always = std::string_view(since) == "always";
    EXPECT_EQ(act(action).result == kActionNotFound, !always) << action;
    outcome_ = {false, "28P01", "no"};
    configure(kGood);
    act("start");
    const bool late = std::string_view(since) == "running";
    EXPECT_EQ(act(action).result == kActionNotFound, late) << action;
    outcome_ = {true, "", ""};
    act("start");
    EXPECT_NE(act(action).result, kActionNotFound) << action;
  }
  EXPECT_EQ(act("make_coffee").result, kActionNotFound);
  EXPECT_NE(act("get_admin_action_info").feedback.find("action_info")->find("echo"), nullptr);
}

struct FailedStart {
  const char* settings;
  ConnectOutcome outcome;
  int result;
  const char* words;
  RuntimeState after;
};

TEST_F(RuntimeModelTest, AStartFailsAsTheRealOneDoes) {
  const FailedStart rows[] = {
      {"", {true, "", ""}, kM2eeFailed, "DatabaseType is missing", RuntimeState::kCreated},
      {R"("DatabaseType":"PostgreSQL")",
       {true, "", ""},
       kM2eeFailed,
       "DatabaseName",
       RuntimeState::kCreated},
      {kGood,
       {false, "28P01", "password authentication failed"},
       kM2eeFailed,
       "SQLState: 28P01",
       RuntimeState::kCreated},
      {kGood, {false, "", "refused"}, kM2eeFailed, "SQLState: 08001", RuntimeState::kCreated},
      {kGood, {false, "3D000", "no database"}, kStartNoDatabase, "3D000", RuntimeState::kStarting},
  };
  for (const FailedStart& row : rows) {
    make();
    outcome_ = row.outcome;
    configure(row.settings);
    const M2eeReply reply = act("start");
    EXPECT_EQ(reply.result, row.result) << row.words;
    EXPECT_THAT(reply.cause, HasSubstr(row.words));
    EXPECT_EQ(model_->state(), row.after);
  }
}

TEST_F(RuntimeModelTest, AScriptedStartAnswersInTurn) {
  script(R"({"start_results":[10,12,0]})");
  configure(kGood);
  EXPECT_EQ(act("start").result, 10);
  EXPECT_EQ(model_->state(), RuntimeState::kCreated);
  EXPECT_EQ(act("start").result, 12);
  EXPECT_EQ(model_->state(), RuntimeState::kBroken);
  EXPECT_EQ(act("start").result, kStartInvalidState) << "what is broken stays so";
}

TEST_F(RuntimeModelTest, PendingDatabaseChangesComeFirst) {
  make({"10.24.14", 2, {}});
  configure(kGood);
  EXPECT_EQ(act("start").result, kStartNeedsDdl);
  EXPECT_EQ(model_->state(), RuntimeState::kStarting);
  EXPECT_EQ(act("get_ddl_commands").feedback.find("ddl_commands")->as_array()->size(), 2U);
  EXPECT_EQ(act("execute_ddl_commands").result, 0);
  EXPECT_EQ(act("start").result, 0);
  EXPECT_TRUE(act("get_ddl_commands").feedback.find("ddl_commands")->as_array()->empty());
}

TEST_F(RuntimeModelTest, WeakAdminsMustHaveANewPasswordEach) {
  script(R"({"weak_admin_users":["MxAdmin","demo"]})");
  configure(kGood);
  const M2eeReply reply = act("start");
  EXPECT_EQ(reply.result, kStartWeakAdmin);
  EXPECT_EQ(to_text(*reply.feedback.find("users")), R"(["MxAdmin","demo"])");
  EXPECT_EQ(act("update_admin_user", R"({"username":"MxAdmin","password":"Admin-one-1!"})").result,
            0);
  EXPECT_EQ(act("start").result, kStartWeakAdmin);
  EXPECT_EQ(act("create_admin_user", R"({"username":"demo","password":"Admin-one-1!"})").result, 0);
  EXPECT_EQ(act("start").result, 0);
}

TEST_F(RuntimeModelTest, ConstantsWithoutAValueAreNamed) {
  make({"10.24.14", 0, {{"M.A", false}, {"M.B", true}, {"M.C", false}}});
  configure(kGood);
  const M2eeReply reply = act("start");
  EXPECT_EQ(reply.result, kStartConstantsMissing);
  EXPECT_EQ(reply.cause, "M.A, M.C");
  configure(R"("MicroflowConstants":{"M.A":"a","M.C":1})");
  EXPECT_EQ(act("start").result, 0);
  EXPECT_EQ(stat("constants_at_start_sha256", "M.A"), sha("a"));
}

TEST_F(RuntimeModelTest, AnS3RegionIsAMustFromElevenSix) {
  const std::tuple<const char*, const char*, int> rows[] = {
      {"11.6.0", "", kM2eeFailed},
      {"11.6.0", R"(,"com.mendix.storage.s3.Region":"eu-west-1")", 0},
      {"11.5.9", "", 0},
  };
  for (const auto& [version, region, result] : rows) {
    make({version, 0, {}});
    configure(cat(kGood, R"(,"com.mendix.core.StorageService":"com.mendix.storage.s3")", region));
    EXPECT_EQ(act("start").result, result) << version << region;
  }
}

TEST_F(RuntimeModelTest, ARefusedConfigurationChangesNothing) {
  run();
  EXPECT_EQ(configure(R"("DatabasePassword":"pw-two!","DatabaseType":"mongodb")"), kM2eeFailed);
  EXPECT_EQ(stat("settings_sha256", "DatabasePassword"), sha("pw-one!"));
  script(R"({"refuse":{"DatabasePassword":"the driver says no"}})");
  const M2eeReply reply = act("update_configuration", R"({"DatabasePassword":"pw-two!"})");
  EXPECT_EQ(reply.cause, "the driver says no");
  EXPECT_EQ(act("update_configuration", "7").result, kM2eeFailed);
  EXPECT_EQ(stat("live_sha256", "DatabasePassword"), sha("pw-one!"));
}

TEST_F(RuntimeModelTest, LiveValuesAreTakenOthersWaitForARestart) {
  run();
  configure(R"("DatabasePassword":"pw-two!","DatabaseHost":"other")");
  EXPECT_EQ(stat("live_sha256", "DatabasePassword"), sha("pw-two!"));
  EXPECT_EQ(stat("live_sha256", "DatabaseHost"), sha("pg"));
  EXPECT_EQ(stat("settings_sha256", "DatabaseHost"), sha("other"));
  EXPECT_EQ(to_text(*model_->stats().find("pending_restart")), R"(["DatabaseHost"])");
  EXPECT_EQ(model_->live_target()->password, "pw-two!");
  EXPECT_EQ(model_->live_target()->host, "pg");
  configure(R"("DatabaseHost":"pg")");
  EXPECT_EQ(to_text(*model_->stats().find("pending_restart")), "[]") << "set back";
}

TEST_F(RuntimeModelTest, AnOldRuntimeTakesNoPasswordLive) {
  make({"9.21.0", 0, {}});
  run();
  configure(R"("DatabasePassword":"pw-two!")");
  EXPECT_EQ(stat("live_sha256", "DatabasePassword"), sha("pw-one!"));
  EXPECT_EQ(to_text(*model_->stats().find("pending_restart")), R"(["DatabasePassword"])");
}

TEST_F(RuntimeModelTest, AdminUsersHavePasswordsByThePolicy) {
  run();
  const std::tuple<const char*, const char*, int> rows[] = {
      {"create_admin_user", R"({"password":"Admin-one-1!"})", 0},
      {"create_admin_user", R"({"password":"weak"})", kM2eeFailed},
      {"update_admin_user", R"({"username":"MxAdmin","password":"Admin-two-2!"})", 0},
      {"update_admin_user", R"({"username":"nobody","password":"Admin-two-2!"})", kM2eeFailed},
      {"update_admin_user", R"({"username":"MxAdmin","password":"1"})", kM2eeFailed},
  };
  for (const auto& [action, params, result] : rows) {
    EXPECT_EQ(act(action, params).result, result) << params;
  }
  EXPECT_EQ(stat("admin_users_sha256", "MxAdmin"), sha("Admin-two-2!"));
}

TEST_F(RuntimeModelTest, TheDebuggerIsOnWithAPasswordOrOff) {
  run();
  EXPECT_EQ(act("enable_debugger", R"({"password":""})").result, kM2eeFailed);
  EXPECT_EQ(act("enable_debugger", R"({"password":"debug-one"})").result, 0);
  EXPECT_EQ(stat("debugger", "password_sha256"), sha("debug-one"));
  EXPECT_TRUE(*act("get_debugger_status").feedback.find("enabled")->as_bool());
  EXPECT_EQ(act("disable_debugger").result, 0);
  EXPECT_FALSE(*act("get_debugger_status").feedback.find("enabled")->as_bool());
}

TEST_F(RuntimeModelTest, EchoAndHealthSayWhatTheScriptSays) {
  run();
  EXPECT_EQ(act("echo").feedback.text_of("echo"), "pong");
  EXPECT_EQ(act("check_health").feedback.text_of("health"), "healthy");
  script(R"({"critical_errors":["disk full"],"health":{"health":"sick","diagnosis":"d"}})");
  EXPECT_NE(act("echo").feedback.text_of("echo"), "pong");
  EXPECT_EQ(act("echo").feedback.find("errors")->as_array()->at(0).text_of("message"), "disk full");
  EXPECT_EQ(act("check_health").feedback.text_of("diagnosis"), "d");
}

TEST_F(RuntimeModelTest, ALogSubscriberIsMadeOnce) {
  EXPECT_EQ(act("create_log_subscriber", R"({"name":"c","autosubscribe":"INFO"})").result, 0);
  EXPECT_EQ(act("create_log_subscriber", R"({"name":"c"})").result, kNameExists);
  EXPECT_EQ(act("get_log_settings").feedback.find("c")->text_of("Core"), "INFO");
}

TEST_F(RuntimeModelTest, StatsAndEventsHoldNoValue) {
  run();
  configure(R"("DatabasePassword":"pw-two!","MicroflowConstants":{"M.A":"constant-one"})");
  act("create_admin_user", R"({"password":"Admin-one-1!"})");
  act("enable_debugger", R"({"password":"debug-one"})");
  const std::string said = to_text(model_->stats()) + events_;
  for (const char* value : {"pw-one!", "pw-two!", "constant-one", "Admin-one-1!", "debug-one"}) {
    EXPECT_THAT(said, Not(HasSubstr(value)));
  }
  EXPECT_THAT(events_, HasSubstr(R"("restart_required":["MicroflowConstants"])"));
}

TEST(RuntimeModelMetadata, ConstantsAreReadFromTheModel) {
  const auto constants = constants_of_metadata(
      *parse_json(R"({"Constants":[{"Name":"M.A","DefaultValue":"a"},{"Name":"M.B"},
                                   {"Name":"M.C","DefaultValue":null}]})"));
  ASSERT_TRUE(constants.ok());
  ASSERT_EQ(constants->size(), 3U);
  EXPECT_TRUE((*constants)[0].has_default);
  EXPECT_FALSE((*constants)[1].has_default || (*constants)[2].has_default);
  for (const char* json : {"{}", R"({"Constants":7})", R"({"Constants":[{}]})"}) {
    EXPECT_FALSE(constants_of_metadata(*parse_json(json)).ok()) << json;
  }
}

TEST(RuntimeModelReply, AFailureHasItsWordsASuccessOnlyItsFeedback) {
  EXPECT_EQ(to_text(M2eeReply{}.to_json()), R"({"result":0})");
  EXPECT_EQ(to_text(M2eeReply{1, Json(), "m", "c"}.to_json()),
            R"({"cause":"c","message":"m","result":1,"stacktrace":"at stand-in runtime"})");
}

}  // namespace
}  // namespace keyferry::dev
