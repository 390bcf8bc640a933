#include "dev/runtime_model.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"
#include "net/sha256.h"

namespace keyferry::dev {

// When an action is registered; before that the runtime says "action not found".
enum class Since { kAlways, kFirstStart, kRunning };

struct ActionTable {
  struct Row {
    std::string_view name;
    Since since;
    M2eeReply (RuntimeModel::*run)(const Json&);
  };
  static constexpr Row kRows[] = {
      {"about", Since::kAlways, &RuntimeModel::about},
      {"add_mime_type", Since::kAlways, &RuntimeModel::accept},
      {"cache_statistics", Since::kRunning, &RuntimeModel::accept},
      {"check_health", Since::kRunning, &RuntimeModel::check_health},
      {"close_stdio", Since::kAlways, &RuntimeModel::accept},
      {"create_admin_user", Since::kFirstStart, &RuntimeModel::create_admin_user},
      {"create_log_subscriber", Since::kAlways, &RuntimeModel::create_log_subscriber},
      {"disable_debugger", Since::kRunning, &RuntimeModel::disable_debugger},
      {"echo", Since::kAlways, &RuntimeModel::echo},
      {"enable_debugger", Since::kRunning, &RuntimeModel::enable_debugger},
      {"execute_ddl_commands", Since::kFirstStart, &RuntimeModel::execute_ddl_commands},
      {"get_admin_action_info", Since::kAlways, &RuntimeModel::action_info},
      {"get_all_thread_stack_traces", Since::kRunning, &RuntimeModel::accept},
      {"get_current_runtime_requests", Since::kRunning, &RuntimeModel::accept},
      {"get_ddl_commands", Since::kFirstStart, &RuntimeModel::get_ddl_commands},
      {"get_debugger_status", Since::kRunning, &RuntimeModel::debugger_status},
      {"get_license_information", Since::kRunning, &RuntimeModel::license_information},
      {"get_log_settings", Since::kAlways, &RuntimeModel::get_log_settings},
      {"get_logged_in_user_names", Since::kRunning, &RuntimeModel::accept},
      {"interrupt_request", Since::kRunning, &RuntimeModel::accept},
      {"runtime_statistics", Since::kRunning, &RuntimeModel::accept},
      {"runtime_status", Since::kAlways, &RuntimeModel::runtime_status},
      {"server_statistics", Since::kRunning, &RuntimeModel::accept},
      {"set_license", Since::kFirstStart, &RuntimeModel::accept},
      {"set_log_level", Since::kAlways, &RuntimeModel::accept},
      {"shutdown", Since::kAlways, &RuntimeModel::shut_down},
      {"start", Since::kAlways, &RuntimeModel::start},
      {"start_logging", Since::kAlways, &RuntimeModel::accept},
      {"update_admin_user", Since::kFirstStart, &RuntimeModel::update_admin_user},
      {"update_appcontainer_configuration", Since::kAlways, &RuntimeModel::accept},
      {"update_configuration", Since::kAlways, &RuntimeModel::update_configuration},
  };

