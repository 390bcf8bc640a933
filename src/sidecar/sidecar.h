#pragma once

#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "catalog/catalog.h"
#include "manifest/mendix_app.h"
#include "net/http.h"
#include "os/dir_watch.h"
#include "runtime/change_plan.h"
#include "runtime/discreet_admin.h"
#include "runtime/runtime_admin.h"
#include "runtime/wanted.h"
#include "sidecar/applied_state.h"
#include "sidecar/metrics.h"
#include "sidecar/options.h"
#include "sidecar/runtime_starter.h"
#include "sidecar/status_board.h"

namespace keyferry::sidecar {

// References outlive the sidecar.
struct SidecarParts {
  const SidecarOptions& options;
  const manifest::MendixApp& app;
  std::optional<std::vector<catalog::ModelConstant>> constants;  // of the app's model
  runtime::RuntimeAdmin& admin;
  StatusBoard& board;
  Metrics& metrics;
  Clock& clock;
  Watch& watch;                // of options.secrets_dir
  Http& http;                  // asks S3 where a bucket is, nothing else
  KeptState* state = nullptr;  // where to remember what the runtime has; null: nowhere
};

// Keeps one runtime at what its files and its MendixApp say: brings it up, applies what it takes
// live, reports what needs a restart. A set that is bad or refused never replaces the one in use.
// One thread runs it.
class Sidecar {
 public:
  explicit Sidecar(SidecarParts parts);

  // Until stopped: success. Trouble at start for longer than options.give_up: the trouble.
  Status run(std::stop_token stop);

 private:
  Status step(Woken why);
  Result<runtime::Wanted> load();
  Status check_runtime();
  Status learn_version();
  Result<runtime::Wanted> load_with_region();
  Status bring_up();
  Status adopt(const runtime::Wanted& wanted);
  Status accompany(runtime::EffectiveSettings running, const runtime::Wanted& wanted);
  void forget();
  void remember();
  Status apply(const runtime::Wanted& wanted);
  Status set_live(const runtime::ChangePlan& plan, const runtime::EffectiveSettings& wanted,
                  std::vector<std::string>& applied);
  Status set_passwords(const runtime::ChangePlan& plan, const runtime::EffectiveSettings& wanted,
                       std::vector<std::string>& applied);
  Status settle_debugger(const runtime::ChangePlan& plan, const runtime::EffectiveSettings& wanted);
  void report_plan(const runtime::ChangePlan& plan);
  void report_applied(std::vector<std::string> applied);
  void report_health();
  void count_refused();
  bool knows_all_values() const;
  void settle(const Status& status);
  void settle_well(const StatusReport& before);
  bool is_hopeless();
  std::chrono::milliseconds next_wait() const;
  void enter(Phase phase);
  StartParts start_parts() { return {admin_, parts_.clock, parts_.options, stop_}; }
  Deadline quick() const;
  Moment now() const { return {parts_.clock.wall_now(), parts_.clock.steady_now()}; }

  SidecarParts parts_;
  runtime::DiscreetAdmin admin_;  // parts_.admin, its words fit for logs
  catalog::AppContext context_;
  std::stop_token stop_;
  std::optional<runtime::EffectiveSettings> running_;  // what the runtime has; none: not started
  AppliedState state_;
  std::optional<AppliedRecord> record_;  // of running_; none: what it was started with is not known
  bool served_ = false;  // whether a set was applied wholly since the runtime was started or found
  bool debugger_known_ = false;         // whether running_ says what the runtime's debugger is at
  std::string generation_;              // of the set last loaded
  std::optional<std::string> refused_;  // generation of the set last refused
  SteadyTime woken_;
  SteadyTime loaded_;
  SteadyTime trouble_since_;
  int failures_ = 0;
};

}  // namespace keyferry::sidecar
