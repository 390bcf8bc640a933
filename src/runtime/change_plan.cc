// What a running runtime takes, and what has to wait for its next start.
//
// A secret that changed in the store is worth nothing until the runtime uses it; but the runtime
// reads most settings only once, at start, and an update_configuration that it silently ignores
// would look like success. So every difference goes exactly one of four ways:
//
//   live      credentials: file storage keys; the database password from Mendix 9.22
//   action    the MxAdmin and the debugger password, which are no settings
//   restart   everything else, with the reason
//   kept      a database password that vanished: no password is an identity at work, and that is
//             never entered by accident while running
//
// A credential is worth something only together with the place and the name it belongs to. When one
// of those changes too, and it needs a restart, the new credential is held back: sent alone it
// would break a connection that works. Held back, the running pair stays whole until the restart
// takes the new pair.
//
// The plan compares against what the runtime has, not against the last set of files. So a constant
// that is set back to its old value takes its own pending restart away, and planning twice acts
// once.

#include "runtime/change_plan.h"

#include <algorithm>

#include "base/strings.h"
#include "catalog/key_table.h"

namespace keyferry::runtime {

namespace {

using catalog::Group;
using catalog::KeyRow;
using catalog::Live;

enum class Difference { kNone, kNew, kChanged, kGone };

Difference difference(const Setting* before, const Setting* after) {
  if (before == nullptr) return after == nullptr ? Difference::kNone : Difference::kNew;
  if (after == nullptr) return Difference::kGone;
  return before->json == after->json ? Difference::kNone : Difference::kChanged;
}

std::string_view verb_of(Difference difference) {
  switch (difference) {
    case Difference::kNew:
      return "was added";
    case Difference::kChanged:
      return "changed";
    case Difference::kGone:
      return "was removed";
    case Difference::kNone:
      break;
  }
  return "is unchanged";
}

// The names of both lists, each once, sorted.
std::vector<std::string> names_of(const std::vector<Setting>& a, const std::vector<Setting>& b) {
  std::vector<std::string> names;
  for (const auto* list : {&a, &b}) {
    for (const Setting& setting : *list) names.push_back(setting.name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// File storage is one thing, whichever keys describe it.
Group whole_of(Group group) {
  return group == Group::kS3 || group == Group::kAzure ? Group::kStorage : group;
}

class Planner {
 public:
  Planner(const EffectiveSettings& running, const EffectiveSettings& wanted,
          const std::optional<catalog::RuntimeVersion>& version)
      : running_(running), wanted_(wanted), version_(version) {}

  ChangePlan plan() {
    for (const std::string& name : names_of(running_.settings, wanted_.settings)) {
      plan_setting(name);
    }
    for (const std::string& name : names_of(running_.constants, wanted_.constants)) {
      plan_constant(name);
    }
    plan_passwords();
    std::sort(plan_.restart.begin(), plan_.restart.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return std::move(plan_);
  }

 private:
  Difference difference_of(std::string_view name) const {
    return difference(running_.find(name), wanted_.find(name));
  }

  void need_restart(std::string name, const Setting* before, const Setting* after,
                    std::string reason) {
    const Setting* known = after != nullptr ? after : before;
    plan_.restart.push_back({std::move(name), known->origin, std::move(reason)});
  }

  void plan_setting(const std::string& name) {
    const Difference changed = difference_of(name);
    if (changed == Difference::kNone) return;
    const KeyRow* row = catalog::row_of_setting(name);
    const Setting* before = running_.find(name);
    const Setting* after = wanted_.find(name);
    if (row == nullptr || row->live == Live::kRestart) {
      need_restart(name, before, after, cat("it ", verb_of(changed), " and is read only at start"));
    } else if (row->live == Live::kFromLivePassword && changed == Difference::kGone) {
      plan_.degraded.push_back(name);
    } else if (changed == Difference::kGone) {
      need_restart(name, before, after, "it was removed, and a running runtime keeps what it has");
    } else if (const std::string anchor = changed_anchor(row->group); !anchor.empty()) {
      need_restart(name, before, after,
                   cat("it belongs to ", anchor, ", which changed too and is read only at start"));
    } else if (row->live == Live::kFromLivePassword && !takes_live_password()) {
      need_restart(name, before, after, password_reason());
    } else {
      plan_.live.push_back(name);
    }
  }

  // A setting of the same group that changed and needs a restart; "" when there is none.
  std::string changed_anchor(Group group) const {
    for (const KeyRow& row : catalog::key_table()) {
      if (whole_of(row.group) != whole_of(group) || row.live != Live::kRestart) continue;
      if (row.setting.empty() || row.requirement == catalog::Requirement::kOptional) continue;
      if (difference_of(row.setting) != Difference::kNone) return std::string(row.setting);
    }
    return "";
  }

  bool takes_live_password() const {
    return version_ && *version_ >= catalog::kLiveDatabasePasswordSince;
  }

  std::string password_reason() const {
    return cat(version_ ? cat("runtime ", to_text(*version_)) : "a runtime of unknown version",
               " takes a new database password only at start (live from ",
               to_text(catalog::kLiveDatabasePasswordSince), ")");
  }

  void plan_constant(const std::string& name) {
    const Setting* before = running_.find_constant(name);
    const Setting* after = wanted_.find_constant(name);
    const Difference changed = difference(before, after);
    if (changed == Difference::kNone) return;
    need_restart(cat("constant ", name), before, after,
                 cat("it ", verb_of(changed), " and constants are read only at start"));
  }

  void plan_passwords() {
    if (wanted_.admin_password && (!running_.admin_password || !(running_.admin_password->value ==
                                                                 wanted_.admin_password->value))) {
      plan_.admin = PasswordChange::kSet;
    }
    const Secret none;
    const Secret& before = running_.debugger_password ? running_.debugger_password->value : none;
    const Secret& after = wanted_.debugger_password ? wanted_.debugger_password->value : none;
    if (!(before == after)) plan_.debugger = PasswordChange::kSet;
  }

  const EffectiveSettings& running_;
  const EffectiveSettings& wanted_;
  const std::optional<catalog::RuntimeVersion>& version_;
  ChangePlan plan_;
};

}  // namespace

std::string to_text(const PendingRestart& pending) {
  return cat(pending.name, pending.origin.empty() ? "" : cat(" (", pending.origin, ")"),
             " needs a restart, because ", pending.reason);
}

ChangePlan plan_change(const EffectiveSettings& running, const EffectiveSettings& wanted,
                       const std::optional<catalog::RuntimeVersion>& version) {
  return Planner(running, wanted, version).plan();
}

void take_over(const std::vector<std::string>& names, const EffectiveSettings& wanted,
               EffectiveSettings& running) {
  for (const std::string& name : names) put(copy_of(*wanted.find(name)), running.settings);
}

}  // namespace keyferry::runtime