  static bool registered(Since since, RuntimeState state, int starts) {
    switch (since) {
      case Since::kAlways:
        return true;
      case Since::kFirstStart:
        return starts > 0;
      case Since::kRunning:
        return state == RuntimeState::kRunning;
    }
    return false;
  }
};

namespace {

constexpr std::string_view kModelAdmin = "MxAdmin";

std::string hash_of_text(std::string_view text) { return hex_encode(sha256(text)); }

std::string hash_of(const Json& value) {
  return value.as_string() != nullptr ? hash_of_text(*value.as_string())
                                      : hash_of_text(to_text(value));
}

Json hashes_of(const Json::Object& values) {
  Json::Object hashes;
  for (const auto& [name, value] : values) hashes[name] = hash_of(value);
  return hashes;
}

M2eeReply feedback_of(Json::Object members) { return {kM2eeOk, Json(std::move(members)), {}, {}}; }

M2eeReply ok() { return feedback_of({}); }

}  // namespace

Json M2eeReply::to_json() const {
  Json json = Json::Object{{"result", Json(result)}};
  if (!feedback.is_null()) json.set("feedback", feedback);
  if (!message.empty()) json.set("message", message);
  if (!cause.empty()) json.set("cause", cause);
  if (result != kM2eeOk && !cause.empty()) json.set("stacktrace", "at stand-in runtime");
  return json;
}

std::string_view name_of(RuntimeState state) {
  switch (state) {
    case RuntimeState::kCreated:
      return "created";
    case RuntimeState::kStarting:
      return "starting";
    case RuntimeState::kRunning:
      return "running";
    case RuntimeState::kStopping:
      return "stopping";
    case RuntimeState::kStopped:
      return "stopped";
    case RuntimeState::kBroken:
      return "broken";
  }
  return "";
}

Result<std::vector<ModelConstant>> constants_of_metadata(const Json& metadata) {
  const Json* list = metadata.find("Constants");
  if (list == nullptr || list->as_array() == nullptr) {
    return Error(ErrorCode::kInvalidArgument, "metadata: expected an array 'Constants'");
  }
  std::vector<ModelConstant> constants;
  for (const Json& entry : *list->as_array()) {
    const Json* value = entry.find("DefaultValue");
    const std::string name(entry.text_of("Name"));
    if (name.empty())
      return Error(ErrorCode::kInvalidArgument, "metadata: a constant without 'Name'");
    constants.push_back({name, value != nullptr && !value->is_null()});
  }
  return constants;
}

RuntimeModel::RuntimeModel(RuntimeModelOptions options, const Clock& clock, Connect connect,
                           EventSink events)
    : options_(std::move(options)),
      version_(runtime_version_of(options_.version)),
      clock_(clock),
      connect_(std::move(connect)),
      events_(std::move(events)),
      ddl_pending_(options_.ddl_commands) {}

M2eeReply RuntimeModel::handle(std::string_view action, const Json& params) {
  const auto* row = std::find_if(std::begin(ActionTable::kRows), std::end(ActionTable::kRows),
                                 [&](const auto& r) { return r.name == action; });
  const bool known = row != std::end(ActionTable::kRows);
  {
    const std::lock_guard lock(mutex_);
    if (!known || !ActionTable::registered(row->since, state_, starts_)) {
      return {kActionNotFound, Json(), cat("Action not found: ", action), {}};
    }
  }
  return (this->*row->run)(params);
}

void RuntimeModel::set_script(RuntimeScript script) {
  const std::lock_guard lock(mutex_);
  script_ = std::move(script);
}

std::shared_ptr<const DatabaseTarget> RuntimeModel::live_target() const {
  const std::lock_guard lock(mutex_);
  return state_ == RuntimeState::kRunning ? target_ : nullptr;
}

RuntimeState RuntimeModel::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

M2eeReply RuntimeModel::echo(const Json&) {
  const std::lock_guard lock(mutex_);
  if (script_.critical_errors.empty()) return feedback_of({{"echo", "pong"}});
  Json::Array errors;
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall_now().time_since_epoch());
  for (const std::string& text : script_.critical_errors) {
    errors.push_back(Json::Object{{"message", Json(text)},
                                  {"cause", Json("")},
                                  {"timestamp", Json(std::int64_t{now.count()})}});
  }
  return feedback_of({{"echo", "critical errors"}, {"errors", Json(std::move(errors))}});
}

M2eeReply RuntimeModel::action_info(const Json&) {
  const std::lock_guard lock(mutex_);
  Json::Object info;
  for (const auto& row : ActionTable::kRows) {
    if (ActionTable::registered(row.since, state_, starts_))
      info[std::string(row.name)] = Json::Object{};
  }
  return feedback_of({{"action_info", Json(std::move(info))}});
}

M2eeReply RuntimeModel::about(const Json&) {
  return feedback_of({{"name", "Mendix Runtime (stand-in)"},
                      {"version", Json(options_.version)},
                      {"build", "dev"},
                      {"copyright", ""},
                      {"java_version", ""},
                      {"model_version", "unversioned"},
                      {"vendor", "keyferry-dev"},
                      {"xasid", "0"}});
}

M2eeReply RuntimeModel::runtime_status(const Json&) {
  return feedback_of({{"status", Json(name_of(state()))}});
}

M2eeReply RuntimeModel::check_health(const Json&) {
  const std::lock_guard lock(mutex_);
  Json::Object feedback{{"health", Json(script_.health)}};
  if (!script_.diagnosis.empty()) feedback["diagnosis"] = script_.diagnosis;
  return feedback_of(std::move(feedback));
}

M2eeReply RuntimeModel::accept(const Json&) { return ok(); }

M2eeReply RuntimeModel::create_log_subscriber(const Json& params) {
  const std::lock_guard lock(mutex_);
  const std::string name(params.text_of("name"));
  if (!log_subscribers_.emplace(name, params.text_of("autosubscribe")).second) {
    return {kNameExists, Json(), cat("Log subscriber already exists: ", name), {}};
  }
  return ok();
}

M2eeReply RuntimeModel::get_log_settings(const Json&) {
  const std::lock_guard lock(mutex_);
  Json::Object settings;
  for (const auto& [name, level] : log_subscribers_) {
    settings[name] = Json::Object{{"Core", Json(level)}};
  }
  return feedback_of(std::move(settings));
}

M2eeReply RuntimeModel::update_configuration(const Json& params) {
  const std::int64_t at_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(clock_.steady_now().time_since_epoch())
          .count();
  const std::lock_guard lock(mutex_);
  update_times_ns_.push_back(at_ns);
  last_names_.clear();
  if (params.as_object() == nullptr) {
    return {kM2eeFailed, Json(), "Configuration could not be updated", "params is not an object"};
  }
  for (const auto& [name, value] : *params.as_object()) {
    last_names_.push_back(name);
    auto cause = setting_problem(name, value);
    if (const auto refused = script_.refuse.find(name); refused != script_.refuse.end()) {
      cause = refused->second;
    }
    if (cause) return {kM2eeFailed, Json(), "Configuration could not be updated", *cause};
  }
  apply_settings(*params.as_object());
  return ok();
}

