#include "runtime/admin_actions.h"

#include "base/strings.h"
#include "catalog/value_rules.h"

namespace keyferry::runtime {

namespace {

constexpr std::pair<std::string_view, RuntimeState> kStates[] = {
    {"created", RuntimeState::kCreated}, {"starting", RuntimeState::kStarting},
    {"running", RuntimeState::kRunning}, {"stopping", RuntimeState::kStopping},
    {"stopped", RuntimeState::kStopped}, {"broken", RuntimeState::kBroken},
    {"unknown", RuntimeState::kUnknown},
};

Secret params_of(std::initializer_list<std::pair<std::string_view, const Secret*>> members) {
  Secret params("{");
  char separator[] = {0, 0};
  for (const auto& [name, json] : members) {
    params.append(cat(std::string_view(separator), "\"", name, "\":"));
    params.append(json->expose());
    separator[0] = ',';
  }
  params.append("}");
  return params;
}

Secret params_of(const Json& object) {
  std::string text = to_text(object);
  return Secret::take(text);
}

// The runtime's words; of a whole stack trace its beginning.
std::string said(const AdminReply& reply) {
  constexpr std::size_t kLongest = 2'000;
  if (reply.message.empty() && reply.cause.empty()) return "without saying why";
  const bool both = !reply.message.empty() && !reply.cause.empty();
  const std::string words = cat(reply.message, both ? ": " : "", reply.cause);
  return words.size() <= kLongest ? words : cat(utf8_prefix(words, kLongest), " …");
}

Error refused(std::string_view action, const AdminReply& reply) {
  return Error(ErrorCode::kInvalidArgument, cat("the runtime refused ", action, ": ", said(reply)));
}

Status must_succeed(RuntimeAdmin& admin, std::string_view action, const Secret& params,
                    Deadline deadline) {
  KF_ASSIGN(const AdminReply reply, admin.call(action, params, deadline));
  if (reply.result == 0) return {};
  return refused(action, reply);
}

// PostgreSQL's and SQL Server's words for a login that failed.
bool is_login_failure(std::string_view text) {
  for (const std::string_view sign : {"28000", "28P01", "PAM authentication failed",
                                      "password authentication failed", "Login failed for user"}) {
    if (text.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

// What each result of `start` means (m2ee-tools) and what to do about it.
std::string meaning_of_start(const AdminReply& reply) {
  switch (reply.result) {
    case 2:
      return "the database does not exist; create it, or correct database-name and "
             "database-jdbc-url";
    case 3:
      return "the database's structure is out of step with the app";
    case 4:
      return "constants have no value; give each as mx-const-Module.Name or in "
             "spec.runtime.microflowConstants";
    case 5:
      return "an administrator has password '1'; give mx-admin-password";
    case 6:
      return "the runtime's state allows no start; wait where it is starting already, else restart "
             "its container";
    case 7:
      return "DTAPMode is missing; set spec.runtime.dtapMode";
    case 8:
      return "BasePath is missing; give --base-path";
    case 9:
      return "RuntimePath is missing; give --runtime-path";
    case 10:
      return "the license is not valid; spec.runtime.runtimeLicense is not sent yet, so give the "
             "runtime a valid one by its admin action set_license";
    case 11:
      return "the app's security is off, which production (dtapMode P) does not allow";
    case 12:
      return "the app's after-startup microflow failed; see the app's log";
    case 13:
      return "mobile use is not in the license";
    default:
      return is_login_failure(said(reply))
                 ? "the database refused the login; correct database-username and "
                   "database-password"
                 : "the start failed; see the app's log";
  }
}

}  // namespace

std::string_view name_of(RuntimeState state) {
  for (const auto& [name, value] : kStates) {
    if (value == state) return name;
  }
  return "unknown";
}

Status echo(RuntimeAdmin& admin, Deadline deadline) {
  const auto reply = admin.call("echo", Secret(R"({"echo":"ping"})"), deadline);
  if (!reply.ok()) return reply.error();
  return {};
}

Result<RuntimeState> runtime_status(RuntimeAdmin& admin, Deadline deadline) {
  KF_ASSIGN(const AdminReply reply, admin.call("runtime_status", {}, deadline));
  const std::string_view status = reply.feedback.text_of("status");
  for (const auto& [name, state] : kStates) {
    if (name == status) return state;
  }
  return RuntimeState::kUnknown;
}

Result<HealthReport> check_health(RuntimeAdmin& admin, Deadline deadline) {
  KF_ASSIGN(const AdminReply reply, admin.call("check_health", {}, deadline));
  const std::string_view health = reply.feedback.text_of("health");
  HealthReport report;
  if (reply.result == 0 && health == "healthy") report.health = Health::kHealthy;
  if (reply.result == 0 && health == "sick") report.health = Health::kSick;
  report.diagnosis = reply.feedback.text_of("diagnosis");
  return report;
}

Result<std::string> about_version(RuntimeAdmin& admin, Deadline deadline) {
  KF_ASSIGN(const AdminReply reply, admin.call("about", {}, deadline));
  return std::string(reply.feedback.text_of("version"));
}

Status set_up_logging(RuntimeAdmin& admin, const std::string& level,
                      const std::map<std::string, std::string>& node_levels, Deadline deadline) {
  constexpr int kNameExists = 3;
  Json subscriber(Json::Object{});
  subscriber.set("type", "console").set("name", "ConsoleSubscriber");
  subscriber.set("autosubscribe", level.empty() ? std::string("INFO") : level);
  KF_ASSIGN(const AdminReply created,
            admin.call("create_log_subscriber", params_of(subscriber), deadline));
  if (created.result != 0 && created.result != kNameExists) {
    return refused("create_log_subscriber", created);
  }
  for (const auto& [node, node_level] : node_levels) {
    Json params(Json::Object{});
    params.set("subscriber", "*").set("node", node).set("level", node_level);
    KF_TRY(must_succeed(admin, "set_log_level", params_of(params), deadline));
  }
  return must_succeed(admin, "start_logging", {}, deadline);
}

Status update_appcontainer(RuntimeAdmin& admin, int runtime_port, const Json& jetty_options,
                           Deadline deadline) {
  Json params(Json::Object{});
  params.set("runtime_port", runtime_port).set("runtime_listen_addresses", "*");
  if (!jetty_options.is_null()) params.set("runtime_jetty_options", jetty_options);
  return must_succeed(admin, "update_appcontainer_configuration", params_of(params), deadline);
}

Status update_configuration(RuntimeAdmin& admin, const Secret& params, Deadline deadline) {
  return must_succeed(admin, "update_configuration", params, deadline);
}

Result<StartReport> start(RuntimeAdmin& admin, Deadline deadline) {
  KF_ASSIGN(const AdminReply reply, admin.call("start", {}, deadline));
  StartReport report;
  if (reply.result == 0) {
    report.outcome = StartOutcome::kRunning;
    return report;
  }
  if (reply.result == 3) report.outcome = StartOutcome::kStructureOutOfSync;
  if (reply.result == 5) report.outcome = StartOutcome::kWeakAdminPassword;
  if (const Json* users = reply.feedback.find("users"); users != nullptr && users->as_array()) {
    for (const Json& user : *users->as_array()) {
      if (user.as_string() != nullptr) report.users.push_back(*user.as_string());
    }
  }
  report.error = Error(ErrorCode::kFailedPrecondition,
                       cat(meaning_of_start(reply), " (start result ", reply.result,
                           ", the runtime says: ", said(reply), ")"));
  return report;
}

Result<std::optional<std::size_t>> execute_ddl(RuntimeAdmin& admin, Deadline deadline) {
  const auto pending = admin.call("get_ddl_commands", Secret(R"({"verbose":true})"), deadline);
  const Json* commands = pending.ok() ? pending->feedback.find("ddl_commands") : nullptr;
  const bool listed = commands != nullptr && commands->as_array() != nullptr;
  KF_TRY(must_succeed(admin, "execute_ddl_commands", {}, deadline));
  return listed ? std::optional(commands->as_array()->size()) : std::nullopt;
}

Status create_admin_user(RuntimeAdmin& admin, const Secret& password, Deadline deadline) {
  const Secret json = catalog::json_text(password.expose());
  return must_succeed(admin, "create_admin_user", params_of({{"password", &json}}), deadline);
}

Status update_admin_user(RuntimeAdmin& admin, const std::string& username, const Secret& password,
                         Deadline deadline) {
  const Secret name = catalog::json_text(username);
  const Secret json = catalog::json_text(password.expose());
  return must_succeed(admin, "update_admin_user",
                      params_of({{"username", &name}, {"password", &json}}), deadline);
}

Status set_debugger(RuntimeAdmin& admin, const Secret& password, Deadline deadline) {
  if (password.empty()) return must_succeed(admin, "disable_debugger", {}, deadline);
  const Secret json = catalog::json_text(password.expose());
  return must_succeed(admin, "enable_debugger", params_of({{"password", &json}}), deadline);
}

}  // namespace keyferry::runtime
