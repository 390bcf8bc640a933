#include "sidecar/endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "runtime/fake_runtime_admin.h"

namespace keyferry::sidecar {
namespace {

using runtime::AdminReply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Error kDown(ErrorCode::kUnavailable, "admin action echo: connection refused");

class EndpointsTest : public testing::Test {
 protected:
  ServerResponse get(std::string_view path, std::string_view method = "GET") {
    ServerRequest request;
    request.method = method;
    request.path = path;
    return endpoints_.answer(request);
  }
  static std::string body(const ServerResponse& response) {
    return std::string(response.body.expose());
  }

  FakeClock clock_;
  runtime::FakeRuntimeAdmin admin_;
  StatusBoard board_;
  Metrics metrics_;
  Endpoints endpoints_{admin_, board_, metrics_, clock_};
};

constexpr const char* kSick =
    "the runtime reports that it is sick; /status and the sidecar's log have its words";

struct HealthRow {
  const char* echo;    // "pong", "errors" or "none": no answer
  const char* status;  // what runtime_status says
  const char* health;  // what check_health says; "error": it cannot be asked
  const char* words;   // "": healthy
};

// The rule of Mendix Operator 2.17 (mendix.md 3.4), every state with every health.
TEST(Healthz, TheWholeTableOfTheRule) {
  std::vector<HealthRow> rows;
  for (const char* echo : {"pong", "errors"}) {
    for (const char* health : {"healthy", "sick", "unknown", "error"}) {
      for (const char* good : {"created", "starting", "stopping"}) {
        rows.push_back({echo, good, health, ""});
      }
      rows.push_back({echo, "stopped", health, "the runtime is stopped"});
      rows.push_back({echo, "broken", health, "the runtime is broken"});
      rows.push_back({echo, "dreaming", health, "the runtime is unknown"});
      const bool sick = std::string_view(health) == "sick";
      rows.push_back({echo, "running", health, sick ? kSick : ""});
    }
  }
  rows.push_back({"none", "running", "healthy", "admin action echo: connection refused"});
  ASSERT_EQ(rows.size(), 57U);
  for (const HealthRow& row : rows) {
    FakeClock clock;
    runtime::FakeRuntimeAdmin admin;
    if (std::string_view(row.echo) == "none") {
      admin.answer("echo", kDown);
    } else {
      admin.answer("echo", 0, cat(R"({"echo":")", row.echo, R"("})"));
    }
    admin.answer("runtime_status", 0, cat(R"({"status":")", row.status, R"("})"));
    if (std::string_view(row.health) == "error") {
      admin.answer("check_health", kDown);
    } else {
      admin.answer("check_health", 0,
                   cat(R"({"health":")", row.health, R"(","diagnosis":"no disk"})"));
    }
    EXPECT_EQ(sickness(admin, clock).problem, row.words)
        << row.echo << ' ' << row.status << ' ' << row.health;
  }
}

TEST(Healthz, AStateThatCannotBeAskedIsSick) {
  FakeClock clock;
  runtime::FakeRuntimeAdmin admin;
  admin.answer("runtime_status", Error(ErrorCode::kDeadlineExceeded, "too late"));
  EXPECT_EQ(sickness(admin, clock).problem, "too late");
}

TEST(Healthz, OnlyARunningRuntimeIsAskedForItsHealth) {
  FakeClock clock;
  runtime::FakeRuntimeAdmin admin;
  admin.answer("runtime_status", 0, R"({"status":"starting"})");
  EXPECT_EQ(sickness(admin, clock).problem, "");
  EXPECT_THAT(admin.new_actions(), ElementsAre("echo", "runtime_status"));
}

// kubelet gives a probe up after 3 s at most; an answer that comes later is none.
TEST(Healthz, AllQuestionsTogetherHaveThreeSeconds) {
  struct Deadlines final : runtime::RuntimeAdmin {
    std::vector<Deadline> seen;
    Result<AdminReply> call(std::string_view, const Secret&, Deadline deadline) override {
      seen.push_back(deadline);
      return AdminReply{0, *parse_json(R"({"status":"running","health":"healthy"})"), "", ""};
    }
  } admin;
  FakeClock clock;
  EXPECT_EQ(sickness(admin, clock).problem, "");
  ASSERT_EQ(admin.seen.size(), 3U);
  for (const Deadline& deadline : admin.seen) {
    EXPECT_EQ(deadline.left(clock), std::chrono::seconds(3));
  }
}

TEST_F(EndpointsTest, HealthzAnswersKubeletAtBothItsPaths) {
  admin_.answer("runtime_status", 0, R"({"status":"created"})");
  for (const char* path : {"/m2ee-sidecar/v1/healthz", "/healthz"}) {
    EXPECT_EQ(get(path).status, 200);
    EXPECT_EQ(body(get(path)), "ok\n");
    EXPECT_EQ(get(path, "HEAD").status, 200);
  }
  admin_.answer_only("echo", kDown);
  EXPECT_EQ(get("/healthz").status, 503);
  EXPECT_EQ(body(get("/healthz")), "admin action echo: connection refused\n");
}

// The port is open to the pod network, and a microflow's diagnosis may quote what it likes.
TEST_F(EndpointsTest, HealthzNeverHasTheRuntimesWords) {
  admin_.answer("runtime_status", 0, R"({"status":"running"})");
  admin_.answer("check_health", 0, R"({"health":"sick","diagnosis":"login with pw-one! failed"})");
  admin_.answer("check_health", 0, R"({"health":"healthy"})");
  const ServerResponse response = get("/healthz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(body(response), std::string(kSick) + "\n");
  EXPECT_THAT(body(get("/status")), testing::Not(HasSubstr("pw-one!"))) << "not blotted out yet";
  EXPECT_EQ(board_.take_diagnosis()->expose(), "login with pw-one! failed");
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_TRUE(board_.take_diagnosis()->empty()) << "well again";
  EXPECT_FALSE(board_.take_diagnosis().has_value()) << "taken once";
}

TEST_F(EndpointsTest, EachPageHasItsType) {
  const std::pair<const char*, const char*> rows[] = {
      {"/healthz", "text/plain; charset=utf-8"},
      {"/metrics", "text/plain; version=0.0.4; charset=utf-8"},
      {"/status", "application/json"},
  };
  admin_.answer("runtime_status", 0, R"({"status":"created"})");
  for (const auto& [path, type] : rows) {
    for (const char* method : {"GET", "HEAD"}) {
      const ServerResponse response = get(path, method);
      EXPECT_EQ(response.status, 200) << path;
      ASSERT_EQ(response.headers.size(), 1U);
      EXPECT_EQ(response.headers[0].name, "Content-Type");
      EXPECT_EQ(response.headers[0].value, type);
    }
  }
}

TEST_F(EndpointsTest, OnlyHealthzTroublesTheRuntime) {
  get("/metrics");
  get("/status");
  get("/");
  get("/healthz", "POST");
  EXPECT_THAT(admin_.calls(), IsEmpty());
}

TEST_F(EndpointsTest, OtherMethodsAndPathsAreTurnedAway) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "get", ""}) {
    EXPECT_EQ(get("/status", method).status, 405) << method;
  }
  for (const char* path : {"/", "", "/status/", "/Status", "/metrics/x", "/m2ee-sidecar/v1"}) {
    EXPECT_EQ(get(path).status, 404) << path;
    EXPECT_THAT(body(get(path)), HasSubstr("/status, /metrics and /m2ee-sidecar/v1/healthz"));
  }
}

TEST_F(EndpointsTest, StatusIsOneLineOfJsonOfTheBoardAsItIsNow) {
  board_.update([](StatusReport& report) { report.app = "MendixApp web/shop"; });
  const std::string first = body(get("/status"));
  EXPECT_TRUE(first.ends_with("}\n"));
  EXPECT_EQ(parse_json(first)->text_of("app"), "MendixApp web/shop");
  board_.update([](StatusReport& report) { report.phase = Phase::kRunning; });
  EXPECT_EQ(parse_json(body(get("/status")))->text_of("phase"), "running");
}

}  // namespace
}  // namespace keyferry::sidecar