void RuntimeModel::apply_settings(const Settings& settings) {
  Json::Array live_names, restart_names;
  for (const auto& [name, value] : settings) {
    settings_[name] = value;
    if (state_ != RuntimeState::kRunning) continue;
    if (is_live_setting(name, version_)) {
      live_[name] = value;
      live_names.emplace_back(name);
    } else if (const auto used = live_.find(name); used == live_.end() || used->second != value) {
      pending_restart_.insert(name);
      restart_names.emplace_back(name);
    } else {
      pending_restart_.erase(name);
    }
  }
  if (!live_names.empty()) {
    if (auto target = database_target_of(live_); target.ok()) target_ = std::move(*target);
  }
  report("update_configuration",
         Json::Object{{"names", Json(Json::Array(last_names_.begin(), last_names_.end()))},
                      {"live", Json(std::move(live_names))},
                      {"restart_required", Json(std::move(restart_names))}});
}

M2eeReply RuntimeModel::create_admin_user(const Json& params) {
  const std::string_view user = params.text_of("username");
  return set_admin_password(std::string(user.empty() ? kModelAdmin : user), params);
}

M2eeReply RuntimeModel::update_admin_user(const Json& params) {
  const std::string user(params.text_of("username"));
  {
    const std::lock_guard lock(mutex_);
    const bool known = admin_users_.contains(user) || user == kModelAdmin;
    if (!known)
      return {kM2eeFailed, Json(), "Admin user could not be updated", cat("no such user: ", user)};
  }
  return set_admin_password(user, params);
}

M2eeReply RuntimeModel::set_admin_password(const std::string& user, const Json& params) {
  const std::string_view password = params.text_of("password");
  if (const auto problem = password_problem(password)) {
    return {kM2eeFailed, Json(), "Password of the admin user could not be set", *problem};
  }
  const std::lock_guard lock(mutex_);
  admin_users_[user] = hash_of_text(password);
  std::erase(script_.weak_admin_users, user);
  report("admin_user", Json::Object{{"username", Json(user)}});
  return ok();
}

M2eeReply RuntimeModel::enable_debugger(const Json& params) {
  const std::string_view password = params.text_of("password");
  if (password.empty())
    return {kM2eeFailed, Json(), "Debugger could not be enabled", "password is empty"};
  const std::lock_guard lock(mutex_);
  debugger_hash_ = hash_of_text(password);
  report("enable_debugger");
  return ok();
}

M2eeReply RuntimeModel::disable_debugger(const Json&) {
  const std::lock_guard lock(mutex_);
  debugger_hash_.reset();
  report("disable_debugger");
  return ok();
}

M2eeReply RuntimeModel::debugger_status(const Json&) {
  const std::lock_guard lock(mutex_);
  return feedback_of({{"enabled", Json(debugger_hash_.has_value())},
                      {"client_connected", Json(false)},
                      {"number_of_paused_microflows", Json(0)}});
}

M2eeReply RuntimeModel::license_information(const Json&) {
  return feedback_of({{"license_id", "00000000-0000-0000-0000-000000000000"}});
}

M2eeReply RuntimeModel::shut_down(const Json&) {
  const std::lock_guard lock(mutex_);
  move_to(RuntimeState::kStopping);
  return ok();
}

void RuntimeModel::move_to(RuntimeState state) {
  state_ = state;
  report("state", Json::Object{{"state", Json(name_of(state))}});
}

void RuntimeModel::report(std::string_view event, Json details) const {
  details.set("event", event);
  events_(std::move(details));
}

Json RuntimeModel::stats() const {
  const std::lock_guard lock(mutex_);
  Json::Array times(update_times_ns_.begin(), update_times_ns_.end());
  Json::Object users(admin_users_.begin(), admin_users_.end());
  const Json debugger = Json::Object{{"enabled", Json(debugger_hash_.has_value())},
                                     {"password_sha256", Json(debugger_hash_.value_or(""))}};
  Json updates =
      Json::Object{{"count", Json(static_cast<std::int64_t>(update_times_ns_.size()))},
                   {"times_ns", Json(std::move(times))},
                   {"last_names", Json(Json::Array(last_names_.begin(), last_names_.end()))}};
  return Json::Object{
      {"version", Json(options_.version)},
      {"state", Json(name_of(state_))},
      {"starts", Json(starts_)},
      {"update_configuration", std::move(updates)},
      {"settings_sha256", hashes_of(settings_)},
      {"live_sha256", hashes_of(live_)},
      {"pending_restart", Json(Json::Array(pending_restart_.begin(), pending_restart_.end()))},
      {"constants_at_start_sha256", Json(constants_at_start_)},
      {"admin_users_sha256", Json(std::move(users))},
      {"debugger", debugger}};
}

}  // namespace keyferry::dev
