#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "base/result.h"
#include "base/secret.h"
#include "formats/json.h"
#include "manifest/secret_provider_class.h"
#include "net/http.h"
#include "stores/object_extras.h"

namespace keyferry::stores::vault {

enum class Encoding { kUtf8, kBase64, kHex };

// One entry of spec.parameters.objects.
struct ObjectSpec {
  std::string name;                   // objectName: the file, and the id in errors
  std::string path;                   // secretPath as asked: "/v1/secret/data/shop?version=2"
  std::string key;                    // secretKey; "" asks for the whole answer
  std::string method = "GET";         // method
  std::optional<Json> args;           // secretArgs: the request's body
  std::optional<std::uint32_t> mode;  // filePermission
  Encoding encoding = Encoding::kUtf8;
  ObjectExtras extras;  // optional, expandKeys
  int line = 0;

  // secretPath as people and policies write it: "secret/data/shop".
  std::string policy_path() const;
};

// How a class calls some of its parameters, for what is said about them: provider openbao takes
// baoX, openbaoX or vaultX, the first one that is there.
struct ParameterNames {
  std::string address = "vaultAddress";
  std::string namespace_name = "vaultNamespace";
  std::string auth_mount = "vaultAuthMountPath";
  std::string tls;  // all that TLS is set by, in words
};

// spec.parameters of a SecretProviderClass for provider vault (csi.md 6.2) or openbao (6.8).
struct VaultConfig {
  std::string address = "https://127.0.0.1:8200";  // without a slash at the end
  std::string namespace_name;
  std::string auth_mount = "kubernetes";
  std::string role;
  std::string audience = "vault";  // of the service-account token
  ParameterNames names;
  TlsOptions tls;
  std::vector<ObjectSpec> objects;
};

struct ParsedConfig {
  VaultConfig config;
  Problems problems;  // errors: the config must not be used
};

// Pure. Every problem has the line of its parameter, inside `objects` that of the entry's field.
ParsedConfig parse_config(const manifest::SecretProviderClass& spc);

// Whether "data/shop", "config" and the like are what a KV version 2 engine answers to.
bool is_kv2_endpoint(std::string_view below_mount);

// The entries of `objects` (YAML or JSON text); used by parse_config.
std::vector<ObjectSpec> parse_objects(const manifest::SecretProviderClass& spc, Problems& problems);

}  // namespace keyferry::stores::vault
