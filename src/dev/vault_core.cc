#include "dev/vault_core.h"

#include "base/strings.h"

namespace keyferry::dev {
namespace {

// What every token may do about itself.
const Policy& default_policy() {
  static const Policy policy = {{"auth/token/lookup-self", {Capability::kRead}},
                                {"auth/token/renew-self", {Capability::kUpdate}},
                                {"auth/token/revoke-self", {Capability::kUpdate}},
                                {"sys/leases/lookup", {Capability::kUpdate}},
                                {"sys/leases/renew", {Capability::kUpdate}},
                                {"sys/internal/ui/mounts/*", {Capability::kRead}}};
  return policy;
}

VaultReply unsupported() { return error_reply(405, {"unsupported operation"}); }

}  // namespace

VaultCore::VaultCore(std::string root_token) : root_token_(std::move(root_token)) {
  tokens_.add_root(root_token_, WallTime());
}

VaultReply VaultCore::handle(const VaultCall& call) {
  if (auto reply = login(call)) return std::move(*reply);
  switch (access_of(call)) {
    case Access::kGranted:
      return route(call);
    case Access::kNoToken:
      return permission_denied();
    case Access::kDenied:
      return error_reply(403, {"1 error occurred:\n\t* permission denied\n\n"});
  }
  return permission_denied();
}

std::optional<VaultReply> VaultCore::login(const VaultCall& call) {
  if (call.operation != Operation::kWrite || !call.path.starts_with("auth/") ||
      !call.path.ends_with("/login")) {
    return std::nullopt;
  }
  const std::string name = call.path.substr(5, call.path.size() - 5 - 6);
  const auto method = auth_.find(name);
  if (method == auth_.end()) return permission_denied();
  return method->second.login(call.body, tokens_, call.now);
}

VaultCore::Access VaultCore::access_of(const VaultCall& call) {
  const Token* token = tokens_.use(call.token, call.now);
  if (token == nullptr) return Access::kNoToken;
  std::vector<Policy> policies = {default_policy()};
  for (const std::string& name : token->grant.policies) {
    if (name == "root") return Access::kGranted;
    if (const auto found = policies_.find(name); found != policies_.end()) {
      policies.push_back(found->second);
    }
  }
  const auto may = [&](std::string_view path, Capability wanted) {
    return allows(policies, path, wanted);
  };
  bool granted = false;
  switch (call.operation) {
    case Operation::kRead:
      granted = may(call.path, Capability::kRead);
      break;
    case Operation::kList:
      granted = may(cat(call.path, "/"), Capability::kList) || may(call.path, Capability::kList);
      break;
    case Operation::kWrite:
      granted = may(call.path, writes_existing(call) ? Capability::kUpdate : Capability::kCreate);
      break;
    case Operation::kDelete:
      granted = may(call.path, Capability::kDelete);
      break;
  }
  return granted ? Access::kGranted : Access::kDenied;
}

bool VaultCore::writes_existing(const VaultCall& call) const {
  const std::string name = mount_of(call.path);
  if (name.empty()) return true;
  const std::string rest = call.path.substr(std::min(call.path.size(), name.size() + 1));
  return std::visit([&](const auto& engine) { return engine.exists(rest); }, mounts_.at(name));
}

VaultReply VaultCore::route(const VaultCall& call) {
  if (call.path.starts_with("sys/")) return handle_sys(call);
  if (call.path.starts_with("auth/token/")) return handle_token(call);
  if (call.path.starts_with("auth/")) return handle_auth(call);
  return handle_mount(call);
}

std::string VaultCore::mount_of(std::string_view path) const {
  std::string best;
  for (const auto& entry : mounts_) {
    const std::string& name = entry.first;
    const bool inside = path == name || path.starts_with(cat(name, "/"));
    if (inside && name.size() > best.size()) best = name;
  }
  return best;
}

VaultReply VaultCore::handle_mount(const VaultCall& call) {
  const std::string name = mount_of(call.path);
  if (name.empty()) {
    return error_reply(404,
                       {cat("no handler for route \"", call.path, "\". route entry not found.")});
  }
  VaultCall inner = call;
  inner.path = call.path.substr(std::min(call.path.size(), name.size() + 1));
  if (const Token* token = tokens_.find(call.token, call.now))
    inner.owner = token->grant.display_name;
  VaultReply reply =
      std::visit([&](auto& engine) { return engine.handle(inner); }, mounts_.at(name));
  reply.duties.mount = name;
  if (reply.duties.lease) give_lease(call, reply);
  return reply;
}

VaultReply VaultCore::handle_token(const VaultCall& call) {
  const std::string_view action = std::string_view(call.path).substr(11);
  if (action == "lookup-self") {
    const Token* token = tokens_.find(call.token, call.now);
    return token == nullptr ? permission_denied() : data_reply(lookup_of(*token, call.now));
  }
  if (call.operation != Operation::kWrite) return unsupported();
  if (action == "revoke-self" || action == "revoke") {
    const std::string id(action == "revoke" ? call.body.text_of("token") : call.token);
    tokens_.revoke(id);
    VaultReply reply = no_content();
    reply.duties.ended = leases_.take_of_token(id);
    return reply;
  }
  if (action == "renew-self") {
    const std::int64_t increment = seconds_of(call.body.find("increment"), 0);
    const Token* token = tokens_.renew(call.token, increment, call.now);
    return token == nullptr ? permission_denied() : auth_reply(auth_of(*token, call.now));
  }
  if (action == "create") {
    TokenGrant grant;
    grant.policies = texts_of(call.body.find("policies"));
    grant.ttl_seconds = seconds_of(call.body.find("ttl"), 0);
    grant.uses = seconds_of(call.body.find("num_uses"), 0);
    grant.path = "auth/token/create";
    grant.display_name = "token";
    return auth_reply(auth_of(tokens_.issue(std::move(grant), call.now), call.now));
  }
  return unsupported();
}

VaultReply VaultCore::handle_auth(const VaultCall& call) {
  const auto parts = split(call.path, '/');
  const auto method = auth_.find(parts[1]);
  if (method == auth_.end() || parts.size() < 3) {
    return error_reply(404,
                       {cat("no handler for route \"", call.path, "\". route entry not found.")});
  }
  if (parts[2] == "config" && call.operation == Operation::kWrite) {
    return method->second.configure(call.body);
  }
  if (parts[2] != "role") return unsupported();
  if (parts.size() == 3) return method->second.list_roles();
  const std::string role(parts[3]);
  switch (call.operation) {
    case Operation::kRead:
      return method->second.read_role(role);
    case Operation::kWrite:
      return method->second.put_role(role, call.body);
    case Operation::kDelete:
      return method->second.delete_role(role);
    case Operation::kList:
      break;
  }
  return unsupported();
}

}  // namespace keyferry::dev
