// A certificate of a vault: what a client imports, and the key and secret of the same name and
// version that come with it.
#include "base/encoding.h"
#include "base/strings.h"
#include "dev/azure/key_vault.h"
#include "dev/jwt.h"
#include "dev/vault_reply.h"
#include "net/certificate_parts.h"
#include "net/jwk.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kPfxType = "application/x-pkcs12";
constexpr std::int64_t kMonth = 2592000;  // seconds of 30 days
constexpr std::string_view kPemType = "application/x-pem-file";

AzureReply unreadable(std::string_view type) {
  return key_vault_error(
      400, "BadParameter",
      type == kPemType
          ? "The specified PEM X.509 certificate content is in an unexpected format. Please check "
            "if certificate is in valid PEM format."
          : "The specified PKCS#12 X.509 certificate content can not be read. Please check if "
            "certificate is in valid PKCS#12 format.");
}

std::string_view content_type_of(const Json& body) {
  const Json* policy = body.find("policy");
  const Json* properties = policy == nullptr ? nullptr : policy->find("secret_props");
  const std::string_view type =
      properties == nullptr ? std::string_view() : properties->text_of("contentType");
  return type.empty() ? kPfxType : type;
}

// What the certificate's secret holds, and its parts.
struct Import {
  CertificateParts parts;
  std::string value;
};

// A PFX with a password is kept without one, as Key Vault does.
Result<Import> import_of(std::string_view type, std::string_view value, std::string_view password) {
  Import import;
  if (type == kPemType) {
    Secret pem(value);  // clients send it as it is, or in base64 like any other file
    if (value.find("-----BEGIN") == std::string_view::npos) {
      KF_ASSIGN(pem, base64_decode(value));
    }
    KF_ASSIGN(import.parts, read_pem_parts(pem));
    import.value = pem.expose();
    return import;
  }
  KF_ASSIGN(Secret pfx, base64_decode(value));
  KF_ASSIGN(import.parts, read_pfx(pfx, Secret(password)));
  if (!password.empty()) {
    KF_ASSIGN(pfx, write_pfx(import.parts));
  }
  import.value = base64_encode(pfx.expose());
  return import;
}

Json policy_of(const PublicJwk& jwk, std::string_view type, const CertificateParts& parts,
               const Json& attributes) {
  Json key =
      Json::Object{{"exportable", Json(true)}, {"reuse_key", Json(false)}, {"kty", Json(jwk.kty)}};
  if (jwk.kty == "EC") {
    key.set("crv", Json(jwk.crv));
  } else {
    const std::size_t bits = jwk.n.size() * 6 / 8 * 8;
    key.set("key_size", Json(static_cast<std::int64_t>(bits)));
  }
  const Json::Object constraints{{"ca", Json(false)}};
  const Json::Object x509{{"subject", Json(parts.subject)},
                          {"key_usage", Json(Json::Array{Json("digitalSignature")})},
                          {"validity_months", Json((parts.not_after - parts.not_before) / kMonth)},
                          {"basic_constraints", Json(constraints)}};
  return Json::Object{{"key_props", std::move(key)},
                      {"secret_props", Json(Json::Object{{"contentType", Json(type)}})},
                      {"x509_props", Json(x509)},
                      {"lifetime_actions", Json(Json::Array{})},
                      {"issuer", Json(Json::Object{{"name", Json("Unknown")}})},
                      {"attributes", Json(Json::Object{{"enabled", Json(true)},
                                                       {"created", *attributes.find("created")},
                                                       {"updated", *attributes.find("updated")}})}};
}

Json key_of(const PublicJwk& jwk) {
  Json key = Json::Object{{"kty", Json(jwk.kty)}};
  const std::pair<const char*, const std::string&> members[] = {
      {"n", jwk.n}, {"e", jwk.e}, {"crv", jwk.crv}, {"x", jwk.x}, {"y", jwk.y}};
  for (const auto& [name, value] : members) {
    if (!value.empty()) key.set(name, Json(value));
  }
  key.set("key_ops", Json(Json::Array{Json("sign"), Json("verify")}));
  return key;
}

