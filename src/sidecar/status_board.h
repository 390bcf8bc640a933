#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "catalog/catalog.h"
#include "formats/json.h"
#include "runtime/change_plan.h"
#include "runtime/settings.h"
#include "runtime/wanted.h"

namespace keyferry::sidecar {

// Where the sidecar is on its way.
enum class Phase {
  kWaitingForSecrets,
  kWaitingForRuntime,
  kConfiguring,
  kStarting,
  kSettingPasswords,    // it runs; its first set is not applied wholly yet
  kRunning,             // it runs with what it was given
  kRuntimeUnreachable,  // it ran, and does not answer any more
  kRuntimeBroken,       // it ran, and says it is broken
};
std::string_view name_of(Phase phase);

// Who gives a group, and how ("password", "s3-role"; "" where that is not ours to know).
struct GroupSource {
  std::string group;  // "database", "storage", "admin", "debugger", "constants"
  std::string source;
  std::string mode;

  friend bool operator==(const GroupSource&, const GroupSource&) = default;
};

// When something happened: for people, and for how long ago it was, whoever sets the clock.
struct Moment {
  WallTime wall;
  SteadyTime steady;
};

struct Rotation {
  Moment at;
  std::vector<std::string> applied;  // names of settings and passwords
  std::chrono::microseconds took{0};
};

// Everything the sidecar says about itself. Never holds a value.
struct StatusReport {
  std::string app;   // "MendixApp shop/web"
  std::string role;  // "leader"
  Phase phase = Phase::kWaitingForSecrets;
  std::string runtime_version;
  std::string generation;  // of the set that is applied
  std::optional<Moment> applied_at;
  std::vector<GroupSource> groups;
  std::vector<std::string> missing_keys;
  std::vector<std::string> ignored_keys;
  std::vector<catalog::UnknownKey> unknown_keys;
  std::vector<runtime::PendingRestart> pending_restart;
  bool past_known = true;  // false: beside them there may be ones from before the sidecar's start
  std::vector<std::string> kept_values;  // gone from the store, still in use
  Problems problems;
  std::optional<Error> trouble;  // why the newest set is not in use
  std::optional<Rotation> last_rotation;
  std::string diagnosis;  // of a runtime that calls itself sick, without values; "": not sick

  bool degraded() const { return trouble.has_value() || !kept_values.empty(); }
};

// The sidecar's public face: written by its loop, read by the endpoints. Any thread may call.
class StatusBoard {
 public:
  void update(const std::function<void(StatusReport&)>& change);
  std::shared_ptr<const StatusReport> read() const;

  // What the runtime said of its health at the last probe, as it came; "" when it is well. Kept
  // apart from the report, as it may quote values, until the loop that knows them has taken it.
  void note_diagnosis(Secret words);
  std::optional<Secret> take_diagnosis();

 private:
  mutable std::mutex mutex_;
  std::optional<Secret> diagnosis_;
  std::shared_ptr<const StatusReport> report_ = std::make_shared<StatusReport>();
};

// The groups and keys of a set, for the report.
void describe(const runtime::Wanted& wanted, StatusReport& report);

// The body of /status.
Json to_json(const StatusReport& report, SteadyTime now);

}  // namespace keyferry::sidecar
