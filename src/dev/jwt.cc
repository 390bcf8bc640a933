#include "dev/jwt.h"

#include "base/encoding.h"
#include "base/strings.h"
#include "dev/vault_reply.h"
#include "net/jwt_signature.h"

namespace keyferry::dev {
namespace {

std::string base64url_of(const Json& json) { return jwt_base64url(to_text(json)); }

Result<Json> json_part(std::string_view part) {
  KF_ASSIGN(const Secret bytes, base64url_decode(part));
  return parse_json(bytes.expose());
}

Error refused(std::string_view why) { return {ErrorCode::kUnauthenticated, std::string(why)}; }

Json claims_of(const ServiceAccountClaims& who, WallTime now) {
  const Json::Object account{{"name", Json(who.service_account)}, {"uid", Json(random_id())}};
  const Json::Object kubernetes{{"namespace", Json(who.kubernetes_namespace)},
                                {"serviceaccount", Json(account)}};
  const std::int64_t issued = unix_seconds(now);
  return Json::Object{{"aud", Json(Json::Array(who.audiences.begin(), who.audiences.end()))},
                      {"exp", Json(issued + who.ttl_seconds)},
                      {"iat", Json(issued)},
                      {"iss", Json(who.issuer)},
                      {"jti", Json(random_id())},
                      {"kubernetes.io", Json(kubernetes)},
                      {"nbf", Json(issued)},
                      {"sub", Json(cat("system:serviceaccount:", who.kubernetes_namespace, ":",
                                       who.service_account))}};
}

}  // namespace

std::int64_t unix_seconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string jwt_base64url(std::string_view bytes) {
  std::string text = base64url_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

Result<std::string> make_jwt(const Json& claims, const Secret& private_key_pem,
                             std::string_view key_id) {
  Json header = Json::Object{{"alg", Json("ES256")}, {"typ", Json("JWT")}};
  if (!key_id.empty()) header.set("kid", Json(key_id));
  std::string token = cat(base64url_of(header), ".", base64url_of(claims));
  KF_ASSIGN(const std::string signature, sign_es256(token, private_key_pem));
  return cat(token, ".", jwt_base64url(signature));
}

Result<std::string> make_service_account_token(const ServiceAccountClaims& claims,
                                               const Secret& private_key_pem, WallTime now) {
  return make_jwt(claims_of(claims, now), private_key_pem);
}

Result<Json> verified_claims(std::string_view token, const std::vector<std::string>& public_keys) {
  const auto parts = split(token, '.');
  if (parts.size() != 3) return refused("compact JWS format must have three parts");
  const auto header = json_part(parts[0]);
  auto claims = json_part(parts[1]);
  const auto signature = base64url_decode(parts[2]);
  if (!header.ok() || !claims.ok() || !signature.ok() || claims->as_object() == nullptr) {
    return refused("malformed jwt");
  }
  const std::string_view name = header->text_of("alg");
  if (name != "ES256" && name != "RS256") return refused("unexpected signature algorithm");
  const JwtAlgorithm algorithm = name == "ES256" ? JwtAlgorithm::kEs256 : JwtAlgorithm::kRs256;
  const std::string_view text = token.substr(0, parts[0].size() + 1 + parts[1].size());
  for (const std::string& key : public_keys) {
    if (verify_signature(algorithm, text, signature->expose(), key).ok()) return claims;
  }
  return refused("no known key successfully validated the token signature");
}

Result<Json> unverified_claims(std::string_view token) {
  const auto parts = split(token, '.');
  if (parts.size() != 3) return refused("compact JWS format must have three parts");
  auto claims = json_part(parts[1]);
  if (!claims.ok() || claims->as_object() == nullptr) return refused("malformed jwt");
  return claims;
}

}  // namespace keyferry::dev
