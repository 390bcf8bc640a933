#include "dev/jwt.h"

#include "base/encoding.h"
#include "base/strings.h"
#include "dev/vault_reply.h"
#include "net/jwt_signature.h"

namespace keyferry::dev {
namespace {

std::int64_t unix_seconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string unpadded(std::string text) {
  while (text.ends_with('=')) text.pop_back();
  return text;
}

std::string base64url_of(const Json& json) { return unpadded(base64url_encode(to_text(json))); }

Result<Secret> from_base64url(std::string_view part) {
  std::string text(part);
  for (char& c : text) {
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  text.append((4 - text.size() % 4) % 4, '=');
  return base64_decode(text);
}

Result<Json> json_part(std::string_view part) {
  KF_ASSIGN(const Secret bytes, from_base64url(part));
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

Result<std::string> make_service_account_token(const ServiceAccountClaims& claims,
                                               const Secret& private_key_pem, WallTime now) {
  const Json header = Json::Object{{"alg", Json("ES256")}, {"typ", Json("JWT")}};
  std::string token = cat(base64url_of(header), ".", base64url_of(claims_of(claims, now)));
  KF_ASSIGN(const std::string signature, sign_es256(token, private_key_pem));
  return cat(token, ".", unpadded(base64url_encode(signature)));
}

Result<Json> verified_claims(std::string_view token, const std::vector<std::string>& public_keys) {
  const auto parts = split(token, '.');
  if (parts.size() != 3) return refused("compact JWS format must have three parts");
  const auto header = json_part(parts[0]);
  auto claims = json_part(parts[1]);
  const auto signature = from_base64url(parts[2]);
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
