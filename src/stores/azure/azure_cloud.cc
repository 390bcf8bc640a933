#include "stores/azure/azure_cloud.h"

#include <algorithm>

#include "base/strings.h"
#include "formats/json.h"
#include "net/url.h"

namespace keyferry::stores::azure {

namespace {

struct KnownCloud {
  std::string_view name;
  std::string_view login;  // host of its authority
  std::string_view vault;  // DNS suffix of its vaults, and host of the resource
};

// The second names are those of the Azure CLI; the stock provider takes them too.
constexpr KnownCloud kClouds[] = {
    {"AzurePublicCloud", "login.microsoftonline.com", "vault.azure.net"},
    {"AzureCloud", "login.microsoftonline.com", "vault.azure.net"},
    {"AzureUSGovernmentCloud", "login.microsoftonline.us", "vault.usgovcloudapi.net"},
    {"AzureUSGovernment", "login.microsoftonline.us", "vault.usgovcloudapi.net"},
    {"AzureChinaCloud", "login.chinacloudapi.cn", "vault.azure.cn"},
    {"AzureGermanCloud", "login.microsoftonline.de", "vault.microsoftazure.de"},
};

std::string without_slash(std::string_view address) {
  while (address.ends_with('/')) address.remove_suffix(1);
  return std::string(address);
}

// "vault.local:8443": a host, its port where it has one.
bool is_dns_suffix(std::string_view suffix) {
  const auto url = parse_url(cat("https://vault.", suffix));
  return !suffix.empty() && url.ok() && url->path.empty() && url->query.empty();
}

std::string resource_in(const Json& body, const Cloud& cloud) {
  std::string_view resource = body.text_of("keyVaultEndpoint");
  const Json* identifiers = body.find("resourceIdentifiers");
  if (resource.empty() && identifiers != nullptr) resource = identifiers->text_of("keyVault");
  return resource.empty() ? cat("https://", cloud.dns_suffix) : without_slash(resource);
}

}  // namespace

const std::vector<std::string_view>& cloud_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const KnownCloud& cloud : kClouds) all.push_back(cloud.name);
    all.push_back(kStackCloud);
    return all;
  }();
  return names;
}

std::optional<Cloud> cloud_of(std::string_view name) {
  const std::string wanted = to_lower(name.empty() ? kClouds[0].name : name);
  for (const KnownCloud& cloud : kClouds) {
    if (to_lower(cloud.name) != wanted) continue;
    return Cloud{cat("https://", cloud.login), cat("https://", cloud.vault),
                 std::string(cloud.vault)};
  }
  return std::nullopt;
}

bool is_stack_cloud(std::string_view name) { return to_lower(name) == to_lower(kStackCloud); }

Result<Cloud> parse_cloud(std::string_view json) {
  const auto body = parse_json(json);
  if (!body.ok() || body->as_object() == nullptr) {
    return Error(ErrorCode::kFailedPrecondition,
                 cat("is not a JSON object", body.ok() ? "" : cat(": ", body.error().message()),
                     "; write {\"activeDirectoryEndpoint\": …, \"keyVaultDNSSuffix\": …}"));
  }
  Cloud cloud;
  cloud.authority = without_slash(body->text_of("activeDirectoryEndpoint"));
  cloud.dns_suffix = body->text_of("keyVaultDNSSuffix");
  while (cloud.dns_suffix.starts_with('.')) cloud.dns_suffix.erase(0, 1);
  cloud.resource = resource_in(*body, cloud);
  std::vector<std::string> faults;
  if (!is_safe_address(cloud.authority)) {
    faults.push_back("activeDirectoryEndpoint must be an https address, as of Entra or AD FS");
  }
  if (!is_dns_suffix(cloud.dns_suffix)) {
    faults.push_back("keyVaultDNSSuffix must be what vaults' names end in, e.g. vault.local");
  } else if (!parse_url(cloud.resource).ok()) {
    faults.push_back("keyVaultEndpoint must be an https address");
  }
  if (faults.empty()) return cloud;
  return Error(ErrorCode::kFailedPrecondition, join(faults, "; "));
}

bool is_safe_address(std::string_view text) {
  const auto url = parse_url(text);
  if (!url.ok()) return false;
  return url->scheme == "https" || url->host == "localhost" || url->host == "::1" ||
         url->host.ends_with(".localhost") || url->host.starts_with("127.");
}

}  // namespace keyferry::stores::azure
