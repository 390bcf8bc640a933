// What a seed file says, written into a fresh AWS face.
#include "base/strings.h"
#include "dev/aws/aws_face.h"
#include "dev/jwt.h"
#include "dev/vault_reply.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kUsualAccount = "123456789012";
constexpr std::string_view kUsualRegion = "eu-west-1";
constexpr const char* kRootKey = "dev-root";

std::string text_or(const Json& seed, std::string_view name, std::string_view otherwise) {
  const std::string_view text = seed.text_of(name);
  return std::string(text.empty() ? otherwise : text);
}

// Does something with every member of an object that is a member of the seed.
template <class Each>
Status each_member(const Json& seed, std::string_view name, Each each) {
  const Json* object = seed.find(name);
  if (object == nullptr) return {};
  if (object->as_object() == nullptr)
    return Error(ErrorCode::kInvalidArgument, cat("seed: ", name, ": expected an object"));
  for (const auto& [key, value] : *object->as_object()) {
    KF_TRY(Status(each(key, value)).with_context("seed"));
  }
  return {};
}

Status check_members(const Json& seed) {
  constexpr std::string_view kKnown[] = {
      "account", "region",  "regions",    "oidc_providers", "users",
      "roles",   "secrets", "parameters", "pod_identity",   "other_regions"};
  if (seed.as_object() == nullptr)
    return Error(ErrorCode::kInvalidArgument, "seed: expected an object");
  for (const auto& [name, value] : *seed.as_object()) {
    bool known = false;
    for (const std::string_view one : kKnown) known = known || one == name;
    if (!known)
      return Error(ErrorCode::kInvalidArgument,
                   cat("seed: '", name, "' is not known; known are ",
                       join({std::begin(kKnown), std::end(kKnown)}, ", ")));
  }
  return {};
}

}  // namespace

AwsFace::AwsFace(Clock& clock, const Json& seed, const AwsFaceOptions& options)
    : clock_(clock),
      login_key_(options.login_key),
      usual_region_(text_or(seed, "region", kUsualRegion)),
      iam_(text_or(seed, "account", kUsualAccount)) {
  iam_.add_root_key(kRootKey, options.root_secret);
}

Result<std::unique_ptr<AwsFace>> AwsFace::from_seed(Clock& clock, const Json& seed,
                                                    const AwsFaceOptions& options) {
  std::unique_ptr<AwsFace> face(new AwsFace(clock, seed, options));
  const Json nothing = Json::Object{};
  if (seed.find("oidc_providers") == nullptr) KF_TRY(face->seed_providers(nothing));
  KF_TRY(face->add(seed));
  return face;
}

Status AwsFace::add(const Json& seed) {
  KF_TRY(check_members(seed));
  for (const std::string& name : texts_of(seed.find("regions"))) known_regions_.insert(name);
  if (const Json* providers = seed.find("oidc_providers")) KF_TRY(seed_providers(*providers));
  KF_TRY(seed_identities(seed));
  KF_TRY(seed_region(usual_region_, seed));
  return each_member(seed, "other_regions", [&](const std::string& name, const Json& json) {
    return seed_region(name, json);
  });
}

Status AwsFace::seed_identities(const Json& seed) {
  KF_TRY(each_member(seed, "users", [&](const std::string& name, const Json& json) {
    return iam_.add_user(name, json);
  }));
  KF_TRY(each_member(seed, "roles", [&](const std::string& name, const Json& json) {
    return iam_.add_role(name, json);
  }));
  return each_member(seed, "pod_identity", [&](const std::string& account, const Json& role) {
    if (role.as_string() == nullptr || account.find('/') == std::string::npos)
      return Status(Error(
          ErrorCode::kInvalidArgument,
          cat("pod_identity.", account, ": expected \"NAMESPACE/ACCOUNT\": \"name of a role\"")));
    agent_.roles.insert_or_assign(account, *role.as_string());
    return Status();
  });
}

Status AwsFace::seed_providers(const Json& providers) {
  if (providers.as_object() == nullptr)
    return Error(ErrorCode::kInvalidArgument, "seed: oidc_providers: expected an object");
  Json all = providers;
  if (all.as_object()->empty() && !login_key_.empty())
    all.set(ServiceAccountClaims().issuer, Json(Json::Object{}));
  for (auto& [issuer, json] : *all.as_object()) {
    if (json.find("pem_keys") == nullptr && !login_key_.empty())
      json.set("pem_keys", Json(Json::Array{Json(login_key_)}));
    KF_TRY(iam_.add_provider(issuer, json).with_context("seed"));
  }
  return {};
}

Status AwsFace::seed_region(const std::string& name, const Json& json) {
  const WallTime now = clock_.wall_now();
  Region& there = region(name);
  KF_TRY(each_member(json, "secrets", [&](const std::string& secret, const Json& value) {
    there.secrets.put(secret, value, now);
    return Status();
  }));
  return each_member(json, "parameters", [&](const std::string& parameter, const Json& value) {
    there.parameters.put(parameter, value, now);
    return Status();
  });
}

}  // namespace keyferry::dev
