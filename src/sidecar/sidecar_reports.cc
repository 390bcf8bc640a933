// What the sidecar tells about itself: log, status and metrics.
#include <algorithm>

#include "base/log.h"
#include "base/strings.h"
#include "sidecar/sidecar.h"

namespace keyferry::sidecar {

namespace {

using runtime::ChangePlan;

template <class T>
bool contains(const std::vector<T>& list, const T& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

}  // namespace

// A set that is tried again and again is one set.
void Sidecar::count_refused() {
  if (refused_ == generation_) return;
  refused_ = generation_;
  parts_.metrics.count_set(Outcome::kRefused);
}

// Each news once.
void Sidecar::report_plan(const ChangePlan& plan) {
  const auto before = parts_.board.read();
  for (const auto& pending : plan.restart) {
    if (contains(before->pending_restart, pending)) continue;
    log::warning("needs a restart", {{"what", to_text(pending)}});
  }
  for (const std::string& name : plan.degraded) {
    if (contains(before->kept_values, name)) continue;
    log::warning("a value is gone from the store, the last one stays in use", {{"setting", name}});
  }
  parts_.board.update([&](StatusReport& report) {
    report.pending_restart = plan.restart;
    report.kept_values = plan.degraded;
  });
}

void Sidecar::report_applied(std::vector<std::string> applied) {
  Rotation rotation{now(), std::move(applied), {}};
  rotation.took =
      std::chrono::duration_cast<std::chrono::microseconds>(parts_.clock.steady_now() - woken_);
  parts_.metrics.observe_apply(rotation.took);
  log::info("applied live", {{"what", join(rotation.applied, ", ")},
                             {"microseconds", rotation.took.count()},
                             {"generation", generation_}});
  parts_.board.update([&](StatusReport& report) { report.last_rotation = rotation; });
}

// Whether every value that the runtime has can be blotted out of its words.
bool Sidecar::knows_all_values() const {
  if (!running_ || !record_) return false;
  const auto is_known = [](const runtime::Setting& setting) { return !setting.json.empty(); };
  return std::all_of(running_->settings.begin(), running_->settings.end(), is_known) &&
         std::all_of(running_->constants.begin(), running_->constants.end(), is_known);
}

// What a probe heard from a sick runtime; each news once.
void Sidecar::report_health() {
  const auto words = parts_.board.take_diagnosis();
  if (!words) return;
  std::string diagnosis;
  if (!words->empty()) {
    diagnosis = knows_all_values() ? admin_.blotted(std::string(words->expose()))
                                   : std::string(runtime::DiscreetAdmin::kWithheld);
  }
  if (diagnosis == parts_.board.read()->diagnosis) return;
  if (diagnosis.empty()) {
    log::info("the runtime is not sick any more");
  } else {
    log::warning("the runtime reports that it is sick", {{"diagnosis", diagnosis}});
  }
  parts_.board.update([&](StatusReport& report) { report.diagnosis = diagnosis; });
}

// Only here an app is said to run: whoever waits for that finds all of the set in use.
void Sidecar::settle_well(const StatusReport& before) {
  if (before.trouble) log::info("the trouble is over");
  failures_ = 0;
  served_ = true;
  admin_.hide_only(hidden_values(*running_));
  parts_.board.update([&](StatusReport& report) {
    report.trouble.reset();
    report.phase = Phase::kRunning;
    if (report.generation != generation_ || !report.applied_at) {
      report.generation = generation_;
      report.applied_at = now();
    }
  });
}

// Notes how a step ended; trouble that goes on is logged once.
void Sidecar::settle(const Status& status) {
  const auto before = parts_.board.read();
  if (status.ok()) {
    settle_well(*before);
    return;
  }
  ++failures_;
  if (!before->trouble || !(*before->trouble == status.error())) {
    log::error(running_ ? "the newest set is not in use, the last good one stays"
                        : "the app cannot be started yet",
               {{"phase", name_of(before->phase)},
                {"error", status.error().message()},
                {"code", name_of(status.error().code())}});
  }
  parts_.board.update([&](StatusReport& report) { report.trouble = status.error(); });
}

}  // namespace keyferry::sidecar
