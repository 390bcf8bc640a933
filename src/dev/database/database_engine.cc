#include "dev/database/database_engine.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kPlugin = "postgresql-database-plugin";
constexpr std::int64_t kDefaultTtl = 3600;
constexpr std::int64_t kLongestTtl = std::int64_t{768} * 3600;
constexpr std::int64_t kRotation = std::int64_t{24} * 3600;
constexpr std::chrono::seconds kRetry{10};  // after a rotation that failed

// What a role without statements of its own gets.
const std::vector<std::string>& usual_revocation() {
  static const std::vector<std::string> statements = {
      R"(DO $$ BEGIN
           IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{{name}}') THEN
             REASSIGN OWNED BY "{{name}}" TO CURRENT_USER;
             DROP OWNED BY "{{name}}";
             DROP ROLE "{{name}}";
           END IF;
         END $$)"};
  return statements;
}
const std::vector<std::string>& usual_renewal() {
  static const std::vector<std::string> statements = {
      R"(ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}')"};
  return statements;
}
const std::vector<std::string>& usual_rotation() {
  static const std::vector<std::string> statements = {
      R"(ALTER USER "{{name}}" WITH PASSWORD '{{password}}')"};
  return statements;
}

// A text is one statement or several; a list holds several texts.
std::vector<std::string> statements_of(const Json& role, std::string_view member,
                                       const std::vector<std::string>& usual) {
  std::vector<std::string> statements;
  const Json* value = role.find(member);
  if (value != nullptr && value->as_string() != nullptr && !value->as_string()->empty())
    statements = {*value->as_string()};
  if (value != nullptr && value->as_array() != nullptr) statements = texts_of(value);
  return statements.empty() ? usual : statements;
}

VaultReply unsupported() { return error_reply(405, {"unsupported operation"}); }

VaultReply unknown_role(std::string_view name) {
  return error_reply(400, {cat("unknown role: ", name)});
}

template <class Map>
VaultReply names_of(const Map& map) {
  std::vector<std::string> names;
  names.reserve(map.size());
  for (const auto& [name, value] : map) names.push_back(name);
  return list_reply(names, "");
}

// Fit for PostgreSQL's usual rules on passwords, and for quotes.
std::string new_password() { return cat("A1a-", random_id().substr(0, 28)); }

std::string new_user(std::string_view owner, std::string_view role, WallTime now) {
  const auto second =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  return cat("v-", owner.substr(0, 8), "-", role.substr(0, 8), "-", random_id().substr(0, 20), "-",
             second);
}

// Settings of a role with what was left out filled in.
Json role_settings(const Json& body, const Json* there) {
  Json role = there == nullptr ? Json(Json::Object{}) : *there;
  for (const auto& [name, value] : *body.as_object()) role.set(name, value);
  return role;
}

}  // namespace

VaultReply DatabaseEngine::handle(const VaultCall& call) {
  const std::size_t slash = call.path.find('/');
  const std::string kind = call.path.substr(0, slash);
  const std::string name = slash == std::string::npos ? "" : call.path.substr(slash + 1);
  if (call.operation == Operation::kWrite && call.body.as_object() == nullptr) {
    VaultCall whole = call;
    whole.body = Json(Json::Object{});
    return handle(whole);
  }
  const bool reads = call.operation == Operation::kRead;
  if (kind == "config") return configure(call, name);
  if (kind == "roles") return handle_roles(call, name);
  if (kind == "static-roles") return handle_static_roles(call, name);
  if (kind == "creds" && reads) return make_credential(call, name);
  if (kind == "static-creds" && reads) return read_static(name, call.now);
  if (kind == "rotate-role" && call.operation == Operation::kWrite) return rotate(name, call.now);
  return unsupported();
}

std::optional<VaultReply> DatabaseEngine::seed(const Json& json, WallTime now) {
  for (const std::string_view kind : {"config", "roles"}) {
    const Json* members = json.find(kind);
    if (members == nullptr || members->as_object() == nullptr) continue;
    for (const auto& [name, body] : *members->as_object()) {
      VaultReply reply = handle({Operation::kWrite, cat(kind, '/', name), {}, {}, body, now, {}});
      if (reply.status >= 400) return reply;
    }
  }
  return std::nullopt;
}

