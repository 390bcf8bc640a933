// What a seed file says, written into a fresh namespace.
#include "base/strings.h"
#include "dev/vault_core.h"

namespace keyferry::dev {
namespace {

Error wrong(std::string_view member, std::string_view expected) {
  return {ErrorCode::kInvalidArgument, cat("seed: ", member, ": expected ", expected)};
}

// A policy as {"path": ["read"]}, the short form of seeds.
Result<Policy> short_policy(const Json::Object& paths) {
  Policy policy;
  for (const auto& [path, words] : paths) {
    PolicyRule rule{path, {}};
    for (const std::string& word : texts_of(&words)) {
      KF_ASSIGN(const Capability capability, capability_of(word));
      rule.capabilities.insert(capability);
    }
    policy.push_back(std::move(rule));
  }
  return policy;
}

}  // namespace

Status VaultCore::seed(const Json& seed, WallTime now) {
  static const Json usual_mounts =
      Json::Object{{"secret", Json(Json::Object{{"version", Json(2)}})}};
  const Json nothing = Json::Object{};
  const auto member = [&](std::string_view name, const Json& otherwise) -> const Json& {
    const Json* found = seed.find(name);
    return found == nullptr ? otherwise : *found;
  };
  KF_TRY(seed_mounts(member("mounts", usual_mounts), now));
  KF_TRY(seed_secrets(member("secrets", nothing), now));
  KF_TRY(seed_policies(member("policies", nothing)));
  return seed_auth(member("auth", nothing));
}

Status VaultCore::seed_database(const std::string& name, const Json& options, WallTime now) {
  DatabaseEngine engine;
  if (const auto refusal = engine.seed(options, now))
    return wrong(cat("mounts.", name), to_text(refusal->body));
  mounts_.insert_or_assign(name, std::move(engine));
  return {};
}

Status VaultCore::seed_mounts(const Json& mounts, WallTime now) {
  if (mounts.as_object() == nullptr) return wrong("mounts", "an object");
  for (const auto& [name, options] : *mounts.as_object()) {
    if (options.text_of("type") == "database") {
      KF_TRY(seed_database(name, options, now));
      continue;
    }
    const std::int64_t version = seconds_of(options.find("version"), 2);
    if (version != 1 && version != 2) return wrong(cat("mounts.", name, ".version"), "1 or 2");
    mounts_.insert_or_assign(name, version == 1 ? Mount(KvV1()) : Mount(KvV2()));
  }
  return {};
}

Status VaultCore::seed_secrets(const Json& secrets, WallTime now) {
  if (secrets.as_object() == nullptr) return wrong("secrets", "an object");
  for (const auto& [path, data] : *secrets.as_object()) {
    const std::string mount = mount_of(path);
    if (mount.empty()) return wrong(cat("secrets.", path), "a path inside one of the mounts");
    if (data.as_object() == nullptr) return wrong(cat("secrets.", path), "an object");
    const std::string rest = path.substr(std::min(path.size(), mount.size() + 1));
    if (auto* second = std::get_if<KvV2>(&mounts_.at(mount))) {
      second->put(rest, data, now);
    } else if (auto* first = std::get_if<KvV1>(&mounts_.at(mount))) {
      first->handle({Operation::kWrite, rest, {}, {}, data, now});
    } else {
      return wrong(cat("secrets.", path), "a path inside a kv mount");
    }
  }
  return {};
}

Status VaultCore::seed_policies(const Json& policies) {
  if (policies.as_object() == nullptr) return wrong("policies", "an object");
  for (const auto& [name, value] : *policies.as_object()) {
    auto policy = value.as_object() != nullptr
                      ? short_policy(*value.as_object())
                      : parse_policy(value.as_string() != nullptr ? *value.as_string() : "?");
    if (!policy.ok()) return std::move(policy).error().with_context(cat("seed: policies.", name));
    policies_.insert_or_assign(name, std::move(*policy));
    policy_texts_.insert_or_assign(
        name, value.as_string() != nullptr ? *value.as_string() : to_text(value));
  }
  return {};
}

Status VaultCore::seed_auth(const Json& methods) {
  if (methods.as_object() == nullptr) return wrong("auth", "an object");
  for (const auto& [name, value] : *methods.as_object()) {
    const std::string_view type =
        value.text_of("type").empty() ? std::string_view(name) : value.text_of("type");
    if (type != "kubernetes" && type != "jwt")
      return wrong(cat("auth.", name, ".type"), "kubernetes or jwt");
    AuthMethod method(type == "jwt" ? AuthKind::kJwt : AuthKind::kKubernetes, name);
    if (method.configure(value).status >= 400)
      return wrong(cat("auth.", name), "pem_keys, no jwks_url");
    if (const Json* roles = value.find("roles");
        roles != nullptr && roles->as_object() != nullptr) {
      for (const auto& [role, body] : *roles->as_object()) method.put_role(role, body);
    }
    auth_.insert_or_assign(name, std::move(method));
  }
  return {};
}

}  // namespace keyferry::dev
