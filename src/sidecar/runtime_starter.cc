#include "sidecar/runtime_starter.h"

#include "base/log.h"
#include "base/strings.h"

namespace keyferry::sidecar {

namespace {

constexpr auto kQuick = std::chrono::seconds(30);

Deadline quick(const StartParts& parts) { return Deadline::in(parts.clock, kQuick); }

// The leader brings the database up to the model; a follower gives it the time.
Status settle_structure(const StartParts& parts) {
  if (parts.options.role == runtime::Role::kFollower) {
    log::info("the database is not up to date yet, the leader has to change it");
    parts.clock.wait_for(std::chrono::seconds(10), parts.stop);
    return {};
  }
  const Deadline deadline = Deadline::in(parts.clock, parts.options.start_limit);
  const auto commands = execute_ddl(parts.admin, deadline);
  if (!commands.ok()) return commands.error();
  log::info("database structure changed",
            {{"commands", *commands ? std::to_string(**commands) : "not told"}});
  return {};
}

Status strengthen_admins(const StartParts& parts, const runtime::EffectiveSettings& wanted,
                         const runtime::StartReport& report) {
  const bool follower = parts.options.role == runtime::Role::kFollower;
  if (!wanted.admin_password || follower || report.users.empty()) return *report.error;
  for (const std::string& user : report.users) {
    KF_TRY(update_admin_user(parts.admin, user, wanted.admin_password->value, quick(parts)));
    log::info("weak admin password replaced", {{"user", user}});
  }
  return {};
}

}  // namespace

Status configure(const StartParts& parts, const manifest::MendixApp& app,
                 const runtime::EffectiveSettings& wanted) {
  KF_TRY(set_up_logging(parts.admin, app.runtime.log_autosubscribe_level, app.runtime.log_levels,
                        quick(parts)));
  KF_TRY(update_appcontainer(parts.admin, parts.options.runtime_port, app.runtime.jetty_options,
                             quick(parts)));
  return update_configuration(parts.admin, configuration_of(wanted), quick(parts));
}

Status start(const StartParts& parts, const runtime::EffectiveSettings& wanted) {
  constexpr int kRounds = 10;  // structure, weak admins, a structure again after a late leader
  std::optional<Error> last;
  for (int round = 0; round < kRounds && !parts.stop.stop_requested(); ++round) {
    const Deadline deadline = Deadline::in(parts.clock, parts.options.start_limit);
    KF_ASSIGN(const auto report, runtime::start(parts.admin, deadline));
    last = report.error;
    switch (report.outcome) {
      case runtime::StartOutcome::kRunning:
        return {};
      case runtime::StartOutcome::kStructureOutOfSync:
        KF_TRY(settle_structure(parts));
        break;
      case runtime::StartOutcome::kWeakAdminPassword:
        KF_TRY(strengthen_admins(parts, wanted, report));
        break;
      case runtime::StartOutcome::kFailed:
        return *report.error;
    }
  }
  return last ? *last : Error(ErrorCode::kCancelled, "stopped while the runtime was started");
}

Status set_admin(const StartParts& parts, const Secret& password) {
  Status updated = update_admin_user(parts.admin, parts.options.admin_user, password, quick(parts));
  if (updated.ok() || updated.error().code() != ErrorCode::kInvalidArgument) return updated;
  // No such user yet, most likely. Where it was the password, the second refusal may only say that
  // the user is there; so both are told.
  Status created = create_admin_user(parts.admin, password, quick(parts));
  if (created.ok() || created.error().code() != ErrorCode::kInvalidArgument) return created;
  return Error(ErrorCode::kInvalidArgument,
               cat(updated.error().message(), "; ", created.error().message()));
}

}  // namespace keyferry::sidecar
