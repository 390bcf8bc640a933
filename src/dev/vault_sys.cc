// The sys/ paths of one namespace: mounts, login methods, policies.
#include "base/strings.h"
#include "dev/vault_core.h"

namespace keyferry::dev {
namespace {

// "sys/mounts/kv/x" under "sys/mounts" gives "kv/x"; nullopt when the path is not under it.
std::optional<std::string> below(std::string_view path, std::string_view prefix) {
  if (path == prefix) return "";
  if (!path.starts_with(prefix) || path[prefix.size()] != '/') return std::nullopt;
  return std::string(path.substr(prefix.size() + 1));
}

VaultReply unsupported() { return error_reply(405, {"unsupported operation"}); }

// The real server gives the members of such lists both in "data" and beside it.
VaultReply spread_reply(const Json::Object& members) {
  VaultReply reply = data_reply(members);
  for (const auto& [key, value] : members) reply.body.set(key, value);
  return reply;
}

Json mount_description(std::string_view type, Json options) {
  return Json::Object{
      {"type", Json(type)},
      {"description", Json("")},
      {"accessor", Json(cat(type, "_dev"))},
      {"local", Json(false)},
      {"seal_wrap", Json(false)},
      {"options", std::move(options)},
      {"config", Json(Json::Object{{"default_lease_ttl", Json(0)}, {"max_lease_ttl", Json(0)}})}};
}

// By the place of its kind among those of VaultCore::Mount.
Json engine_description(std::size_t variant_index) {
  if (variant_index == 2) return mount_description("database", Json());
  return mount_description("kv", Json::Object{{"version", Json(variant_index == 0 ? "1" : "2")}});
}

}  // namespace

VaultReply VaultCore::handle_sys(const VaultCall& call) {
  if (const auto name = below(call.path, "sys/mounts")) return handle_mounts(call, *name);
  if (const auto name = below(call.path, "sys/auth")) return handle_auths(call, *name);
  if (const auto name = below(call.path, "sys/policies/acl"))
    return handle_policies(call, *name, "policy");
  if (const auto name = below(call.path, "sys/policy"))
    return handle_policies(call, *name, "rules");
  if (const auto action = below(call.path, "sys/leases")) return handle_leases(call, *action);
  if (const auto path = below(call.path, "sys/internal/ui/mounts")) return describe_mount_of(*path);
  return error_reply(404,
                     {cat("no handler for route \"", call.path, "\". route entry not found.")});
}

VaultReply VaultCore::handle_mounts(const VaultCall& call, const std::string& name) {
  if (call.operation == Operation::kRead && name.empty()) {
    Json::Object all;
    for (const auto& [mount, engine] : mounts_)
      all[cat(mount, "/")] = engine_description(engine.index());
    return spread_reply(all);
  }
  if (name.empty()) return unsupported();
  if (call.operation == Operation::kDelete) {
    mounts_.erase(name);
    VaultReply reply = no_content();
    reply.duties.ended = leases_.take_below(cat(name, "/"));
    return reply;
  }
  if (call.operation != Operation::kWrite) return unsupported();
  if (mounts_.contains(name))
    return error_reply(400, {cat("path is already in use at ", name, "/")});
  const std::string_view type = call.body.text_of("type");
  if (type == "database") {
    mounts_.emplace(name, DatabaseEngine());
    return no_content();
  }
  if (type != "kv" && type != "kv-v2") {
    return error_reply(400, {cat("plugin not found in the catalog: ", type)});
  }
  const Json* options = call.body.find("options");
  const bool second = type == "kv-v2" || (options != nullptr && options->text_of("version") == "2");
  mounts_.emplace(name, second ? Mount(KvV2()) : Mount(KvV1()));
  return no_content();
}

VaultReply VaultCore::handle_auths(const VaultCall& call, const std::string& name) {
  if (call.operation == Operation::kRead && name.empty()) {
    Json::Object all{{"token/", mount_description("token", Json())}};
    for (const auto& [mount, method] : auth_) {
      all[cat(mount, "/")] =
          mount_description(method.kind() == AuthKind::kKubernetes ? "kubernetes" : "jwt", Json());
    }
    return spread_reply(all);
  }
  if (name.empty()) return unsupported();
  if (call.operation == Operation::kDelete) {
    auth_.erase(name);
    return no_content();
  }
  if (call.operation != Operation::kWrite) return unsupported();
  if (auth_.contains(name)) return error_reply(400, {cat("path is already in use at ", name, "/")});
  const std::string_view type = call.body.text_of("type");
  if (type != "kubernetes" && type != "jwt") {
    return error_reply(400, {cat("plugin not found in the catalog: ", type)});
  }
  auth_.emplace(name, AuthMethod(type == "jwt" ? AuthKind::kJwt : AuthKind::kKubernetes, name));
  return no_content();
}

VaultReply VaultCore::handle_policies(const VaultCall& call, const std::string& name,
                                      std::string_view text_key) {
  if (name.empty()) {
    Json::Array names{Json("default"), Json("root")};
    for (const auto& entry : policy_texts_) names.emplace_back(entry.first);
    return spread_reply({{"keys", Json(names)}, {"policies", Json(names)}});
  }
  switch (call.operation) {
    case Operation::kRead: {
      const auto found = policy_texts_.find(name);
      if (found == policy_texts_.end()) return not_found();
      return spread_reply({{"name", Json(name)}, {std::string(text_key), Json(found->second)}});
    }
    case Operation::kWrite: {
      const std::string text(call.body.text_of("policy"));
      auto policy = parse_policy(text);
      if (!policy.ok())
        return error_reply(400, {cat("failed to parse policy: ", policy.error().message())});
      policies_.insert_or_assign(name, std::move(*policy));
      policy_texts_.insert_or_assign(name, text);
      return no_content();
    }
    case Operation::kDelete:
      policies_.erase(name);
      policy_texts_.erase(name);
      return no_content();
    case Operation::kList:
      break;
  }
  return unsupported();
}

VaultReply VaultCore::describe_mount_of(std::string_view path) const {
  const std::string name = mount_of(path);
  if (name.empty()) {
    return error_reply(403, {cat("preflight capability check returned 403, please ensure client's "
                                 "policies grant access to path \"",
                                 path, "/\"")});
  }
  Json description = engine_description(mounts_.at(name).index());
  description.set("path", cat(name, "/"));
  return data_reply(std::move(description));
}

}  // namespace keyferry::dev
