#include "sidecar/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"

namespace keyferry::sidecar {
namespace {

using ::testing::HasSubstr;

constexpr SteadyTime kNow{std::chrono::hours(9)};

// Names are what dashboards and alerts are made of: a change here is a change for operators.
TEST(Metrics, EverySeriesIsThereFromTheBeginning) {
  const Metrics metrics;
  const std::string text = metrics.render({}, kNow);
  for (const char* line : {
           "# TYPE keyferry_sidecar_sets_total counter",
           "keyferry_sidecar_sets_total{outcome=\"applied\"} 0",
           "keyferry_sidecar_sets_total{outcome=\"refused\"} 0",
           "keyferry_sidecar_sets_total{outcome=\"unchanged\"} 0",
           "# TYPE keyferry_sidecar_runtime_starts_total counter",
           "keyferry_sidecar_runtime_starts_total{outcome=\"applied\"} 0",
           "keyferry_sidecar_runtime_starts_total{outcome=\"refused\"} 0",
           "# TYPE keyferry_sidecar_apply_seconds histogram",
           "keyferry_sidecar_apply_seconds_count 0",
           "# TYPE keyferry_sidecar_running gauge",
           "keyferry_sidecar_running 0",
           "keyferry_sidecar_degraded 0",
           "keyferry_sidecar_pending_restart_settings 0",
           "keyferry_sidecar_set_age_seconds 0",
       }) {
    EXPECT_THAT(text, HasSubstr(cat(line, "\n")));
  }
}

TEST(Metrics, CountersCount) {
  Metrics metrics;
  metrics.count_set(Outcome::kApplied);
  metrics.count_set(Outcome::kApplied);
  metrics.count_set(Outcome::kRefused);
  metrics.count_set(Outcome::kUnchanged);
  metrics.count_start(Outcome::kRefused);
  const std::string text = metrics.render({}, kNow);
  EXPECT_THAT(text, HasSubstr("sets_total{outcome=\"applied\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("sets_total{outcome=\"refused\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("sets_total{outcome=\"unchanged\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("runtime_starts_total{outcome=\"refused\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("runtime_starts_total{outcome=\"applied\"} 0\n"));
}

TEST(Metrics, GaugesAreTheReports) {
  const Metrics metrics;
  StatusReport report;
  report.phase = Phase::kRunning;
  report.applied_at = {WallTime(), kNow - std::chrono::seconds(90)};
  report.kept_values = {"DatabasePassword"};
  report.pending_restart = {{"DatabaseHost", "database-host", "why"}, {"B", "b", "why"}};
  const std::string text = metrics.render(report, kNow);
  EXPECT_THAT(text, HasSubstr("keyferry_sidecar_running 1\n"));
  EXPECT_THAT(text, HasSubstr("keyferry_sidecar_degraded 1\n"));
  EXPECT_THAT(text, HasSubstr("keyferry_sidecar_pending_restart_settings 2\n"));
  EXPECT_THAT(text, HasSubstr("keyferry_sidecar_set_age_seconds 90\n"));
  EXPECT_THAT(metrics.render({}, kNow), HasSubstr("keyferry_sidecar_running 0\n")) << "and back";
}

TEST(Metrics, TheTimeOfAnApplyIsInSeconds) {
  Metrics metrics;
  metrics.observe_apply(std::chrono::microseconds(1500));
  metrics.observe_apply(std::chrono::seconds(7));
  const std::string text = metrics.render({}, kNow);
  EXPECT_THAT(text, HasSubstr("apply_seconds_bucket{le=\"0.001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("apply_seconds_bucket{le=\"0.002\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("apply_seconds_bucket{le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("apply_seconds_sum 7.0015\n"));
}

}  // namespace
}  // namespace keyferry::sidecar
