#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace keyferry::stores::azure {

// Where a cloud's services are. Addresses without a slash at the end.
struct Cloud {
  std::string authority;   // Entra: "https://login.microsoftonline.com"
  std::string resource;    // what tokens for vaults are for: "https://vault.azure.net"
  std::string dns_suffix;  // of vaults: "vault.azure.net"

  friend bool operator==(const Cloud&, const Cloud&) = default;
};

// The cloud whose addresses a file of its own tells.
inline constexpr std::string_view kStackCloud = "AzureStackCloud";

// The names cloudName may have, in any case.
const std::vector<std::string_view>& cloud_names();

// One of the known clouds ("" is the public one); nothing for kStackCloud and unknown names.
std::optional<Cloud> cloud_of(std::string_view name);
bool is_stack_cloud(std::string_view name);

// A custom cloud's description: JSON with activeDirectoryEndpoint, keyVaultDNSSuffix and
// keyVaultEndpoint or resourceIdentifiers.keyVault, as the SDKs read it from
// AZURE_ENVIRONMENT_FILEPATH. kFailedPrecondition names every field that is missing or wrong.
Result<Cloud> parse_cloud(std::string_view json);

// Whether what is sent there stays secret: https, or http to this machine itself.
bool is_safe_address(std::string_view url);

}  // namespace keyferry::stores::azure
