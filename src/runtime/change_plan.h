#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/runtime_version.h"
#include "runtime/settings.h"

namespace keyferry::runtime {

// A change that a running runtime does not take: what, and why.
struct PendingRestart {
  std::string name;    // "DatabaseUserName", "constant Shop.Title"
  std::string origin;  // "database-username", "mx-const-Shop.Title"
  std::string reason;  // "constants are read only at start"

  friend bool operator==(const PendingRestart&, const PendingRestart&) = default;
};

// "constant Shop.Title (mx-const-Shop.Title) needs a restart, because constants are read only …"
std::string to_text(const PendingRestart& pending);

enum class PasswordChange { kNone, kSet };

// What to do about the difference between what a runtime has and what it should have.
struct ChangePlan {
  std::vector<std::string> live;  // settings for one update_configuration, sorted
  PasswordChange admin = PasswordChange::kNone;
  PasswordChange debugger = PasswordChange::kNone;
  std::vector<PendingRestart> restart;  // sorted by name
  std::vector<std::string> degraded;    // values that are gone from their source and were kept

  bool acts() const {
    return !live.empty() || admin == PasswordChange::kSet || debugger == PasswordChange::kSet;
  }
};

// `running`: what the runtime has now, its settings and constants as they were at its start but for
// what was applied live since. Pure; comparing again after the live part was applied gives the same
// restarts and nothing live. An unknown version takes nothing live that depends on it.
ChangePlan plan_change(const EffectiveSettings& running, const EffectiveSettings& wanted,
                       const std::optional<catalog::RuntimeVersion>& version);

// Takes over into `running` the settings that were just applied.
void take_over(const std::vector<std::string>& names, const EffectiveSettings& wanted,
               EffectiveSettings& running);

}  // namespace keyferry::runtime
