// The start action of the stand-in runtime and the DDL step that may stand before it.
#include "base/encoding.h"
#include "base/strings.h"
#include "dev/runtime_model.h"
#include "net/sha256.h"

namespace keyferry::dev {
namespace {

constexpr RuntimeVersion kRegionMandatorySince = {11, 6, 0};

std::string_view scripted_message(int result) {
  switch (result) {
    case 2:
      return "The database does not exist";
    case 3:
      return "The database structure is out of sync with the model";
    case 4:
      return "Constant definitions are missing";
    case 5:
      return "Some admin users have a weak password";
    case 6:
      return "Invalid runtime state";
    case 7:
      return "DTAPMode is missing";
    case 8:
      return "BasePath is missing";
    case 9:
      return "RuntimePath is missing";
    case 10:
      return "Invalid license";
    case 11:
      return "Project security is disabled in production mode";
    case 12:
      return "The after-startup microflow failed";
    case 13:
      return "Mobile is not in the license";
    default:
      return "The runtime could not be started";
  }
}

// The runtime waits for more after these; the others need a new configuration.
RuntimeState state_after(int result) {
  switch (result) {
    case kStartNoDatabase:
    case kStartNeedsDdl:
    case kStartWeakAdmin:
      return RuntimeState::kStarting;
    case kStartAfterStartupFailed:
      return RuntimeState::kBroken;
    default:
      return RuntimeState::kCreated;
  }
}

std::string_view text_in(const Json::Object& settings, std::string_view name) {
  const auto found = settings.find(name);
  const std::string* text = found == settings.end() ? nullptr : found->second.as_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

std::string connection_cause(const ConnectOutcome& outcome) {
  return cat("org.postgresql.util.PSQLException: SQLState: ",
             outcome.sql_state.empty() ? "08001" : outcome.sql_state,
             " Error code: 0 Message: ", outcome.message);
}

}  // namespace

M2eeReply RuntimeModel::start(const Json&) {
  std::unique_lock lock(mutex_);
  if (state_ != RuntimeState::kCreated && state_ != RuntimeState::kStarting) {
    return {kStartInvalidState, Json(), std::string(scripted_message(kStartInvalidState)), {}};
  }
  ++starts_;
  move_to(RuntimeState::kStarting);
  if (auto reply = scripted_start()) return std::move(*reply);
  if (auto reply = constants_problem()) {
    move_to(RuntimeState::kCreated);
    return std::move(*reply);
  }
  if (auto reply = database_problem(lock)) return std::move(*reply);
  if (ddl_pending_ > 0) {
    return failed_start(kStartNeedsDdl, std::string(scripted_message(kStartNeedsDdl)),
                        "execute_ddl_commands must be run first", RuntimeState::kStarting);
  }
  if (!script_.weak_admin_users.empty()) {
    M2eeReply reply = failed_start(kStartWeakAdmin, std::string(scripted_message(kStartWeakAdmin)),
                                   "", RuntimeState::kStarting);
    const auto& users = script_.weak_admin_users;
    reply.feedback = Json::Object{{"users", Json(Json::Array(users.begin(), users.end()))}};
    return reply;
  }
  return set_running();
}

std::optional<M2eeReply> RuntimeModel::scripted_start() {
  if (script_.start_results.empty()) return std::nullopt;
  const int result = script_.start_results.front();
  script_.start_results.erase(script_.start_results.begin());
  if (result == kM2eeOk) return std::nullopt;
  return failed_start(result, std::string(scripted_message(result)), "ordered by the script",
                      state_after(result));
}

std::optional<M2eeReply> RuntimeModel::constants_problem() const {
  const auto given = settings_.find("MicroflowConstants");
  std::vector<std::string> missing;
  for (const ModelConstant& constant : options_.constants) {
    const bool set = given != settings_.end() && given->second.find(constant.name) != nullptr;
    if (!set && !constant.has_default) missing.push_back(constant.name);
  }
  if (missing.empty()) return std::nullopt;
  return M2eeReply{kStartConstantsMissing, Json(), "Constant definitions are missing",
                   join(missing, ", ")};
}

// Checks what the real runtime finds out when it opens its database and its file storage.
std::optional<M2eeReply> RuntimeModel::database_problem(std::unique_lock<std::mutex>& lock) {
  const bool s3 = text_in(settings_, "com.mendix.core.StorageService") == "com.mendix.storage.s3";
  if (s3 && version_ >= kRegionMandatorySince &&
      text_in(settings_, "com.mendix.storage.s3.Region").empty()) {
    return failed_start(kM2eeFailed, "The file storage could not be opened",
                        "Unable to load region from any of the providers in the chain",
                        RuntimeState::kCreated);
  }
  if (text_in(settings_, "DatabaseType").empty()) {
    return failed_start(kM2eeFailed, "The database could not be opened", "DatabaseType is missing",
                        RuntimeState::kCreated);
  }
  auto target = database_target_of(settings_);
  if (!target.ok()) {
    return failed_start(kM2eeFailed, "The database could not be opened", target.error().message(),
                        RuntimeState::kCreated);
  }
  target_ = *target;
  if (target_ == nullptr) return std::nullopt;
  lock.unlock();
  const ConnectOutcome outcome = connect_(**target);
  lock.lock();
  if (outcome.connected) return std::nullopt;
  if (outcome.sql_state == "3D000") {
    return failed_start(kStartNoDatabase,
                        cat("Database '", (*target)->database, "' does not exist"),
                        connection_cause(outcome), RuntimeState::kStarting);
  }
  return failed_start(kM2eeFailed, "The database connection could not be established",
                      connection_cause(outcome), RuntimeState::kCreated);
}

M2eeReply RuntimeModel::set_running() {
  live_ = settings_;
  pending_restart_.clear();
  constants_at_start_.clear();
  if (const auto given = live_.find("MicroflowConstants"); given != live_.end()) {
    for (const auto& [name, value] : *given->second.as_object()) {
      const std::string text = value.as_string() != nullptr ? *value.as_string() : to_text(value);
      constants_at_start_[name] = hex_encode(sha256(text));
    }
  }
  move_to(RuntimeState::kRunning);
  return {kM2eeOk, Json(Json::Object{}), {}, {}};
}

M2eeReply RuntimeModel::failed_start(int result, std::string message, std::string cause,
                                     RuntimeState next) {
  move_to(next);
  return {result, Json(), std::move(message), std::move(cause)};
}

M2eeReply RuntimeModel::get_ddl_commands(const Json&) {
  const std::lock_guard lock(mutex_);
  Json::Array commands;
  for (int i = 1; i <= ddl_pending_; ++i) {
    commands.emplace_back(
        cat("CREATE TABLE \"shop$entity", i, "\" (\"id\" BIGINT NOT NULL, PRIMARY KEY(\"id\"));"));
  }
  return {kM2eeOk, Json(Json::Object{{"ddl_commands", Json(std::move(commands))}}), {}, {}};
}

M2eeReply RuntimeModel::execute_ddl_commands(const Json&) {
  const std::lock_guard lock(mutex_);
  report("execute_ddl_commands", Json::Object{{"count", Json(ddl_pending_)}});
  ddl_pending_ = 0;
  return {kM2eeOk, Json(Json::Object{}), {}, {}};
}

}  // namespace keyferry::dev
