#include "dev/auth_method.h"

#include <algorithm>

#include "base/strings.h"
#include "dev/jwt.h"

namespace keyferry::dev {
namespace {

constexpr std::int64_t kDefaultLeeway = 60;      // the server allows this much unless the role says
constexpr std::int64_t kDefaultTtl = 2'764'800;  // 768 h

bool holds(const std::vector<std::string>& texts, std::string_view wanted) {
  return std::find(texts.begin(), texts.end(), wanted) != texts.end();
}

bool binds(const std::vector<std::string>& bound, std::string_view name) {
  return holds(bound, "*") || holds(bound, name);
}

bool share_one(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& text) { return holds(b, text); });
}

// The claim at "/kubernetes.io/namespace" (a JSON pointer) or at a plain name.
const Json* claim_at(const Json& claims, std::string_view name) {
  if (!name.starts_with('/')) return claims.find(name);
  const Json* at = &claims;
  for (std::string_view part : split(name.substr(1), '/')) {
    at = at == nullptr ? nullptr : at->find(part);
  }
  return at;
}

std::string_view text_at(const Json& claims, std::string_view name) {
  const Json* claim = claim_at(claims, name);
  return claim != nullptr && claim->as_string() != nullptr ? std::string_view(*claim->as_string())
                                                           : std::string_view();
}

// Seconds a token may be off: unset or 0 is the default, negative is none.
std::int64_t leeway_of(const Json& role) {
  const std::int64_t given = seconds_of(role.find("clock_skew_leeway"), 0);
  return given == 0 ? kDefaultLeeway : std::max<std::int64_t>(given, 0);
}

std::string_view time_problem(const Json& claims, std::int64_t leeway, WallTime now) {
  const std::int64_t at =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const Json* expiry = claims.find("exp");
  const Json* not_before = claims.find("nbf");
  if (expiry != nullptr && expiry->as_int().value_or(0) + leeway < at)
    return "token is expired (exp)";
  if (not_before != nullptr && not_before->as_int().value_or(0) - leeway > at) {
    return "token not valid yet (nbf)";
  }
  return {};
}

TokenGrant grant_of(const Json& role) {
  TokenGrant grant;
  grant.policies = texts_of(role.find("token_policies"));
  if (grant.policies.empty()) grant.policies = texts_of(role.find("policies"));
  grant.ttl_seconds = seconds_of(role.find("token_ttl"), seconds_of(role.find("ttl"), 0));
  if (grant.ttl_seconds <= 0) grant.ttl_seconds = kDefaultTtl;
  grant.max_ttl_seconds = seconds_of(role.find("token_max_ttl"), 0);
  grant.uses = seconds_of(role.find("token_num_uses"), 0);
  return grant;
}

}  // namespace

VaultReply AuthMethod::configure(const Json& body) {
  if (body.find("jwks_url") != nullptr || body.find("oidc_discovery_url") != nullptr) {
    return error_reply(400, {"this development server verifies with jwt_validation_pubkeys only"});
  }
  keys_ = texts_of(body.find("jwt_validation_pubkeys"));
  for (std::string& key : texts_of(body.find("pem_keys"))) keys_.push_back(std::move(key));
  issuer_ = body.text_of("bound_issuer");
  return no_content();
}

VaultReply AuthMethod::put_role(const std::string& name, const Json& body) {
  roles_.insert_or_assign(name, body);
  return no_content();
}

VaultReply AuthMethod::read_role(const std::string& name) const {
  const auto found = roles_.find(name);
  return found == roles_.end() ? not_found() : data_reply(found->second);
}

VaultReply AuthMethod::delete_role(const std::string& name) {
  roles_.erase(name);
  return no_content();
}

VaultReply AuthMethod::list_roles() const {
  std::vector<std::string> names;
  for (const auto& entry : roles_) names.push_back(entry.first);
  return list_reply(names, "");
}

VaultReply AuthMethod::unknown_role(std::string_view name) const {
  if (kind_ == AuthKind::kKubernetes)
    return error_reply(400, {cat("invalid role name \"", name, "\"")});
  return error_reply(400, {cat("role \"", name, "\" could not be found")});
}

