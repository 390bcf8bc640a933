#include "sidecar/sidecar.h"

#include <algorithm>

#include "base/log.h"
#include "base/strings.h"
#include "catalog/key_table.h"
#include "catalog/value_rules.h"
#include "os/dir.h"
#include "runtime/bucket_region.h"
#include "volume/mounted_set.h"

namespace keyferry::sidecar {

namespace {

using runtime::ChangePlan;
using runtime::EffectiveSettings;
using runtime::PasswordChange;
using runtime::RuntimeState;

std::string errors_of(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems) {
    if (problem.severity == Severity::kError) lines.push_back(to_text(problem));
  }
  return join(lines, "\n");
}

void add_path(EffectiveSettings& settings, std::string_view name, const std::string& path) {
  if (path.empty()) return;
  put({std::string(name), catalog::json_text(path), runtime::Source::kDefault, "command line",
       runtime::Visibility::kOpen},
      settings.settings);
}

// A start that failed half-way leaves the runtime starting, waiting for the next one; where another
// start is on its way, this one is refused and tried again later (m2ee-tools).
bool is_startable(RuntimeState state) {
  return state == RuntimeState::kCreated || state == RuntimeState::kStarting ||
         state == RuntimeState::kStopped;
}

Result<std::unique_ptr<Dir>> open_secrets(const std::string& path) {
  return open_dir(path)
      .with_context("--secrets")
      .with_remedy("mount the volume of the SecretProviderClass there, or name its folder");
}

std::string role_name(runtime::Role role) {
  return role == runtime::Role::kLeader ? "leader" : "follower";
}

}  // namespace

Sidecar::Sidecar(SidecarParts parts)
    : parts_(std::move(parts)),
      admin_(parts_.admin),
      state_(parts_.state, cat(parts_.app.meta.display_name(), "\n", parts_.options.admin_url)) {
  context_.version = runtime::stated_version(parts_.app);
  context_.constants = parts_.constants;
  parts_.board.update([&](StatusReport& report) {
    report.app = parts_.app.meta.display_name();
    report.role = role_name(parts_.options.role);
  });
}

Status Sidecar::run(std::stop_token stop) {
  stop_ = std::move(stop);
  trouble_since_ = parts_.clock.steady_now();
  (void)parts_.watch.arm();  // a folder that comes late is met by the first wait
  Woken why = Woken::kChanged;
  while (why != Woken::kStopped && !stop_.stop_requested()) {
    woken_ = parts_.clock.steady_now();
    const Status status = step(why);
    if (stop_.stop_requested()) break;
    settle(status);
    report_health();
    if (!status.ok() && is_hopeless()) {
      return status.error().with_context("gave up starting the app");
    }
    why = parts_.watch.wait(next_wait(), stop_);
  }
  log::info("stopped, the runtime goes on");
  return {};
}

// Whether the app could not be started for too long. Beside an app that runs, started by the
// sidecar before this one, there is nothing to give up: our end would only take its reports away.
bool Sidecar::is_hopeless() {
  const Duration trouble = parts_.clock.steady_now() - trouble_since_;
  if (running_ || trouble <= parts_.options.give_up) return false;
  const auto state = runtime_status(admin_, quick());
  return !state.ok() || *state != RuntimeState::kRunning;
}

Status Sidecar::step(Woken why) {
  if (running_ && (why == Woken::kTime || failures_ > 0)) {
    KF_TRY(check_runtime());
    const bool due = parts_.clock.steady_now() - loaded_ >= parts_.options.file_poll;
    if (running_ && !due && failures_ == 0) return {};
  }
  if (!running_) return bring_up();
  KF_ASSIGN(const auto wanted, load());
  return apply(wanted);
}

// One consistent set, understood and merged; an error where it must not be used.
Result<runtime::Wanted> Sidecar::load() {
  loaded_ = parts_.clock.steady_now();
  volume::MountedSet set;
  std::vector<catalog::StoreFile> files;
  if (parts_.app.allow_override) {
    KF_ASSIGN(const auto dir, open_secrets(parts_.options.secrets_dir));
    KF_ASSIGN(set, volume::read_set(*dir));
    if (set.files.empty()) {
      return Error(ErrorCode::kNotFound, cat("no secret files in '", parts_.options.secrets_dir,
                                             "' yet; they come from the SecretProviderClass"));
    }
    for (const auto& file : set.files) files.push_back({file.path, file.contents.expose()});
  }
  auto wanted = runtime::wanted_settings(parts_.app, files, context_, parts_.options.role);
  if (auto problem = identity_login_problem(wanted); problem && !running_) {
    wanted.problems.push_back(*std::move(problem));
  }
  if (parts_.options.role == runtime::Role::kFollower) wanted.settings.admin_password.reset();
  add_path(wanted.settings, "BasePath", parts_.options.base_path);
  add_path(wanted.settings, "RuntimePath", parts_.options.runtime_path);
  parts_.board.update([&](StatusReport& report) { describe(wanted, report); });
  generation_ = set.generation;
  if (has_errors(wanted.problems)) {
    count_refused();
    return Error(ErrorCode::kInvalidArgument, errors_of(wanted.problems));
  }
  admin_.hide(hidden_values(wanted.settings));
  return wanted;
}

