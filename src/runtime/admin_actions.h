#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "runtime/runtime_admin.h"

// The admin actions that the sidecar uses, typed. Each is one call; none retries. Where the runtime
// refuses, kInvalidArgument carries its own words: whoever shows them asks through DiscreetAdmin.
namespace keyferry::runtime {

enum class RuntimeState { kCreated, kStarting, kRunning, kStopping, kStopped, kBroken, kUnknown };
std::string_view name_of(RuntimeState state);

enum class Health { kHealthy, kSick, kUnknown };

struct HealthReport {
  Health health = Health::kUnknown;
  std::string diagnosis;
};

// Any answer means alive, also one that lists critical log lines.
Status echo(RuntimeAdmin& admin, Deadline deadline);
Result<RuntimeState> runtime_status(RuntimeAdmin& admin, Deadline deadline);
Result<HealthReport> check_health(RuntimeAdmin& admin, Deadline deadline);
// The runtime's own version (about.version).
Result<std::string> about_version(RuntimeAdmin& admin, Deadline deadline);

// Sends a console subscriber with this level (when not empty), the levels per node, and starts
// logging. A subscriber that is there already is no error.
Status set_up_logging(RuntimeAdmin& admin, const std::string& level,
                      const std::map<std::string, std::string>& node_levels, Deadline deadline);
Status update_appcontainer(RuntimeAdmin& admin, int runtime_port, const Json& jetty_options,
                           Deadline deadline);

// `params`: settings and MicroflowConstants as one JSON object.
Status update_configuration(RuntimeAdmin& admin, const Secret& params, Deadline deadline);

enum class StartOutcome { kRunning, kStructureOutOfSync, kWeakAdminPassword, kFailed };

struct StartReport {
  StartOutcome outcome = StartOutcome::kFailed;
  std::optional<Error> error;      // set unless kRunning: what it means and what to do
  std::vector<std::string> users;  // of kWeakAdminPassword
};

// One `start`; synchronous, may take minutes.
Result<StartReport> start(RuntimeAdmin& admin, Deadline deadline);
// Runs the pending structure changes; how many there were, where the runtime told it.
Result<std::optional<std::size_t>> execute_ddl(RuntimeAdmin& admin, Deadline deadline);

Status create_admin_user(RuntimeAdmin& admin, const Secret& password, Deadline deadline);
Status update_admin_user(RuntimeAdmin& admin, const std::string& username, const Secret& password,
                         Deadline deadline);
// An empty password turns the debugger off.
Status set_debugger(RuntimeAdmin& admin, const Secret& password, Deadline deadline);

}  // namespace keyferry::runtime
