// The leases of one namespace: sys/leases, and what ends by itself.
#include <algorithm>

#include "base/strings.h"
#include "dev/vault_core.h"

namespace keyferry::dev {
namespace {

constexpr std::chrono::seconds kRetry{10};

VaultReply no_lease(std::string_view message) { return error_reply(400, {std::string(message)}); }

// Never more than there is.
std::int64_t seconds_until(WallTime then, WallTime now) {
  return std::chrono::floor<std::chrono::seconds>(then - now).count();
}

void earlier(std::optional<WallTime>& best, std::optional<WallTime> other) {
  if (other && (!best || *other < *best)) best = other;
}

// "renew/database/creds/shop/x" is the action and an id in the path.
std::pair<std::string, std::string> action_and_rest(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return {text, ""};
  return {text.substr(0, slash), text.substr(slash + 1)};
}

}  // namespace

void VaultCore::give_lease(const VaultCall& call, VaultReply& reply) const {
  Lease& lease = *reply.duties.lease;
  lease.id = cat(call.path, '/', random_id().substr(0, 24));
  lease.token = call.token;
  reply.body.set("lease_id", lease.id).set("renewable", true);
  reply.body.set("lease_duration", Json(lease.ttl_seconds));
}

VaultReply VaultCore::handle_leases(const VaultCall& call, const std::string& path) {
  const auto [action, rest] = action_and_rest(path);
  if (action == "lookup" && call.operation == Operation::kList) {
    const std::string prefix = rest.empty() ? "" : cat(rest, '/');
    return list_reply(leases_.ids(), prefix);
  }
  if (call.operation != Operation::kWrite) return error_reply(405, {"unsupported operation"});
  const std::string id = rest.empty() ? std::string(call.body.text_of("lease_id")) : rest;
  if (action == "renew") return renew_lease(call, id);
  if (action == "lookup") return look_lease_up(call, id);
  VaultReply reply = no_content();
  if (action == "revoke") {
    if (auto lease = leases_.take(id)) reply.duties.ended.push_back(std::move(*lease));
  } else if (action == "revoke-prefix" || action == "revoke-force") {
    // Tokens have leases of their own, below the path of their login.
    if (id.starts_with("auth/")) tokens_.revoke_below(id);
    reply.duties.ended = ended_by(call.now);
    for (Lease& lease : leases_.take_below(id)) reply.duties.ended.push_back(std::move(lease));
  } else {
    return error_reply(404, {cat("no handler for route \"sys/leases/", path, "\"")});
  }
  return reply;
}

VaultReply VaultCore::renew_lease(const VaultCall& call, const std::string& id) {
  const Lease* found = leases_.find(id);
  if (found == nullptr || found->expires <= call.now) return no_lease("lease not found");
  Lease lease = *found;
  const std::int64_t increment = seconds_of(call.body.find("increment"), 0);
  const WallTime wanted =
      call.now + std::chrono::seconds(increment > 0 ? increment : lease.ttl_seconds);
  lease.renewed = call.now;
  lease.expires = std::min(wanted, lease.latest);
  VaultReply reply = data_reply(Json());
  reply.body.set("lease_id", id).set("renewable", true);
  reply.body.set("lease_duration", Json(seconds_until(lease.expires, call.now)));
  if (lease.expires < wanted) {
    reply.body.set("warnings", Json::Array{Json(cat("TTL of \"", seconds_until(wanted, call.now),
                                                    "s\" exceeded the effective max_ttl; TTL value "
                                                    "is capped accordingly"))});
  }
  reply.duties.work.push_back(
      {lease.url, filled_in(lease.renewal, {{"expiration", sql_expiration(lease.expires)}})});
  reply.duties.lease = std::move(lease);
  return reply;
}

VaultReply VaultCore::look_lease_up(const VaultCall& call, const std::string& id) {
  const Lease* lease = leases_.find(id);
  if (lease == nullptr || lease->expires <= call.now) return no_lease("invalid lease");
  const bool renewed = lease->renewed != lease->issued;
  return data_reply(Json::Object{{"id", Json(id)},
                                 {"issue_time", Json(rfc3339(lease->issued))},
                                 {"expire_time", Json(rfc3339(lease->expires))},
                                 {"last_renewal", renewed ? Json(rfc3339(lease->renewed)) : Json()},
                                 {"renewable", Json(true)},
                                 {"ttl", Json(seconds_until(lease->expires, call.now))}});
}

void VaultCore::done(DatabaseDuties duties, WallTime now) {
  if (duties.lease) {
    const bool is_new = duties.lease->renewed == duties.lease->issued;
    // One that was revoked while it was renewed stays so.
    if (is_new || leases_.find(duties.lease->id) != nullptr) leases_.add(std::move(*duties.lease));
  }
  const auto mount = mounts_.find(duties.mount);
  if (duties.rotates.empty() || mount == mounts_.end()) return;
  if (auto* engine = std::get_if<DatabaseEngine>(&mount->second))
    engine->rotated(duties.rotates, now);
}

void VaultCore::not_done(const DatabaseDuties& duties) {
  const auto mount = mounts_.find(duties.mount);
  if (duties.rotates.empty() || mount == mounts_.end()) return;
  if (auto* engine = std::get_if<DatabaseEngine>(&mount->second))
    engine->not_rotated(duties.rotates);
}

void VaultCore::keep_for_another_try(Lease lease, WallTime now) {
  lease.token.clear();
  lease.expires = lease.latest = now + kRetry;
  leases_.add(std::move(lease));
}

// Leases whose time is over, or that of their token.
std::vector<Lease> VaultCore::ended_by(WallTime now) {
  std::vector<Lease> ended = leases_.take_expired(now);
  for (const std::string& token : leases_.tokens()) {
    if (tokens_.find(token, now) != nullptr) continue;
    for (Lease& lease : leases_.take_of_token(token)) ended.push_back(std::move(lease));
  }
  return ended;
}

std::optional<DatabaseDuties> VaultCore::due(WallTime now) {
  DatabaseDuties duties;
  duties.ended = ended_by(now);
  for (auto& [name, mount] : mounts_) {
    auto* engine = std::get_if<DatabaseEngine>(&mount);
    auto rotation = engine == nullptr ? std::nullopt : engine->due(now);
    if (!rotation || rotation->duties.work.empty()) continue;
    rotation->duties.ended = std::move(duties.ended);
    rotation->duties.mount = name;
    return std::move(rotation->duties);
  }
  if (duties.empty()) return std::nullopt;
  return duties;
}

std::optional<WallTime> VaultCore::next_due() {
  std::optional<WallTime> next = leases_.next_expiry();
  for (const std::string& id : leases_.tokens()) {
    const Token* token = tokens_.find(id, WallTime::min());
    earlier(next, token == nullptr ? WallTime::min() : token->expires);
  }
  for (const auto& [name, mount] : mounts_) {
    if (const auto* engine = std::get_if<DatabaseEngine>(&mount))
      earlier(next, engine->next_rotation());
  }
  return next;
}

}  // namespace keyferry::dev