// Whether the runtime is still the one that was started; a new one is brought up from the
// beginning. It ran when we were done with it, so one that is only starting is a new one too.
Status Sidecar::check_runtime() {
  const auto answer = runtime_status(admin_, quick());
  if (!answer.ok()) {
    enter(Phase::kRuntimeUnreachable);
    return answer.error();
  }
  const RuntimeState state = *answer;
  if (state == RuntimeState::kBroken) {
    enter(Phase::kRuntimeBroken);
    return Error(ErrorCode::kFailedPrecondition, "the runtime is broken; restart its container");
  }
  if (is_startable(state)) {
    log::warning("the runtime was restarted, it is configured and started again");
    running_.reset();
    forget();
    trouble_since_ = parts_.clock.steady_now();
  } else {
    enter(served_ ? Phase::kRunning : Phase::kSettingPasswords);
  }
  return {};
}

Status Sidecar::learn_version() {
  const auto version = about_version(admin_, quick());
  if (!version.ok()) {
    return version.error().code() == ErrorCode::kUnimplemented ? Status() : version.error();
  }
  if (const auto parsed = catalog::runtime_version_of(*version)) context_.version = parsed;
  parts_.board.update([&](StatusReport& report) { report.runtime_version = *version; });
  return {};
}

// A bucket whose endpoint does not say where it is is asked, once per start. Where it does not
// answer, the guess stays: the region may be right, and S3 says so where it is not.
Result<runtime::Wanted> Sidecar::load_with_region() {
  context_.bucket_region.reset();  // it was that of the last start's bucket
  KF_ASSIGN(auto wanted, load());
  const std::string endpoint = bucket_to_ask(wanted.settings);
  if (endpoint.empty()) return wanted;
  const Deadline deadline = Deadline::in(parts_.clock, std::chrono::seconds(5));
  auto region = runtime::ask_bucket_region(parts_.http, endpoint, deadline, stop_);
  if (!region.ok()) {
    log::warning("the bucket's region is guessed", {{"error", region.error().message()}});
    return wanted;
  }
  context_.bucket_region = std::move(region).value();
  return load();
}

// The order of a start: everything is validated before the runtime is touched, and again once its
// version is known.
Status Sidecar::bring_up() {
  enter(Phase::kWaitingForSecrets);
  KF_TRY(load());
  enter(Phase::kWaitingForRuntime);
  KF_TRY(echo(admin_, quick()));
  KF_TRY(learn_version());
  KF_ASSIGN(const RuntimeState state, runtime_status(admin_, quick()));
  enter(Phase::kConfiguring);
  KF_ASSIGN(const auto wanted, load_with_region());
  if (state == RuntimeState::kRunning) return adopt(wanted);
  if (!is_startable(state)) {
    return Error(ErrorCode::kUnavailable,
                 cat("the runtime is ", name_of(state), "; waiting until it can be started"));
  }
  forget();
  KF_TRY(configure(start_parts(), parts_.app, wanted.settings));
  enter(Phase::kStarting);
  const Status started = start(start_parts(), wanted.settings);
  parts_.metrics.count_start(started.ok() ? Outcome::kApplied : Outcome::kRefused);
  KF_TRY(started);
  log::info("the runtime runs", {{"version", parts_.board.read()->runtime_version}});
  record_ = record_of(wanted.settings, {});
  state_.write(*record_);
  return accompany(copy_of(wanted.settings), wanted);
}

// We were restarted alone. Where the one before us wrote down what the runtime has, only what
// changed since is sent. Else it is taken to be what we would have given, and no credential is
// sent: the runtime may still log in as the user of before, whom a new password would lock out.
Status Sidecar::adopt(const runtime::Wanted& wanted) {
  record_ = state_.read();
  parts_.board.update([&](StatusReport& report) { report.past_known = record_.has_value(); });
  if (record_) {
    log::info("found the runtime running, what it has is remembered");
    return accompany(recall(*record_, wanted.settings), wanted);
  }
  log::warning(
      "found the runtime running, what it was started with is not known: restarts that were "
      "pending "
      "are not reported, credentials that changed meanwhile are not sent; restart it to be sure");
  return accompany(copy_of(wanted.settings), wanted);
}

