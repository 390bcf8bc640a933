#pragma once

#include <chrono>
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
};
Result<Login> read_login(const Response& response);

// A secret as the API gives it: {"request_id", "lease_id", "data", …}.
Result<Json> read_secret(const Response& response, const ObjectSpec& object);

// A credential that ends.
struct Lease {
  std::string id;
  std::chrono::seconds duration{0};
  bool renewable = false;
};
// The lease a secret came with; empty id: none.
Lease lease_of(const Json& secret);

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
