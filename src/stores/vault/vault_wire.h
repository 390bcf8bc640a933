#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "formats/json.h"
#include "net/http.h"
#include "stores/store.h"
#include "stores/vault/vault_config.h"

// Requests and answers of the Vault HTTP API (v1), as text. Pure.
namespace keyferry::stores::vault {

// POST auth/MOUNT/login, the same for the kubernetes and the jwt method.
Request login_request(const VaultConfig& config, const Secret& jwt);
Request read_request(const VaultConfig& config, const Secret& token, const ObjectSpec& object);
// Which engine is mounted where a path begins; any token that may read there may ask.
Request mount_request(const VaultConfig& config, const Secret& token, const ObjectSpec& object);

// What makes two objects one request: method, path with query, body.
std::string request_key(const ObjectSpec& object);

struct Login {
  Secret token;
  std::chrono::seconds lifetime{0};  // 0: does not end
  bool can_be_renewed = false;
};
// Of a login, and of a token's renewal.
Result<Login> read_login(const Response& response);

// About the token itself: auth/token/…-self, which the server's policy `default` allows everybody.
Request renew_self_request(const VaultConfig& config, const Secret& token);
Request lookup_self_request(const VaultConfig& config, const Secret& token);
Request revoke_self_request(const VaultConfig& config, const Secret& token);
// About a lease: sys/leases/…; `default` allows to look up and to renew.
Request lookup_lease_request(const VaultConfig& config, const Secret& token,
                             const std::string& lease);
Request renew_lease_request(const VaultConfig& config, const Secret& token,
                            const std::string& lease);
Request revoke_lease_request(const VaultConfig& config, const Secret& token,
                             const std::string& lease);

// Rules of a policy that allow them, for who does without `default`.
inline constexpr std::string_view kLookUpLeaseRule =
    R"(path "sys/leases/lookup" { capabilities = ["update"] })";
inline constexpr std::string_view kRenewLeaseRule =
    R"(path "sys/leases/renew" { capabilities = ["update"] })";
inline constexpr std::string_view kRenewSelfRule =
    R"(path "auth/token/renew-self" { capabilities = ["update"] })";
inline constexpr std::string_view kLookupSelfRule =
    R"(path "auth/token/lookup-self" { capabilities = ["read"] })";
inline constexpr std::string_view kRevokeSelfRule =
    R"(path "auth/token/revoke-self" { capabilities = ["update"] })";

// A secret as the API gives it: {"request_id", "lease_id", "data", …}.
Result<Json> read_secret(const Response& response, const ObjectSpec& object);

// What the server made for an answer, and how long it lives.
struct Lease {
  std::string id;                    // "" where it cannot be asked about: a certificate, a token
  std::chrono::seconds duration{0};  // 0: does not end
  bool can_be_renewed = false;
};
// Of a renewal too.
Result<Lease> read_lease(const Response& response);
// Nothing where the answer can be asked for again and be the same. Something was made where the
// answer has a lease, a token or a wrapped answer, or where a certificate was asked for; what was
// wrapped is given once and does not end.
std::optional<Lease> made_for(const ObjectSpec& object, const Json& secret, WallTime now);

// How long until the database engine changes the password of a static role by itself; nothing for
// any other answer.
std::optional<std::chrono::seconds> rotates_in(const Json& secret);

// The bytes of one object's file.
Result<Secret> contents_of(const ObjectSpec& object, const Json& secret);
// The same with what differs at each read of the same secret left out, for versions.
Secret stable_contents_of(const ObjectSpec& object, const Json& secret, const Secret& contents);
// What expandKeys makes files of: the fields of the secret, or the JSON in the field secretKey
// names.
Result<Json> value_to_expand(const ObjectSpec& object, const Json& secret);

// The words of {"errors": […]} and {"warnings": […]}, joined; "" when there are none.
std::string complaints_of(const Response& response);

}  // namespace keyferry::stores::vault