// From here on the runtime has these settings; its passwords are not known yet.
Status Sidecar::accompany(EffectiveSettings running, const runtime::Wanted& wanted) {
  running_ = std::move(running);
  running_->admin_password.reset();
  running_->debugger_password.reset();
  debugger_known_ = false;
  served_ = false;
  enter(Phase::kSettingPasswords);
  return apply(wanted);
}

// What the runtime has is about to become something else.
void Sidecar::forget() {
  admin_.withhold_words(false);
  record_.reset();
  state_.forget();
  parts_.board.update([](StatusReport& report) { report.past_known = true; });
}

// Only what is known is written: a guess would be taken for knowledge by the next sidecar.
void Sidecar::remember() {
  if (!record_) return;
  record_ = record_of(*running_, *record_);
  state_.write(*record_);
}

// All is tried, also when a part is refused; told is the first refusal.
Status Sidecar::apply(const runtime::Wanted& wanted) {
  if (record_) recognise(*record_, wanted.settings, *running_);
  admin_.withhold_words(!knows_all_values());
  const ChangePlan plan = plan_change(*running_, wanted.settings, context_.version);
  std::vector<std::string> applied;
  const Status settings = set_live(plan, wanted.settings, applied);
  const Status passwords = set_passwords(plan, wanted.settings, applied);
  report_plan(plan);
  if (!applied.empty()) report_applied(std::move(applied));
  if (settings.ok() && passwords.ok()) {
    parts_.metrics.count_set(plan.acts() ? Outcome::kApplied : Outcome::kUnchanged);
  } else {
    count_refused();
  }
  return settings.ok() ? passwords : settings;
}

Status Sidecar::set_live(const ChangePlan& plan, const EffectiveSettings& wanted,
                         std::vector<std::string>& applied) {
  if (plan.live.empty()) return {};
  KF_TRY(update_configuration(admin_, configuration_of(wanted, plan.live), quick()));
  take_over(plan.live, wanted, *running_);
  remember();
  applied = plan.live;
  return {};
}

// Both are tried, also when the first is refused; adds what was set to `applied`.
Status Sidecar::set_passwords(const ChangePlan& plan, const EffectiveSettings& wanted,
                              std::vector<std::string>& applied) {
  Status admin;
  if (plan.admin == PasswordChange::kSet) {
    admin = set_admin(start_parts(), wanted.admin_password->value)
                .with_context(wanted.admin_password->origin);
    if (admin.ok()) {
      running_->admin_password = copy_of(wanted.admin_password);
      applied.emplace_back("MxAdmin password");
    }
  }
  const Status debugger = settle_debugger(plan, wanted);
  if (debugger.ok() && plan.debugger == PasswordChange::kSet) {
    applied.emplace_back("debugger password");
  }
  return admin.ok() ? debugger : admin;
}

// A runtime that ran before us may have its debugger on, with a password that is not wanted any
// more: what is not known is turned off as well.
Status Sidecar::settle_debugger(const ChangePlan& plan, const EffectiveSettings& wanted) {
  if (plan.debugger == PasswordChange::kNone && debugger_known_) return {};
  const Secret off;
  KF_TRY(set_debugger(admin_, wanted.debugger_password ? wanted.debugger_password->value : off,
                      quick())
             .with_context(wanted.debugger_password ? wanted.debugger_password->origin
                                                    : "debugger password"));
  running_->debugger_password = copy_of(wanted.debugger_password);
  debugger_known_ = true;
  return {};
}

std::chrono::milliseconds Sidecar::next_wait() const {
  if (failures_ == 0) return std::min(parts_.options.runtime_poll, parts_.options.file_poll);
  constexpr std::chrono::milliseconds kFirst{100};
  constexpr std::chrono::milliseconds kLongest{5'000};
  const int doublings = std::min(failures_ - 1, 10);
  return std::min({kFirst * (1 << doublings), kLongest, parts_.options.file_poll});
}

void Sidecar::enter(Phase phase) {
  parts_.board.update([&](StatusReport& report) { report.phase = phase; });
}

Deadline Sidecar::quick() const { return Deadline::in(parts_.clock, std::chrono::seconds(10)); }

}  // namespace keyferry::sidecar
