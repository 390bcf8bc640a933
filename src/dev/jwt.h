#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "formats/json.h"

namespace keyferry::dev {

// Who a service-account token speaks for and how long.
struct ServiceAccountClaims {
  std::string kubernetes_namespace;
  std::string service_account;
  std::vector<std::string> audiences;
  std::string issuer = "https://kubernetes.default.svc.cluster.local";
  std::int64_t ttl_seconds = 3600;
};

// A token in the shape the API server's TokenRequest gives, signed ES256.
Result<std::string> make_service_account_token(const ServiceAccountClaims& claims,
                                               const Secret& private_key_pem, WallTime now);

// A token of any claims, signed ES256; the header names the key when `key_id` is not empty.
Result<std::string> make_jwt(const Json& claims, const Secret& private_key_pem,
                             std::string_view key_id = "");

// The claims of a token whose signature one of the keys made (ES256 or RS256, PEM). Times and
// audiences are not looked at. kUnauthenticated: garbage, or signed by another key.
Result<Json> verified_claims(std::string_view token, const std::vector<std::string>& public_keys);

// The claims of anything that has the shape of a token, for finding out whose keys to verify it
// with. kUnauthenticated: it has not.
Result<Json> unverified_claims(std::string_view token);

std::int64_t unix_seconds(WallTime time);

// Base64url as JWT has it: without padding.
std::string jwt_base64url(std::string_view bytes);

}  // namespace keyferry::dev
