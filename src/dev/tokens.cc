#include "dev/tokens.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"
#include "dev/vault_reply.h"
#include "net/digest.h"

namespace keyferry::dev {
namespace {

constexpr std::size_t kTokenBytes = 24;
constexpr std::string_view kTokenPrefix = "s.";

std::int64_t seconds_left(const Token& token, WallTime now) {
  if (!token.expires) return 0;
  return std::chrono::ceil<std::chrono::seconds>(*token.expires - now).count();
}

Json array_of(const std::vector<std::string>& texts) {
  return Json::Array(texts.begin(), texts.end());
}

std::int64_t unix_seconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

const Token& TokenTable::issue(TokenGrant grant, WallTime now) {
  if (std::find(grant.policies.begin(), grant.policies.end(), "default") == grant.policies.end()) {
    grant.policies.insert(grant.policies.begin(), "default");
  }
  Token token;
  token.id = cat(kTokenPrefix, hex_encode(random_bytes(kTokenBytes).expose()));
  token.accessor = random_id();
  token.created = now;
  if (grant.max_ttl_seconds > 0)
    grant.ttl_seconds = std::min(grant.ttl_seconds, grant.max_ttl_seconds);
  if (grant.ttl_seconds > 0) token.expires = now + std::chrono::seconds(grant.ttl_seconds);
  token.uses_left = grant.uses;
  token.grant = std::move(grant);
  return tokens_[token.id] = token;
}

void TokenTable::add_root(const std::string& id, WallTime now) {
  TokenGrant grant;
  grant.policies = {"root"};
  grant.path = "auth/token/root";
  grant.display_name = "root";
  tokens_[id] = Token{id, random_id(), std::move(grant), now, std::nullopt, 0};
}

Token* TokenTable::find(const std::string& id, WallTime now) {
  const auto found = tokens_.find(id);
  if (found == tokens_.end()) return nullptr;
  if (!found->second.expires || *found->second.expires > now) return &found->second;
  tokens_.erase(found);
  return nullptr;
}

const Token* TokenTable::use(const std::string& id, WallTime now) {
  Token* token = find(id, now);
  if (token == nullptr || token->grant.uses == 0) return token;
  if (token->uses_left == 0) return nullptr;
  --token->uses_left;
  return token;
}

const Token* TokenTable::renew(const std::string& id, std::int64_t increment_seconds,
                               WallTime now) {
  Token* token = find(id, now);
  if (token == nullptr || !token->expires) return token;
  const std::int64_t wanted = increment_seconds > 0 ? increment_seconds : token->grant.ttl_seconds;
  token->expires = now + std::chrono::seconds(wanted);
  if (const std::int64_t most = token->grant.max_ttl_seconds; most > 0)
    token->expires = std::min(*token->expires, token->created + std::chrono::seconds(most));
  return token;
}

void TokenTable::revoke_below(std::string_view path) {
  std::erase_if(tokens_,
                [&](const auto& entry) { return entry.second.grant.path.starts_with(path); });
}

Json auth_of(const Token& token, WallTime now) {
  Json::Object metadata = token.grant.metadata;
  return Json::Object{{"client_token", Json(token.id)},
                      {"accessor", Json(token.accessor)},
                      {"policies", array_of(token.grant.policies)},
                      {"token_policies", array_of(token.grant.policies)},
                      {"metadata", Json(std::move(metadata))},
                      {"lease_duration", Json(seconds_left(token, now))},
                      {"renewable", Json(token.expires.has_value())},
                      {"entity_id", Json("")},
                      {"token_type", Json("service")},
                      {"orphan", Json(true)},
                      {"mfa_requirement", Json()},
                      {"num_uses", Json(token.grant.uses)}};
}

Json lookup_of(const Token& token, WallTime now) {
  Json::Object metadata = token.grant.metadata;
  return Json::Object{{"accessor", Json(token.accessor)},
                      {"creation_time", Json(unix_seconds(token.created))},
                      {"creation_ttl", Json(token.grant.ttl_seconds)},
                      {"display_name", Json(token.grant.display_name)},
                      {"entity_id", Json("")},
                      {"expire_time", token.expires ? Json(rfc3339(*token.expires)) : Json()},
                      {"explicit_max_ttl", Json(0)},
                      {"id", Json(token.id)},
                      {"issue_time", Json(rfc3339(token.created))},
                      {"meta", Json(std::move(metadata))},
                      {"num_uses", Json(token.uses_left)},
                      {"orphan", Json(true)},
                      {"path", Json(token.grant.path)},
                      {"policies", array_of(token.grant.policies)},
                      {"renewable", Json(token.expires.has_value())},
                      {"ttl", Json(seconds_left(token, now))},
                      {"type", Json("service")}};
}

}  // namespace keyferry::dev
