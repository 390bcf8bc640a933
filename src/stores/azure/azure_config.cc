#include "stores/azure/azure_config.h"

#include <algorithm>

#include "base/strings.h"
#include "net/url.h"
#include "stores/azure/azure_cloud.h"
#include "stores/parameter_reader.h"

namespace keyferry::stores::azure {

namespace {

const std::vector<std::string_view> kParameters = {"keyvaultName",
                                                   "tenantID",
                                                   "tenantId",
                                                   "cloudName",
                                                   "cloudEnvFileName",
                                                   "usePodIdentity",
                                                   "useVMManagedIdentity",
                                                   "useAzureTokenProxy",
                                                   "clientID",
                                                   "userAssignedIdentityID",
                                                   "objects",
                                                   "constructPemChain",
                                                   "tokenProxyUrl",
                                                   "writeCertAndKeyInSeparateFiles",
                                                   "sniName",
                                                   "exactVersionHistory",
                                                   "endpointUrl",
                                                   "caCertPath"};
const std::vector<std::string_view> kRetired = {"resourceGroup", "subscriptionId", "vaultUri"};
constexpr std::size_t kLongestTenant = 255;

bool is_word(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

bool is_guid(std::string_view text) {
  const auto parts = split(text, '-');
  constexpr std::size_t kSizes[] = {8, 4, 4, 4, 12};
  if (parts.size() != std::size(kSizes)) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool hex = parts[i].find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    if (parts[i].size() != kSizes[i] || !hex) return false;
  }
  return true;
}

void read_vault(const ParameterReader& parameters, AzureConfig& config) {
  config.vault = parameters.text("keyvaultName");
  if (config.vault.empty()) {
    parameters.error("keyvaultName", "is missing", "name the vault, as in https://NAME.vault…");
  } else if (config.vault.size() < 3 || config.vault.size() > 24 || !is_word(config.vault, "-")) {
    parameters.error("keyvaultName", cat("'", config.vault, "' is not a vault's name"),
                     "write 3 to 24 letters, digits and '-', without the domain");
  }
}

void read_tenant(const ParameterReader& parameters, AzureConfig& config) {
  const std::string old = parameters.text("tenantId");
  config.tenant = parameters.text("tenantID");
  if (!old.empty() && !config.tenant.empty() && old != config.tenant) {
    parameters.warning(
        "tenantId", cat("differs from tenantID '", config.tenant, "', which is used"), "remove it");
  } else if (!old.empty()) {
    parameters.warning("tenantId", "is the old name of tenantID", "write tenantID");
  }
  if (config.tenant.empty()) config.tenant = old;
  if (config.tenant.empty()) {
    parameters.error("tenantID", "is missing", "write the directory (tenant) ID of the vault");
  } else if (config.tenant.size() > kLongestTenant || !is_word(config.tenant, "-.")) {
    parameters.error("tenantID", cat("'", config.tenant, "' is not a tenant"),
                     "write its ID, or its domain such as contoso.onmicrosoft.com");
  } else if (!is_guid(config.tenant) && config.tenant.find('.') == std::string::npos) {
    parameters.warning("tenantID", cat("'", config.tenant, "' is neither a GUID nor a domain"),
                       "write the directory (tenant) ID of the vault");
  }
}

void read_cloud(const ParameterReader& parameters, AzureConfig& config) {
  config.cloud = parameters.text("cloudName");
  config.cloud_file = parameters.text("cloudEnvFileName");
  if (is_stack_cloud(config.cloud)) return;
  if (!cloud_of(config.cloud)) {
    const std::string_view near = nearest_name(config.cloud, cloud_names());
    parameters.error("cloudName", cat("'", config.cloud, "' is not a cloud"),
                     near.empty() ? std::string("write AzurePublicCloud, AzureUSGovernmentCloud, "
                                                "AzureChinaCloud or AzureStackCloud")
                                  : cat("did you mean '", near, "'?"));
  } else if (!config.cloud_file.empty()) {
    parameters.warning("cloudEnvFileName", "is read with cloudName AzureStackCloud only",
                       "write that cloudName, or remove the file");
  }
}

// The modes the stock provider knows, and which of them are on.
struct Mode {
  std::string_view name;
  EntraLogin login;
};
constexpr Mode kModes[] = {{"usePodIdentity", EntraLogin::kNodeManagedPod},
                           {"useVMManagedIdentity", EntraLogin::kMachine},
                           {"useAzureTokenProxy", EntraLogin::kTokenProxy}};

void read_mode(const ParameterReader& parameters, AzureConfig& config) {
  std::vector<std::string> on;
  config.login = parameters.text("clientID").empty() ? EntraLogin::kSecret : EntraLogin::kFederated;
  for (const Mode& mode : kModes) {
    if (!parameters.flag(mode.name)) continue;
    on.emplace_back(mode.name);
    config.login = mode.login;
  }
  if (on.size() > 1) {
    parameters.error(on.back(), cat("only one of ", join(on, " and "), " can be true"),
                     "leave the one that is meant");
  }
}

void check_client_id(const ParameterReader& parameters, std::string_view name,
                     const std::string& id) {
  if (id.empty() || is_guid(id)) return;
  parameters.warning(name, cat("'", id, "' is not a GUID"),
                     "write the client (application) ID of the identity");
}

void read_identity(const ParameterReader& parameters, AzureConfig& config) {
  read_mode(parameters, config);
  const std::string client = parameters.text("clientID");
  const std::string user_assigned = parameters.text("userAssignedIdentityID");
  const bool machine = config.login == EntraLogin::kMachine;
  const bool federated =
      config.login == EntraLogin::kFederated || config.login == EntraLogin::kTokenProxy;
  config.client_id = machine ? user_assigned : federated ? client : "";
  if (config.login == EntraLogin::kTokenProxy && client.empty()) {
    parameters.error("clientID", "is missing, and useAzureTokenProxy needs it",
                     "write the client ID of the managed identity that is bound");
  }
  if (!federated && !client.empty()) {
    parameters.warning(
        "clientID", "is not read in this mode",
        machine ? "userAssignedIdentityID names the machine's identity" : "remove it");
  }
  if (!machine && !user_assigned.empty()) {
    parameters.warning("userAssignedIdentityID", "is read with useVMManagedIdentity only",
                       "set that to true, or name a workload identity in clientID");
  }
  if (config.login == EntraLogin::kNodeManagedPod) {
    parameters.warning("usePodIdentity", "AAD pod identity is retired",
                       "use a workload identity: clientID and a federated credential");
  }
  check_client_id(parameters, "clientID", federated ? client : "");
  check_client_id(parameters, "userAssignedIdentityID", machine ? user_assigned : "");
}

std::string address_of(const ParameterReader& parameters, std::string_view name) {
  std::string address = parameters.text(name);
  while (address.ends_with('/')) address.pop_back();
  if (address.empty() || is_safe_address(address)) return address;
  const auto url = parse_url(address);
  parameters.error(name,
                   url.ok() ? "is plain http, which anybody on the way can read"
                            : cat("is ", url.error().message()),
                   "write https://, host and port; http:// is for this machine only");
  return address;
}

void read_own(const ParameterReader& parameters, AzureConfig& config) {
  const std::string chain = parameters.text("constructPemChain");
  config.order_chains = chain.empty() || parameters.flag("constructPemChain");
  config.separate_files = parameters.flag("writeCertAndKeyInSeparateFiles");
  config.exact_history = parameters.flag("exactVersionHistory");
  config.endpoint_url = address_of(parameters, "endpointUrl");
  config.token_proxy = address_of(parameters, "tokenProxyUrl");
  config.sni_name = parameters.text("sniName");
  config.ca_file = parameters.text("caCertPath");
  const bool proxied = config.login == EntraLogin::kTokenProxy;
  for (const std::string_view name : {"tokenProxyUrl", "sniName"}) {
    if (proxied || parameters.text(name).empty()) continue;
    parameters.warning(name, "is read with useAzureTokenProxy only", "remove it, or set that too");
  }
}

}  // namespace

std::string_view word_of(ObjectType type) {
  switch (type) {
    case ObjectType::kSecret:
      return "secret";
    case ObjectType::kKey:
      return "key";
    case ObjectType::kCertificate:
      return "cert";
  }
  return "";
}

// The stock provider gives one more version than objectVersionHistory says (csi.md 12, Q23), and
// classes were written for that.
int file_count(const ObjectSpec& object, const AzureConfig& config) {
  if (!object.has_history()) return 1;
  return config.exact_history || object.history == INT32_MAX ? object.history : object.history + 1;
}

std::string path_of(const ObjectSpec& object, int index) {
  return object.has_history() ? cat(object.file, '/', index) : object.file;
}

ParsedConfig parse_config(const manifest::SecretProviderClass& spc) {
  ParsedConfig parsed;
  const ParameterReader parameters(spc, "azure", parsed.problems);
  parameters.check_names(kParameters, kRetired);
  AzureConfig& config = parsed.config;
  read_vault(parameters, config);
  read_tenant(parameters, config);
  read_cloud(parameters, config);
  read_identity(parameters, config);
  read_own(parameters, config);
  config.objects = parse_objects(spc, config, parsed.problems);
  return parsed;
}

}  // namespace keyferry::stores::azure
