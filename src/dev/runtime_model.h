#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "dev/database_target.h"
#include "dev/postgres.h"
#include "dev/runtime_script.h"
#include "dev/setting_rules.h"
#include "formats/json.h"

namespace keyferry::dev {

// The result codes of M2EE answers used here (m2ee-tools).
enum M2eeResult : int {
  kM2eeOk = 0,
  kM2eeFailed = 1,
  kStartNoDatabase = 2,
  kInvalidState = 2,  // of check_health
  kNameExists = 3,    // of create_log_subscriber
  kStartNeedsDdl = 3,
  kStartConstantsMissing = 4,
  kStartWeakAdmin = 5,
  kStartInvalidState = 6,
  kStartAfterStartupFailed = 12,
  kRequestNull = -1,
  kBadContentType = -2,
  kBadMethod = -3,
  kForbidden = -4,
  kActionNotFound = -5,
  kUnreadableRequest = -6,
};

struct M2eeReply {
  int result = kM2eeOk;
  Json feedback;  // null: none
  std::string message;
  std::string cause;

  Json to_json() const;
};

struct ModelConstant {
  std::string name;
  bool has_default = false;
};
// From model/metadata.json: Constants[] {Name, DefaultValue}. kInvalidArgument: not of that shape.
Result<std::vector<ModelConstant>> constants_of_metadata(const Json& metadata);

struct RuntimeModelOptions {
  std::string version = "10.24.14";
  int ddl_commands = 0;  // pending before the first start
  std::vector<ModelConstant> constants;
};

enum class RuntimeState { kCreated, kStarting, kRunning, kStopping, kStopped, kBroken };
std::string_view name_of(RuntimeState state);

// One thing that happened, for the event file: a JSON object with "event" and no values.
using EventSink = std::function<void(Json)>;

// The stand-in runtime behind its admin interface: states, settings, admin users, debugger, DDL.
// It keeps hashes of passwords and constants for tests to compare. Any thread may call; starts
// connect to the database without holding the lock.
class RuntimeModel {
 public:
  using Connect = std::function<ConnectOutcome(const DatabaseTarget&)>;

  RuntimeModel(RuntimeModelOptions options, const Clock& clock, Connect connect, EventSink events);

  M2eeReply handle(std::string_view action, const Json& params);
  void set_script(RuntimeScript script);

  // Where a running runtime connects to now; null when not running or without PostgreSQL.
  std::shared_ptr<const DatabaseTarget> live_target() const;
  RuntimeState state() const;
  // State, names and hashes of settings, admin users, debugger, times of update_configuration.
  Json stats() const;

 private:
  friend struct ActionTable;
  using Settings = Json::Object;

  M2eeReply echo(const Json& params);
  M2eeReply action_info(const Json& params);
  M2eeReply about(const Json& params);
  M2eeReply runtime_status(const Json& params);
  M2eeReply check_health(const Json& params);
  M2eeReply accept(const Json& params);  // actions without a visible effect here
  M2eeReply create_log_subscriber(const Json& params);
  M2eeReply get_log_settings(const Json& params);
  M2eeReply update_configuration(const Json& params);
  M2eeReply get_ddl_commands(const Json& params);
  M2eeReply execute_ddl_commands(const Json& params);
  M2eeReply create_admin_user(const Json& params);
  M2eeReply update_admin_user(const Json& params);
  M2eeReply enable_debugger(const Json& params);
  M2eeReply disable_debugger(const Json& params);
  M2eeReply debugger_status(const Json& params);
  M2eeReply license_information(const Json& params);
  M2eeReply shut_down(const Json& params);

  // runtime_start.cc: the only action that lets go of the lock, while it connects.
  M2eeReply start(const Json& params);
  std::optional<M2eeReply> scripted_start();
  std::optional<M2eeReply> constants_problem() const;
  std::optional<M2eeReply> database_problem(std::unique_lock<std::mutex>& lock);
  M2eeReply set_running();

  M2eeReply set_admin_password(const std::string& user, const Json& params);
  M2eeReply failed_start(int result, std::string message, std::string cause, RuntimeState next);
  void apply_settings(const Settings& settings);
  void move_to(RuntimeState state);
  void report(std::string_view event, Json details = Json()) const;

  const RuntimeModelOptions options_;
  const RuntimeVersion version_;
  const Clock& clock_;
  const Connect connect_;
  const EventSink events_;

  mutable std::mutex mutex_;  // of everything below
  RuntimeState state_ = RuntimeState::kCreated;
  RuntimeScript script_;
  Settings settings_;                // as last sent
  Settings live_;                    // what the running runtime uses
  Json::Object constants_at_start_;  // name → hash
  std::vector<std::string> last_names_;
  std::vector<std::int64_t> update_times_ns_;
  std::set<std::string> pending_restart_;
  std::map<std::string, std::string> admin_users_;  // name → hash of the password
  std::map<std::string, std::string> log_subscribers_;
  std::optional<std::string> debugger_hash_;
  int starts_ = 0;
  int ddl_pending_ = 0;
  std::shared_ptr<const DatabaseTarget> target_;
};

}  // namespace keyferry::dev
