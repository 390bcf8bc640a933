// What makes a new version of an object of a vault, and the seed, which is written the same way.
#include "base/strings.h"
#include "dev/azure/key_vault.h"
#include "dev/jwt.h"
#include "dev/vault_reply.h"
#include "net/jwk.h"

namespace keyferry::dev {
namespace {

constexpr std::size_t kLargestSecret = 25U << 10;

AzureReply bad_body(std::string message) {
  return key_vault_error(400, "BadParameter", std::move(message));
}

Json::Array usual_operations(std::string_view kty) {
  if (kty.starts_with("EC")) return {Json("sign"), Json("verify")};
  return {Json("encrypt"), Json("decrypt"), Json("sign"),
          Json("verify"),  Json("wrapKey"), Json("unwrapKey")};
}

Json json_of(const PublicJwk& jwk, std::string_view kty) {
  Json json = Json::Object{{"kty", Json(kty)}};
  if (jwk.kty == "RSA") {
    json.set("n", Json(jwk.n));
    json.set("e", Json(jwk.e));
  } else {
    json.set("crv", Json(jwk.crv));
    json.set("x", Json(jwk.x));
    json.set("y", Json(jwk.y));
  }
  return json;
}

Json operations_of(const Json* given, std::string_view kty) {
  if (given != nullptr && given->as_array() != nullptr) return *given;
  return usual_operations(kty);
}

}  // namespace

std::optional<KeyKind> key_kind_of(std::string_view kty, std::string_view curve,
                                   std::int64_t bits) {
  if (kty == "EC" || kty == "EC-HSM") {
    if (curve.empty() || curve == "P-256") return KeyKind::kP256;
    if (curve == "P-384") return KeyKind::kP384;
    if (curve == "P-521") return KeyKind::kP521;
    if (curve == "P-256K") return KeyKind::kP256K;
    return std::nullopt;
  }
  if (kty != "RSA" && kty != "RSA-HSM") return std::nullopt;
  if (bits == 0 || bits == 2048) return KeyKind::kRsa2048;
  if (bits == 3072) return KeyKind::kRsa3072;
  if (bits == 4096) return KeyKind::kRsa4096;
  return std::nullopt;
}

AzureReply KeyVault::write(VaultKind kind, const KeyVaultCall& call, const std::string& name,
                           const std::string& how) {
  if (call.body.as_object() == nullptr) return bad_body("The request body is not a JSON object.");
  if (shelf(kind).find_deleted(name) != nullptr) {
    return key_vault_error(409, "Conflict",
                           cat("Object ", name,
                               " is currently in a deleted but recoverable state, and its name "
                               "cannot be reused; in this state, the object can only be recovered "
                               "or purged."),
                           "ObjectIsDeletedButRecoverable");
  }
  switch (kind) {
    case VaultKind::kSecret:
      return set_secret(call, name);
    case VaultKind::kKey:
      return how == "create" ? create_key(call, name) : import_key(call, name);
    case VaultKind::kCertificate:
      return how == "create" ? create_certificate(call, name) : import_certificate(call, name);
  }
  return bad_body("");
}

AzureReply KeyVault::add(VaultKind kind, const KeyVaultCall& call, const std::string& name,
                         Json body) {
  const VaultObject* before = shelf(kind).find(name);
  body.set("attributes", first_attributes(call.body.find("attributes"), before, call.now));
  if (const Json* tags = call.body.find("tags")) body.set("tags", *tags);
  const VaultObject& object = shelf(kind).add(name, {random_id(), std::move(body)});
  return {200, bundle_of(kind, call.base, object.name, object.versions.back()), {}};
}

AzureReply KeyVault::set_secret(const KeyVaultCall& call, const std::string& name) {
  const Json* value = call.body.find("value");
  if (value == nullptr || value->as_string() == nullptr)
    return bad_body("The value of the secret is missing.");
  if (value->as_string()->size() > kLargestSecret)
    return bad_body("The value of the secret is longer than 25600 bytes.");
  Json body = Json::Object{{"value", *value}};
  if (const Json* type = call.body.find("contentType")) body.set("contentType", *type);
  return add(VaultKind::kSecret, call, name, std::move(body));
}

AzureReply KeyVault::create_key(const KeyVaultCall& call, const std::string& name) {
  const std::string_view kty = call.body.text_of("kty");
  const Json* size = call.body.find("key_size");
  const std::int64_t bits = size == nullptr ? 0 : size->as_int().value_or(-1);
  const auto kind = key_kind_of(kty, call.body.text_of("crv"), bits);
  if (!kind) return bad_body(cat("Property kty, crv or key_size has an invalid value: ", kty));
  const auto key = make_private_key(*kind);
  const auto jwk = key.ok() ? public_jwk_of(*key) : Result<PublicJwk>(key.error());
  if (!jwk.ok()) return key_vault_error(500, "InternalServerError", jwk.error().message());
  Json json = json_of(*jwk, kty);
  json.set("key_ops", operations_of(call.body.find("key_ops"), kty));
  return add(VaultKind::kKey, call, name, Json::Object{{"key", std::move(json)}});
}

AzureReply KeyVault::import_key(const KeyVaultCall& call, const std::string& name) {
  const Json* given = call.body.find("key");
  const std::string_view kty = given == nullptr ? std::string_view() : given->text_of("kty");
  const bool rsa = kty.starts_with("RSA");
  if (!rsa && !kty.starts_with("EC")) return bad_body("Property key has an invalid value.");
  Json json = Json::Object{{"kty", Json(kty)}};
  for (const char* member : {"n", "e", "crv", "x", "y"}) {
    if (const Json* value = given->find(member); value != nullptr && !value->is_null())
      json.set(member, *value);
  }
  if (json.find(rsa ? "n" : "x") == nullptr) return bad_body("Property key has no public half.");
  json.set("key_ops", operations_of(given->find("key_ops"), kty));
  return add(VaultKind::kKey, call, name, Json::Object{{"key", std::move(json)}});
}

Status KeyVault::seed(const Json& members, WallTime now) {
  const auto in_vault = [&](Status status) {
    return std::move(status).with_context(cat("seed: vaults.", name_));
  };
  if (const auto tenant = members.text_of("tenant"); !tenant.empty()) tenant_ = to_lower(tenant);
  KF_TRY(in_vault(grants_.seed(members)));
  for (const VaultKind kind : {VaultKind::kSecret, VaultKind::kKey, VaultKind::kCertificate}) {
    const Json* objects = members.find(plural_of(kind));
    if (objects == nullptr) continue;
    if (objects->as_object() == nullptr)
      return in_vault(
          Error(ErrorCode::kInvalidArgument, cat(plural_of(kind), ": expected an object")));
    for (const auto& [name, value] : *objects->as_object()) {
      const Json::Array versions =
          value.as_array() != nullptr ? *value.as_array() : Json::Array{value};
      for (const Json& version : versions) KF_TRY(in_vault(seed_object(kind, name, version, now)));
    }
  }
  return {};
}

// A text is the value of a secret; anything else is the body a client would send.
Status KeyVault::seed_object(VaultKind kind, const std::string& name, const Json& value,
                             WallTime now) {
  const auto where = [&](std::string_view problem) {
    return Error(ErrorCode::kInvalidArgument, cat(plural_of(kind), ".", name, ": ", problem));
  };
  if (!is_object_name(name)) return where("a name has letters, digits and '-' only");
  KeyVaultCall call;
  call.body = value.as_string() != nullptr ? Json(Json::Object{{"value", value}}) : value;
  call.caller.administrator = true;
  call.now = now;
  const bool creates = kind == VaultKind::kKey && call.body.find("key") == nullptr;
  const AzureReply reply = write(kind, call, name, creates ? "create" : "import");
  if (reply.good()) return {};
  return where(reply.body.find("error")->text_of("message"));
}

}  // namespace keyferry::dev