VaultReply DatabaseEngine::configure(const VaultCall& call, const std::string& name) {
  if (call.operation == Operation::kList || name.empty()) return names_of(connections_);
  const auto there = connections_.find(name);
  if (call.operation == Operation::kDelete) {
    connections_.erase(name);
    return no_content();
  }
  if (call.operation == Operation::kRead)
    return there == connections_.end() ? not_found() : data_reply(there->second.shown);
  if (call.body.text_of("plugin_name") != kPlugin)
    return error_reply(400, {cat("plugin not found in the catalog; here is only ", kPlugin)});
  Connection connection{std::string(call.body.text_of("connection_url")),
                        std::string(call.body.text_of("username")),
                        std::string(call.body.text_of("password")),
                        texts_of(call.body.find("allowed_roles")),
                        {}};
  if (connection.url.empty())
    return error_reply(400, {"error creating database object: connection_url cannot be empty"});
  const Json details =
      Json::Object{{"connection_url", Json(connection.url)}, {"username", Json(connection.user)}};
  connection.shown = Json::Object{
      {"plugin_name", Json(kPlugin)},
      {"connection_details", details},
      {"allowed_roles",
       Json(Json::Array(connection.allowed_roles.begin(), connection.allowed_roles.end()))}};
  VaultReply reply = no_content();
  const Json* verify = call.body.find("verify_connection");
  if (verify == nullptr || verify->as_bool() == nullptr || *verify->as_bool())
    reply.duties.work.push_back({url_of(connection), {}});
  connections_.insert_or_assign(name, std::move(connection));
  return reply;
}

std::string DatabaseEngine::url_of(const Connection& connection) {
  return filled_in({connection.url}, {{"username", percent_encode(connection.user)},
                                      {"password", percent_encode(connection.password)}})
      .front();
}

const DatabaseEngine::Connection* DatabaseEngine::connection_for(const Json& role,
                                                                 const std::string& role_name,
                                                                 VaultReply& refusal) const {
  const auto found = connections_.find(role.text_of("db_name"));
  if (found == connections_.end()) {
    refusal = error_reply(500, {cat("failed to find entry for connection with name: \"",
                                    role.text_of("db_name"), "\"")});
    return nullptr;
  }
  const auto& allowed = found->second.allowed_roles;
  const bool is_allowed = std::any_of(allowed.begin(), allowed.end(), [&](const std::string& one) {
    return one == "*" || one == role_name;
  });
  if (is_allowed) return &found->second;
  refusal = error_reply(
      500, {cat("1 error occurred:\n\t* \"", role_name, "\" is not an allowed role\n\n")});
  return nullptr;
}

VaultReply DatabaseEngine::handle_roles(const VaultCall& call, const std::string& name) {
  if (call.operation == Operation::kList || name.empty()) return names_of(roles_);
  const auto there = roles_.find(name);
  const Json* before = there == roles_.end() ? nullptr : &there->second;
  switch (call.operation) {
    case Operation::kRead:
      return before == nullptr ? not_found() : data_reply(*before);
    case Operation::kDelete:
      roles_.erase(name);
      return no_content();
    case Operation::kWrite: {
      Json role = role_settings(call.body, before);
      if (role.text_of("db_name").empty())
        return error_reply(400, {"empty database name attribute"});
      roles_.insert_or_assign(name, std::move(role));
      return no_content();
    }
    case Operation::kList:
      break;
  }
  return unsupported();
}

VaultReply DatabaseEngine::make_credential(const VaultCall& call, const std::string& name) {
  const auto role = roles_.find(name);
  if (role == roles_.end()) return unknown_role(name);
  VaultReply refusal;
  const Connection* connection = connection_for(role->second, name, refusal);
  if (connection == nullptr) return refusal;
  const std::int64_t longest = seconds_of(role->second.find("max_ttl"), kLongestTtl);
  const std::int64_t most = longest <= 0 ? kLongestTtl : longest;
  const std::int64_t wanted = seconds_of(role->second.find("default_ttl"), kDefaultTtl);
  const std::int64_t ttl = std::min(most, wanted <= 0 ? kDefaultTtl : wanted);
  const std::string user = new_user(call.owner, name, call.now);
  const std::string password = new_password();
  Lease lease;
  lease.ttl_seconds = ttl;
  lease.issued = lease.renewed = call.now;
  lease.expires = call.now + std::chrono::seconds(ttl);
  lease.latest = call.now + std::chrono::seconds(most);
  lease.url = url_of(*connection);
  const std::map<std::string, std::string> who{{"name", user}, {"username", user}};
  lease.renewal = filled_in(statements_of(role->second, "renew_statements", usual_renewal()), who);
  lease.revocation =
      filled_in(statements_of(role->second, "revocation_statements", usual_revocation()), who);
  const std::vector<std::string> creation = statements_of(role->second, "creation_statements", {});
  if (creation.empty()) return error_reply(500, {"empty creation statements"});
  auto values = who;
  values["password"] = password;
  values["expiration"] = sql_expiration(lease.expires);
  VaultReply reply =
      data_reply(Json::Object{{"username", Json(user)}, {"password", Json(password)}});
  reply.duties.work.push_back({lease.url, filled_in(creation, values)});
  reply.duties.lease = std::move(lease);
  return reply;
}

