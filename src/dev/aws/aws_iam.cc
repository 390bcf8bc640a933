#include "dev/aws/aws_iam.h"

#include <algorithm>

#include "base/strings.h"
#include "dev/jwt.h"
#include "dev/vault_reply.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::string_view kUsualAudience = "sts.amazonaws.com";

Error wrong(std::string_view member, std::string_view expected) {
  return {ErrorCode::kInvalidArgument, cat("'", member, "': expected ", expected)};
}

std::string_view without_scheme(std::string_view issuer) {
  if (issuer.starts_with(kScheme)) issuer.remove_prefix(kScheme.size());
  return issuer;
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

Result<std::map<std::string, AwsPolicy, std::less<>>> policies_in(const Json& json) {
  std::map<std::string, AwsPolicy, std::less<>> policies;
  const Json* member = json.find("policies");
  if (member == nullptr) return policies;
  if (member->as_object() == nullptr) return wrong("policies", "an object of policy documents");
  for (const auto& [name, document] : *member->as_object()) {
    KF_ASSIGN(AwsPolicy policy, parse_aws_policy(document).with_context(cat("policies.", name)));
    policies.emplace(name, std::move(policy));
  }
  return policies;
}

std::int64_t seconds_in(const Json& claims, std::string_view name, std::int64_t otherwise) {
  const Json* claim = claims.find(name);
  return claim == nullptr ? otherwise : claim->as_int().value_or(otherwise);
}

AwsReply bad_token(std::string message) {
  return aws_refusal("InvalidIdentityToken", std::move(message));
}

}  // namespace

std::string AwsIam::role_arn(std::string_view name) const {
  return cat("arn:aws:iam::", account_, ":role/", name);
}

std::string AwsIam::provider_arn(std::string_view name) const {
  return cat("arn:aws:iam::", account_, ":oidc-provider/", name);
}

void AwsIam::add_root_key(const std::string& id, std::string_view secret) {
  AwsIdentity root{cat("arn:aws:iam::", account_, ":root"), account_, "", "", true, {}};
  keys_.insert_or_assign(id, AwsKey{id, Secret(secret), Secret(), std::nullopt, std::move(root)});
}

Status AwsIam::add_user(const std::string& name, const Json& json) {
  const std::string id(json.text_of("access_key_id"));
  const std::string_view secret = json.text_of("secret_access_key");
  if (id.empty() || secret.empty())
    return wrong(cat("users.", name), "access_key_id and secret_access_key");
  KF_ASSIGN(auto policies, policies_in(json).with_context(cat("users.", name)));
  User user;
  for (auto& [policy_name, policy] : policies) user.policies.push_back(std::move(policy));
  users_.insert_or_assign(name, std::move(user));
  AwsIdentity who{cat("arn:aws:iam::", account_, ":user/", name),
                  cat("AIDA", aws_upper_id(17)),
                  name,
                  "",
                  false,
                  {}};
  keys_.insert_or_assign(id, AwsKey{id, Secret(secret), Secret(), std::nullopt, std::move(who)});
  return {};
}

Status AwsIam::add_role(const std::string& name, const Json& json) {
  const std::string where = cat("roles.", name);
  const Json* trust = json.find("trust");
  if (trust == nullptr) return wrong(cat(where, ".trust"), "a policy document");
  AwsRole role;
  role.id = cat("AROA", aws_upper_id(17));
  KF_ASSIGN(role.trust, parse_aws_policy(*trust).with_context(cat(where, ".trust")));
  KF_ASSIGN(role.policies, policies_in(json).with_context(where));
  role.longest_session = std::chrono::seconds(seconds_of(json.find("max_session_seconds"), 3600));
  if (const Json* session = json.find("session_seconds"))
    role.session = std::chrono::seconds(seconds_of(session, 3600));
  roles_.insert_or_assign(name, std::move(role));
  return {};
}

Status AwsIam::add_provider(const std::string& issuer, const Json& json) {
  Provider provider{texts_of(json.find("pem_keys")), texts_of(json.find("audiences"))};
  if (provider.keys.empty())
    return wrong(cat("oidc_providers.", issuer, ".pem_keys"), "public keys in PEM, or --jwt-key");
  if (provider.audiences.empty()) provider.audiences.emplace_back(kUsualAudience);
  providers_.insert_or_assign(std::string(without_scheme(issuer)), std::move(provider));
  return {};
}