// What a policy wants of a certificate that signs itself.
Result<SelfSigned> wish_of(const KeyVaultCall& call) {
  const Json nothing = Json::Object{};
  const Json* policy = call.body.find("policy");
  if (policy == nullptr) policy = &nothing;
  const auto part = [&](std::string_view name) -> const Json& {
    const Json* found = policy->find(name);
    return found == nullptr ? nothing : *found;
  };
  if (part("issuer").text_of("name") != "Self")
    return Error(ErrorCode::kInvalidArgument, "Only the issuer 'Self' makes certificates here.");
  std::string_view subject = part("x509_props").text_of("subject");
  if (!subject.starts_with("CN=") || subject.find(',') != std::string_view::npos)
    return Error(ErrorCode::kInvalidArgument, "Only a subject of the form CN=name is known here.");
  const Json* size = part("key_props").find("key_size");
  const Json* months = part("x509_props").find("validity_months");
  const std::string_view kty = part("key_props").text_of("kty");
  const auto kind = key_kind_of(kty.empty() ? "RSA" : kty, part("key_props").text_of("crv"),
                                size == nullptr ? 0 : size->as_int().value_or(0));
  if (!kind) return Error(ErrorCode::kInvalidArgument, "Unknown kind of key.");
  const std::int64_t now = unix_seconds(call.now);
  return SelfSigned{std::string(subject.substr(3)), *kind, now,
                    now + kMonth * (months == nullptr ? 12 : months->as_int().value_or(12))};
}

}  // namespace

AzureReply KeyVault::import_certificate(const KeyVaultCall& call, const std::string& name) {
  const std::string_view type = content_type_of(call.body);
  const auto import = import_of(type, call.body.text_of("value"), call.body.text_of("pwd"));
  if (!import.ok()) return unreadable(type);
  return add_certificate(call, name, type, import->parts, import->value);
}

// Issuer "Self": made at once, but the first answer says otherwise, for clients count on having to
// ask again.
AzureReply KeyVault::create_certificate(const KeyVaultCall& call, const std::string& name) {
  const auto wish = wish_of(call);
  if (!wish.ok()) return key_vault_error(400, "BadParameter", wish.error().message());
  const auto parts = make_self_signed(*wish);
  if (!parts.ok()) return key_vault_error(400, "BadParameter", parts.error().message());
  const std::string_view type = content_type_of(call.body);
  const auto pfx = write_pfx(*parts);
  if (!pfx.ok()) return key_vault_error(500, "InternalServerError", pfx.error().message());
  const std::string value =
      type == kPemType ? std::string(write_pem(*parts).expose()) : base64_encode(pfx->expose());
  AzureReply reply = add_certificate(call, name, type, *parts, value);
  if (!reply.good()) return reply;
  reply = pending(call, name);
  reply.status = 202;
  reply.body.set("status", Json("inProgress"));
  return reply;
}

AzureReply KeyVault::pending(const KeyVaultCall& call, const std::string& name) {
  const VaultObject* object = shelf(VaultKind::kCertificate).find(name);
  if (object == nullptr)
    return key_vault_error(404, "PendingCertificateNotFound",
                           cat("Pending certificate not found: ", name));
  const std::string id = cat(call.base, "/certificates/", object->name);
  return {200,
          Json(Json::Object{{"id", Json(cat(id, "/pending"))},
                            {"issuer", Json(Json::Object{{"name", Json("Self")}})},
                            {"cancellation_requested", Json(false)},
                            {"status", Json("completed")},
                            {"target", Json(id)}}),
          {}};
}

AzureReply KeyVault::add_certificate(const KeyVaultCall& call, const std::string& name,
                                     std::string_view type, const CertificateParts& parts,
                                     const std::string& value) {
  const auto jwk = public_jwk_of(parts.private_key_pem);
  if (!jwk.ok()) return unreadable(type);
  Json attributes = first_attributes(call.body.find("attributes"),
                                     shelf(VaultKind::kCertificate).find(name), call.now);
  attributes.set("nbf", Json(parts.not_before));
  attributes.set("exp", Json(parts.not_after));
  Json certificate = Json::Object{{"cer", Json(base64_encode(parts.leaf_der))},
                                  {"x5t", Json(jwt_base64url(parts.sha1))},
                                  {"policy", policy_of(*jwk, type, parts, attributes)}};
  Json key = Json::Object{{"key", key_of(*jwk)}, {"managed", Json(true)}};
  Json secret =
      Json::Object{{"value", Json(value)}, {"contentType", Json(type)}, {"managed", Json(true)}};
  const std::string version = random_id();
  const std::pair<VaultKind, Json*> bodies[] = {{VaultKind::kSecret, &secret},
                                                {VaultKind::kKey, &key},
                                                {VaultKind::kCertificate, &certificate}};
  for (const auto& [kind, body] : bodies) {
    body->set("attributes", attributes);
    if (const Json* tags = call.body.find("tags")) body->set("tags", *tags);
    shelf(kind).add(name, {version, std::move(*body)});
  }
  const VaultObject& made = *shelf(VaultKind::kCertificate).find(name);
  return {200, bundle_of(VaultKind::kCertificate, call.base, made.name, made.versions.back()), {}};
}

}  // namespace keyferry::dev
