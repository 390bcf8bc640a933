#include "sidecar/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace keyferry::sidecar {

namespace {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kApplied:
      return "applied";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kUnchanged:
      return "unchanged";
  }
  return "unknown";
}

prometheus::Counter& of(prometheus::Family<prometheus::Counter>& family, Outcome outcome) {
  return family.Add({{"outcome", std::string(name_of(outcome))}});
}

double age_of(const std::optional<Moment>& moment, SteadyTime now) {
  return moment ? std::chrono::duration<double>(now - moment->steady).count() : 0;
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& sets =
      prometheus::BuildCounter()
          .Name("keyferry_sidecar_sets_total")
          .Help("Sets of secret files looked at, by what became of them.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& starts =
      prometheus::BuildCounter()
          .Name("keyferry_sidecar_runtime_starts_total")
          .Help("Starts of the runtime, by what became of them.")
          .Register(registry);
  prometheus::Histogram& apply =
      prometheus::BuildHistogram()
          .Name("keyferry_sidecar_apply_seconds")
          .Help("From noticing a new set to the runtime having taken its live part.")
          .Register(registry)
          .Add({}, prometheus::Histogram::BucketBoundaries{0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                                           0.1, 0.5, 1, 5});
  prometheus::Family<prometheus::Gauge>& gauges_phase =
      prometheus::BuildGauge()
          .Name("keyferry_sidecar_running")
          .Help("1 while the runtime answers and runs with all that this sidecar gave it.")
          .Register(registry);
  prometheus::Gauge& running = gauges_phase.Add({});
  prometheus::Gauge& degraded = prometheus::BuildGauge()
                                    .Name("keyferry_sidecar_degraded")
                                    .Help("1 while the newest set is not, or not wholly, in use.")
                                    .Register(registry)
                                    .Add({});
  prometheus::Gauge& pending = prometheus::BuildGauge()
                                   .Name("keyferry_sidecar_pending_restart_settings")
                                   .Help("Changed settings that wait for a restart of the runtime.")
                                   .Register(registry)
                                   .Add({});
  prometheus::Gauge& set_age = prometheus::BuildGauge()
                                   .Name("keyferry_sidecar_set_age_seconds")
                                   .Help("Since the set in use was applied.")
                                   .Register(registry)
                                   .Add({});
};

// Every series is there from the beginning: of one that first appears at 1, no increase is seen.
Metrics::Metrics() : families_(std::make_unique<Families>()) {
  for (const Outcome outcome : {Outcome::kApplied, Outcome::kRefused, Outcome::kUnchanged}) {
    of(families_->sets, outcome);
    if (outcome != Outcome::kUnchanged) of(families_->starts, outcome);
  }
}
Metrics::~Metrics() = default;

void Metrics::count_set(Outcome outcome) { of(families_->sets, outcome).Increment(); }

void Metrics::count_start(Outcome outcome) { of(families_->starts, outcome).Increment(); }

void Metrics::observe_apply(std::chrono::microseconds took) {
  families_->apply.Observe(std::chrono::duration<double>(took).count());
}

std::string Metrics::render(const StatusReport& report, SteadyTime now) const {
  families_->running.Set(report.phase == Phase::kRunning ? 1 : 0);
  families_->degraded.Set(report.degraded() ? 1 : 0);
  families_->pending.Set(static_cast<double>(report.pending_restart.size()));
  families_->set_age.Set(age_of(report.applied_at, now));
  return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace keyferry::sidecar
