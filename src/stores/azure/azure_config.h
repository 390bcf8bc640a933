#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.h"
#include "identity/entra_identity.h"
#include "manifest/secret_provider_class.h"
#include "stores/object_extras.h"

namespace keyferry::stores::azure {

enum class ObjectType { kSecret, kKey, kCertificate };  // "secret", "key", "cert"
enum class Format { kPem, kPfx };                       // of a certificate's secret
enum class Encoding { kUtf8, kBase64, kHex };           // of a secret's value

// One of the objects of spec.parameters.objects (csi.md 8.2).
struct ObjectSpec {
  ObjectType type = ObjectType::kSecret;
  std::string name;
  std::string version;  // "" for the newest
  int history = 1;      // how many versions, the newest first; a file for each where over 1
  std::string file;     // objectAlias or objectName
  Format format = Format::kPem;
  Encoding encoding = Encoding::kUtf8;
  std::optional<std::uint32_t> mode;
  ObjectExtras extras;  // optional, expandKeys
  int line = 0;

  bool has_history() const { return history > 1; }
};

// "secret", "key", "cert".
std::string_view word_of(ObjectType type);

// spec.parameters of a SecretProviderClass for provider azure (csi.md 8.2).
struct AzureConfig {
  std::string vault;  // keyvaultName
  std::string tenant;
  std::string cloud;       // cloudName, "" for the public one
  std::string cloud_file;  // cloudEnvFileName, of AzureStackCloud
  EntraLogin login = EntraLogin::kSecret;
  std::string client_id;  // clientID or userAssignedIdentityID, by login
  // Our own. What the stock provider takes as flags of the process:
  bool order_chains = true;     // constructPemChain
  bool separate_files = false;  // writeCertAndKeyInSeparateFiles
  std::string token_proxy;      // tokenProxyUrl
  std::string sni_name;         // sniName
  // What it does not have:
  bool exact_history = false;  // exactVersionHistory: N files, not N + 1 (csi.md 12, Q23)
  std::string endpoint_url;    // endpointUrl: where the vault is asked, instead of at its name
  std::string ca_file;         // caCertPath
  std::vector<ObjectSpec> objects;
};

struct ParsedConfig {
  AzureConfig config;
  Problems problems;  // errors: the config must not be used
};

// How many files an object gives at most (but for separate ones and those of expandKeys), and the
// path of each.
int file_count(const ObjectSpec& object, const AzureConfig& config);
std::string path_of(const ObjectSpec& object, int index);

// Pure. Every problem has the line of its parameter, inside `objects` that of the object's field.
ParsedConfig parse_config(const manifest::SecretProviderClass& spc);

// The entries of `objects`; used by parse_config.
std::vector<ObjectSpec> parse_objects(const manifest::SecretProviderClass& spc,
                                      const AzureConfig& config, Problems& problems);

}  // namespace keyferry::stores::azure