VaultReply AuthMethod::login(const Json& body, TokenTable& tokens, WallTime now) const {
  const std::string role_name(body.text_of("role"));
  const std::string_view jwt = body.text_of("jwt");
  if (role_name.empty()) return error_reply(400, {"missing role"});
  if (jwt.empty()) return error_reply(400, {"missing token"});
  const auto role = roles_.find(role_name);
  if (role == roles_.end()) return unknown_role(role_name);
  if (keys_.empty()) return error_reply(500, {"could not load backend configuration"});
  Verdict verdict = judge(role->second, role_name, jwt, now);
  if (!verdict.accepted) return std::move(verdict.refusal);
  verdict.grant.path = cat("auth/", mount_, "/login");
  verdict.grant.metadata["role"] = role_name;
  return auth_reply(auth_of(tokens.issue(std::move(verdict.grant), now), now));
}

AuthMethod::Verdict AuthMethod::judge(const Json& role, std::string_view role_name,
                                      std::string_view jwt, WallTime now) const {
  auto claims = verified_claims(jwt, keys_);
  if (!claims.ok()) {
    if (kind_ == AuthKind::kKubernetes) return {false, permission_denied(), {}};
    return {
        false, error_reply(400, {cat("error validating token: ", claims.error().message())}), {}};
  }
  Verdict verdict = kind_ == AuthKind::kKubernetes ? judge_kubernetes(role, *claims, now)
                                                   : judge_jwt(role, *claims, now);
  verdict.grant.display_name = cat(mount_, "-", role_name);
  return verdict;
}

AuthMethod::Verdict AuthMethod::judge_kubernetes(const Json& role, const Json& claims,
                                                 WallTime now) const {
  const std::string_view account = text_at(claims, "/kubernetes.io/serviceaccount/name");
  const std::string_view space = text_at(claims, "/kubernetes.io/namespace");
  const std::string_view audience = role.text_of("audience");
  if (!time_problem(claims, 0, now).empty() || account.empty())
    return {false, permission_denied(), {}};
  if (!audience.empty() && !holds(texts_of(claims.find("aud")), audience)) {
    return {
        false,
        error_reply(
            403,
            {"invalid audience (aud) claim: audience claim does not match any expected audience"}),
        {}};
  }
  if (!binds(texts_of(role.find("bound_service_account_names")), account)) {
    return {false, error_reply(403, {"service account name not authorized"}), {}};
  }
  if (!binds(texts_of(role.find("bound_service_account_namespaces")), space)) {
    return {false, error_reply(403, {"namespace not authorized"}), {}};
  }
  TokenGrant grant = grant_of(role);
  grant.metadata["service_account_name"] = account;
  grant.metadata["service_account_namespace"] = space;
  grant.metadata["service_account_uid"] = text_at(claims, "/kubernetes.io/serviceaccount/uid");
  grant.metadata["service_account_secret_name"] = "";
  return {true, {}, std::move(grant)};
}

AuthMethod::Verdict AuthMethod::judge_jwt(const Json& role, const Json& claims,
                                          WallTime now) const {
  const auto refuse = [](std::string_view why) {
    return Verdict{false, error_reply(400, {cat("error validating token: ", why)}), {}};
  };
  if (!issuer_.empty() && claims.text_of("iss") != issuer_)
    return refuse("invalid issuer (iss) claim");
  const std::string_view off = time_problem(claims, leeway_of(role), now);
  if (!off.empty()) return refuse(cat("validation failed, ", off));
  const auto wanted = texts_of(role.find("bound_audiences"));
  const auto given = texts_of(claims.find("aud"));
  if (wanted.empty() && !given.empty()) {
    return refuse("audience claim found in JWT but no audiences bound to the role");
  }
  if (!wanted.empty() && !share_one(wanted, given)) {
    return refuse(
        "invalid audience (aud) claim: audience claim does not match any expected audience");
  }
  const std::string_view subject = role.text_of("bound_subject");
  if (!subject.empty() && claims.text_of("sub") != subject)
    return refuse("invalid subject (sub) claim");
  if (const Json* bound = role.find("bound_claims");
      bound != nullptr && bound->as_object() != nullptr) {
    for (const auto& [name, value] : *bound->as_object()) {
      if (!binds(texts_of(&value), text_at(claims, name))) {
        return refuse(cat("claim \"", name, "\" does not match any associated bound claim values"));
      }
    }
  }
  TokenGrant grant = grant_of(role);
  if (const Json* mappings = role.find("claim_mappings");
      mappings != nullptr && mappings->as_object() != nullptr) {
    for (const auto& [name, key] : *mappings->as_object()) {
      if (key.as_string() != nullptr) grant.metadata[*key.as_string()] = text_at(claims, name);
    }
  }
  return {true, {}, std::move(grant)};
}

}  // namespace keyferry::dev