const AwsKey* AwsIam::find_key(std::string_view id) const {
  const auto found = keys_.find(id);
  if (found == keys_.end()) return nullptr;
  const std::string& role = found->second.whose.role;
  return role.empty() || roles_.contains(role) ? &found->second : nullptr;
}

std::string AwsIam::name_in(std::string_view arn) const {
  const std::string_view name = last_part(arn);
  return arn == role_arn(name) ? std::string(name) : "";
}

const AwsRole* AwsIam::role_of(std::string_view arn) const {
  const auto found = roles_.find(name_in(arn));
  return found == roles_.end() ? nullptr : &found->second;
}

bool AwsIam::takes_audience(const AwsWebIdentity& who) const {
  const auto provider = providers_.find(who.provider);
  if (provider == providers_.end()) return false;
  const auto& known = provider->second.audiences;
  return std::find_first_of(known.begin(), known.end(), who.audiences.begin(),
                            who.audiences.end()) != known.end();
}

bool AwsIam::allows(const AwsIdentity& who, std::string_view action,
                    std::string_view resource) const {
  return verdict_on(who, action, resource) == AwsVerdict::kAllowed;
}

AwsVerdict AwsIam::verdict_on(const AwsIdentity& who, std::string_view action,
                              std::string_view resource) const {
  if (who.root) return AwsVerdict::kAllowed;
  const AwsQuestion question{action, resource, "", who.tags};
  std::vector<const AwsPolicy*> policies;
  if (const auto user = users_.find(who.user); user != users_.end()) {
    for (const AwsPolicy& policy : user->second.policies) policies.push_back(&policy);
  }
  if (const auto role = roles_.find(who.role); role != roles_.end()) {
    for (const auto& [name, policy] : role->second.policies) policies.push_back(&policy);
  }
  AwsVerdict verdict = AwsVerdict::kNotAllowed;
  for (const AwsPolicy* policy : policies) verdict = std::max(verdict, judge(*policy, question));
  return verdict;
}

Result<AwsWebIdentity, AwsReply> AwsIam::verify(std::string_view token, WallTime now) const {
  const auto unread = unverified_claims(token);
  if (!unread.ok()) return bad_token("The ID Token provided is not a valid JWT");
  const std::string_view issuer = unread->text_of("iss");
  const auto provider = providers_.find(without_scheme(issuer));
  if (provider == providers_.end())
    return bad_token(cat("No OpenIDConnect provider found in your account for ", issuer));
  auto claims = verified_claims(token, provider->second.keys);
  if (!claims.ok())
    return bad_token(cat("The ID Token could not be verified: ", claims.error().message()));
  const auto second =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  if (const std::int64_t ends = seconds_in(*claims, "exp", 0); second >= ends) {
    return aws_refusal("ExpiredTokenException",
                       cat("Token expired: current date/time ", second,
                           " must be before the expiration date/time ", ends));
  }
  if (second < seconds_in(*claims, "nbf", 0)) return bad_token("The ID Token is not valid yet");
  const Json* audience = claims->find("aud");
  AwsWebIdentity who{provider->first, texts_of(audience), std::string(claims->text_of("sub")), {}};
  who.claims = std::move(*claims);
  return who;
}

const AwsKey& AwsIam::open_session(std::string_view arn, std::string_view session_name,
                                   std::chrono::seconds length, WallTime now,
                                   decltype(AwsIdentity::tags) tags) {
  const std::string name = name_in(arn);
  const AwsRole& role = roles_.at(name);
  AwsIdentity who{cat("arn:aws:sts::", account_, ":assumed-role/", name, '/', session_name),
                  cat(role.id, ':', session_name),
                  "",
                  name,
                  false,
                  std::move(tags)};
  const std::string id = cat("ASIA", aws_upper_id(16));
  AwsKey key{id, Secret(aws_mixed_id(40)), Secret(aws_mixed_id(320)),
             now + role.session.value_or(length), std::move(who)};
  return keys_.insert_or_assign(id, std::move(key)).first->second;
}

}  // namespace keyferry::dev
