#include "dev/azure/access_tokens.h"

#include <algorithm>

#include "base/strings.h"
#include "dev/azure/azure_reply.h"
#include "dev/jwt.h"
#include "dev/vault_reply.h"
#include "net/jwk.h"
#include "net/jwt_signature.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kAppIdProof[] = {"1", "2"};  // by AzureProof

AccessTokens::Refusal refused(std::string message) { return {std::move(message)}; }

std::int64_t seconds_in(const Json& claims, std::string_view name) {
  const Json* value = claims.find(name);
  return value == nullptr ? 0 : value->as_int().value_or(0);
}

}  // namespace

std::string issuer_of_tenant(std::string_view tenant) {
  return cat("https://sts.windows.net/", tenant, "/");
}

Result<AccessTokens> AccessTokens::with_fresh_key() {
  KF_ASSIGN(Secret key, make_p256_key());
  KF_ASSIGN(std::string public_key, public_key_of(key));
  KF_ASSIGN(const PublicJwk jwk, public_jwk_of(key));
  Json json = Json::Object{
      {"kty", Json(jwk.kty)}, {"crv", Json(jwk.crv)}, {"x", Json(jwk.x)},        {"y", Json(jwk.y)},
      {"use", Json("sig")},   {"alg", Json("ES256")}, {"kid", Json(random_id())}};
  return AccessTokens(std::move(key), std::move(public_key), std::move(json));
}

Result<std::string> AccessTokens::issue(const AzureApp& app, std::string_view audience,
                                        AzureProof proof, std::int64_t ttl_seconds,
                                        WallTime now) const {
  const std::int64_t issued = unix_seconds(now);
  Json::Object claims{{"aud", Json(audience)},
                      {"iss", Json(issuer_of_tenant(app.tenant))},
                      {"iat", Json(issued)},
                      {"nbf", Json(issued)},
                      {"exp", Json(issued + ttl_seconds)},
                      {"appid", Json(app.client_id)},
                      {"appidacr", Json(kAppIdProof[static_cast<std::size_t>(proof)])},
                      {"idp", Json(issuer_of_tenant(app.tenant))},
                      {"idtyp", Json("app")},
                      {"oid", Json(app.object_id)},
                      {"sub", Json(app.object_id)},
                      {"tid", Json(app.tenant)},
                      {"uti", Json(random_id())},
                      {"ver", Json("1.0")}};
  if (!app.resource_id.empty()) claims.insert_or_assign("xms_mirid", Json(app.resource_id));
  return make_jwt(Json(std::move(claims)), key_, jwk_.text_of("kid"));
}

Result<AzureCaller, AccessTokens::Refusal> AccessTokens::verify(
    std::string_view token, std::string_view tenant, const std::vector<std::string>& audiences,
    WallTime now) const {
  const auto unverified = unverified_claims(token);
  if (!unverified.ok()) return refused("AKV10001: Invalid JWT token: the token is malformed.");
  const auto claims = verified_claims(token, {public_key_});
  if (!claims.ok())
    return refused("AKV10046: Unable to resolve the key used for signature validation.");
  const std::string_view issuer = claims->text_of("iss");
  if (issuer != issuer_of_tenant(tenant)) {
    return refused(cat("AKV10032: Invalid issuer. Expected one of ", issuer_of_tenant(tenant),
                       ", found ", issuer, "."));
  }
  const std::string_view audience = claims->text_of("aud");
  if (std::find(audiences.begin(), audiences.end(), audience) == audiences.end()) {
    return refused(
        cat("AKV10022: Invalid audience. Expected ", audiences.at(0), ", found: ", audience, "."));
  }
  const std::int64_t seconds = unix_seconds(now);
  if (seconds >= seconds_in(*claims, "exp") || seconds < seconds_in(*claims, "nbf"))
    return refused("[TokenExpired] Error validating token: 'S2S12086'.");
  return AzureCaller{std::string(claims->text_of("tid")), std::string(claims->text_of("appid")),
                     std::string(claims->text_of("oid")), std::string(issuer), false};
}

Json AccessTokens::key_set() const { return Json::Object{{"keys", Json(Json::Array{jwk_})}}; }

}  // namespace keyferry::dev
