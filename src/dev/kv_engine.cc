#include "dev/kv_engine.h"

#include <charconv>
#include <utility>

#include "base/strings.h"

namespace keyferry::dev {
namespace {

constexpr std::int64_t kDefaultLease = 2'764'800;  // 768 h, the server's default
constexpr std::int64_t kDefaultVersions = 10;

template <class Map>
std::vector<std::string> keys_of(const Map& map) {
  std::vector<std::string> keys;
  keys.reserve(map.size());
  for (const auto& entry : map) keys.push_back(entry.first);
  return keys;
}

std::pair<std::string, std::string> split_first(const std::string& path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string::npos) return {path, ""};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

std::string_view cli_word(Operation operation) {
  switch (operation) {
    case Operation::kRead:
      return "get";
    case Operation::kList:
      return "list";
    case Operation::kWrite:
      return "put";
    case Operation::kDelete:
      return "delete";
  }
  return "";
}

std::int64_t int_member(const Json& object, std::string_view key, std::int64_t fallback) {
  const Json* member = object.find(key);
  return member == nullptr ? fallback : member->as_int().value_or(fallback);
}

bool bool_member(const Json& object, std::string_view key, std::int64_t fallback) {
  const Json* member = object.find(key);
  return member != nullptr && member->as_bool() != nullptr ? *member->as_bool() : fallback != 0;
}

}  // namespace

VaultReply KvV1::handle(const VaultCall& call) {
  switch (call.operation) {
    case Operation::kRead:
      return read(call.path);
    case Operation::kList:
      return list_reply(keys_of(secrets_), call.path);
    case Operation::kWrite:
      if (call.body.as_object() == nullptr || call.body.as_object()->empty()) {
        return error_reply(400, {"missing data fields"});
      }
      secrets_.insert_or_assign(call.path, call.body);
      return no_content();
    case Operation::kDelete:
      secrets_.erase(call.path);
      return no_content();
  }
  return not_found();
}

VaultReply KvV1::read(std::string_view path) const {
  const auto found = secrets_.find(path);
  if (found == secrets_.end()) return not_found();
  VaultReply reply = data_reply(found->second);
  const Json* ttl = found->second.find("ttl");
  reply.body.set("lease_duration", seconds_of(ttl, kDefaultLease));
  return reply;
}

bool KvV2::exists(std::string_view path) const {
  const auto [area, rest] = split_first(std::string(path));
  return (area == "data" || area == "metadata") ? secrets_.contains(rest) : true;
}

VaultReply KvV2::handle(const VaultCall& call) {
  const auto [area, path] = split_first(call.path);
  if (area == "config" && path.empty()) return handle_config(call);
  if (area == "metadata" && call.operation == Operation::kList) {
    return list_reply(keys_of(secrets_), path);
  }
  if (!path.empty()) {
    if (area == "data") return handle_data(call, path);
    if (area == "metadata") return handle_metadata(call, path);
    if (area == "delete" || area == "undelete" || area == "destroy") {
      return change_versions(call, path, area);
    }
  }
  return warning_not_found(cat(
      "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API "
      "endpoints to use. If using the Vault CLI, use 'vault kv ",
      cli_word(call.operation), "' for this operation."));
}

void KvV2::put(const std::string& path, Json data, WallTime now) {
  Secret& secret = secrets_[path];
  if (secret.current == 0) secret.created = now;
  secret.updated = now;
  secret.versions[++secret.current] = Version{std::move(data), now, std::nullopt, false};
  drop_old_versions(secret);
}

VaultReply KvV2::handle_data(const VaultCall& call, const std::string& path) {
  switch (call.operation) {
    case Operation::kRead:
      return read_data(call, path);
    case Operation::kWrite:
      return write_data(call, path);
    case Operation::kDelete: {
      const auto found = secrets_.find(path);
      if (found != secrets_.end() && found->second.versions.contains(found->second.current)) {
        Version& version = found->second.versions[found->second.current];
        if (!version.deleted) version.deleted = call.now;
      }
      return no_content();
    }
    case Operation::kList:
      break;
  }
  return error_reply(405, {"unsupported operation"});
}

VaultReply KvV2::read_data(const VaultCall& call, const std::string& path) const {
  const auto found = secrets_.find(path);
  if (found == secrets_.end()) return not_found();
  const Secret& secret = found->second;
  std::int64_t number = 0;
  if (const auto asked = call.query.find("version"); asked != call.query.end()) {
    std::from_chars(asked->second.data(), asked->second.data() + asked->second.size(), number);
  }
  if (number == 0) number = secret.current;
  const auto version = secret.versions.find(number);
  if (version == secret.versions.end()) return not_found();
  const bool gone = version->second.destroyed || version->second.deleted.has_value();
  Json data;
  data.set("metadata", version_metadata(secret, number, version->second));
  data.set("data", gone ? Json() : version->second.data);
  VaultReply reply = data_reply(std::move(data));
  if (gone) reply.status = 404;
  return reply;
}

VaultReply KvV2::write_data(const VaultCall& call, const std::string& path) {
  const Json* data = call.body.find("data");
  if (data == nullptr || data->as_object() == nullptr)
    return error_reply(400, {"no data provided"});
  const auto found = secrets_.find(path);
  const std::int64_t current = found == secrets_.end() ? 0 : found->second.current;
  const bool required = cas_required_ || (found != secrets_.end() && found->second.cas_required);
  const Json* options = call.body.find("options");
  const Json* cas = options == nullptr ? nullptr : options->find("cas");
  if (cas == nullptr && required) {
    return error_reply(400, {"check-and-set parameter required for this call"});
  }
  if (cas != nullptr && cas->as_int() != current) {
    return error_reply(400, {"check-and-set parameter did not match the current version"});
  }
  put(path, *data, call.now);
  const Secret& secret = secrets_[path];
  return data_reply(version_metadata(secret, secret.current, secret.versions.at(secret.current)));
}

VaultReply KvV2::handle_metadata(const VaultCall& call, const std::string& path) {
  const auto found = secrets_.find(path);
  switch (call.operation) {
    case Operation::kRead:
      return found == secrets_.end() ? not_found() : data_reply(metadata_of(found->second));
    case Operation::kDelete:
      if (found != secrets_.end()) secrets_.erase(found);
      return no_content();
    case Operation::kWrite: {
      Secret& secret = secrets_[path];
      if (found == secrets_.end()) secret.created = secret.updated = call.now;
      secret.max_versions = int_member(call.body, "max_versions", secret.max_versions);
      secret.cas_required = bool_member(call.body, "cas_required", secret.cas_required);
      if (const Json* custom = call.body.find("custom_metadata")) secret.custom_metadata = *custom;
      drop_old_versions(secret);
      return no_content();
    }
    case Operation::kList:
      break;
  }
  return error_reply(405, {"unsupported operation"});
}

VaultReply KvV2::handle_config(const VaultCall& call) {
  if (call.operation == Operation::kWrite) {
    max_versions_ = int_member(call.body, "max_versions", max_versions_);
    cas_required_ = bool_member(call.body, "cas_required", cas_required_);
    return no_content();
  }
  return data_reply(Json::Object{{"max_versions", Json(max_versions_)},
                                 {"cas_required", Json(cas_required_)},
                                 {"delete_version_after", Json("0s")}});
}

VaultReply KvV2::change_versions(const VaultCall& call, const std::string& path,
                                 std::string_view change) {
  const Json* numbers = call.body.find("versions");
  if (call.operation != Operation::kWrite) return error_reply(405, {"unsupported operation"});
  if (numbers == nullptr || numbers->as_array() == nullptr || numbers->as_array()->empty()) {
    return error_reply(400, {"No version number provided"});
  }
  const auto found = secrets_.find(path);
  if (found == secrets_.end()) return no_content();
  for (const Json& number : *numbers->as_array()) {
    const auto version = found->second.versions.find(number.as_int().value_or(0));
    if (version == found->second.versions.end()) continue;
    if (change == "undelete") version->second.deleted.reset();
    if (change == "delete" && !version->second.deleted) version->second.deleted = call.now;
    if (change == "destroy") {
      version->second.destroyed = true;
      version->second.data = Json();
    }
  }
  return no_content();
}

void KvV2::drop_old_versions(Secret& secret) const {
  std::int64_t limit = secret.max_versions != 0 ? secret.max_versions : max_versions_;
  if (limit <= 0) limit = kDefaultVersions;
  while (static_cast<std::int64_t>(secret.versions.size()) > limit) {
    secret.versions.erase(secret.versions.begin());
  }
}

Json KvV2::version_metadata(const Secret& secret, std::int64_t number, const Version& version) {
  return Json::Object{{"created_time", Json(rfc3339(version.created))},
                      {"custom_metadata", secret.custom_metadata},
                      {"deletion_time", Json(version.deleted ? rfc3339(*version.deleted) : "")},
                      {"destroyed", Json(version.destroyed)},
                      {"version", Json(number)}};
}

Json KvV2::metadata_of(const Secret& secret) {
  Json::Object versions;
  for (const auto& [number, version] : secret.versions) {
    versions[std::to_string(number)] =
        Json::Object{{"created_time", Json(rfc3339(version.created))},
                     {"deletion_time", Json(version.deleted ? rfc3339(*version.deleted) : "")},
                     {"destroyed", Json(version.destroyed)}};
  }
  const bool trimmed = !secret.versions.empty() && secret.versions.begin()->first > 1;
  return Json::Object{
      {"cas_required", Json(secret.cas_required)},
      {"created_time", Json(rfc3339(secret.created))},
      {"current_version", Json(secret.current)},
      {"custom_metadata", secret.custom_metadata},
      {"delete_version_after", Json("0s")},
      {"max_versions", Json(secret.max_versions)},
      {"oldest_version", Json(trimmed ? secret.versions.begin()->first : std::int64_t{0})},
      {"updated_time", Json(rfc3339(secret.updated))},
      {"versions", Json(std::move(versions))}};
}

}  // namespace keyferry::dev