VaultReply DatabaseEngine::handle_static_roles(const VaultCall& call, const std::string& name) {
  if (call.operation == Operation::kList || name.empty()) return names_of(static_roles_);
  const auto there = static_roles_.find(name);
  switch (call.operation) {
    case Operation::kRead:
      return there == static_roles_.end() ? not_found() : data_reply(there->second.settings);
    case Operation::kDelete:
      static_roles_.erase(name);
      return no_content();
    case Operation::kWrite: {
      const bool is_new = there == static_roles_.end();
      StaticRole& role = static_roles_[name];
      role.settings = role_settings(call.body, is_new ? nullptr : &role.settings);
      VaultReply reply = is_new ? rotate(name, call.now) : no_content();
      if (reply.status >= 400) static_roles_.erase(name);
      return reply;
    }
    case Operation::kList:
      break;
  }
  return unsupported();
}

VaultReply DatabaseEngine::rotate(const std::string& name, WallTime now) {
  const auto found = static_roles_.find(name);
  if (found == static_roles_.end()) return unknown_role(name);
  StaticRole& role = found->second;
  role.next = now + kRetry;
  VaultReply refusal;
  const Connection* connection = connection_for(role.settings, name, refusal);
  if (connection == nullptr) return refusal;
  role.next_password = new_password();
  const std::string user(role.settings.text_of("username"));
  VaultReply reply = no_content();
  reply.duties.rotates = name;
  reply.duties.work.push_back(
      {url_of(*connection),
       filled_in(statements_of(role.settings, "rotation_statements", usual_rotation()),
                 {{"name", user}, {"username", user}, {"password", role.next_password}})});
  return reply;
}

void DatabaseEngine::rotated(const std::string& name, WallTime now) {
  const auto found = static_roles_.find(name);
  if (found == static_roles_.end() || found->second.next_password.empty()) return;
  StaticRole& role = found->second;
  role.password = std::move(role.next_password);
  role.next_password.clear();
  role.rotated = now;
  role.next =
      now + std::chrono::seconds(seconds_of(role.settings.find("rotation_period"), kRotation));
}

void DatabaseEngine::not_rotated(const std::string& name) {
  const auto found = static_roles_.find(name);
  if (found != static_roles_.end() && !found->second.rotated) static_roles_.erase(found);
}

VaultReply DatabaseEngine::read_static(const std::string& name, WallTime now) const {
  const auto found = static_roles_.find(name);
  if (found == static_roles_.end()) return unknown_role(name);
  const StaticRole& role = found->second;
  if (!role.rotated) return error_reply(500, {"the role has no password yet"});
  const auto left = std::chrono::ceil<std::chrono::seconds>(role.next - now).count();
  return data_reply(Json::Object{
      {"username", Json(role.settings.text_of("username"))},
      {"password", Json(role.password)},
      {"ttl", Json(std::max<std::int64_t>(left, 0))},
      {"last_vault_rotation", Json(rfc3339(*role.rotated))},
      {"rotation_period", Json(seconds_of(role.settings.find("rotation_period"), kRotation))}});
}

std::optional<VaultReply> DatabaseEngine::due(WallTime now) {
  for (auto& [name, role] : static_roles_) {
    if (role.rotated && role.next <= now) return rotate(name, now);
  }
  return std::nullopt;
}

std::optional<WallTime> DatabaseEngine::next_rotation() const {
  std::optional<WallTime> next;
  for (const auto& [name, role] : static_roles_) {
    if (role.rotated && (!next || role.next < *next)) next = role.next;
  }
  return next;
}

}  // namespace keyferry::dev
