#include "stores/vault/vault_config.h"

#include <algorithm>

#include "base/strings.h"
#include "net/url.h"
#include "stores/parameter_reader.h"

namespace keyferry::stores::vault {

namespace {

const std::vector<std::string_view> kParameters = {"roleName",
                                                   "vaultAddress",
                                                   "vaultNamespace",
                                                   "audience",
                                                   "vaultAuthMountPath",
                                                   "vaultKubernetesMountPath",
                                                   "vaultCACertPath",
                                                   "vaultCADirectory",
                                                   "vaultTLSServerName",
                                                   "vaultSkipTLSVerify",
                                                   "vaultTLSClientKeyPath",
                                                   "vaultTLSClientCertPath",
                                                   "objects"};

// Read by nobody any more, and harmless.
const std::vector<std::string_view> kRetired = {"kubernetesServiceAccountPath", "vaultCAPem"};

void read_address(const ParameterReader& parameters, VaultConfig& config) {
  std::string address = parameters.text("vaultAddress");
  if (address.empty()) {
    parameters.warning("vaultAddress", cat("is missing; ", config.address, " is asked"),
                       "name the server, e.g. https://vault.vault.svc:8200");
    return;
  }
  while (address.ends_with('/')) address.pop_back();
  const auto url = parse_url(address);
  if (!url.ok()) {
    const bool may_hold_password = address.find('@') != std::string::npos;
    parameters.error(
        "vaultAddress",
        cat(may_hold_password ? "" : cat("'", address, "' "), "is ", url.error().message()),
        address.find_first_of("{}<>") == std::string::npos
            ? ""
            : "replace the placeholder, braces included");
    return;
  }
  if (!url->query.empty()) {
    parameters.error("vaultAddress", "holds a query (?)", "name only scheme, host, port and path");
  }
  config.address = std::move(address);
}

void read_namespace(const ParameterReader& parameters, VaultConfig& config) {
  config.namespace_name = parameters.text("vaultNamespace");
  const std::string& name = config.namespace_name;
  if (std::any_of(name.begin(), name.end(), is_control)) {
    parameters.error("vaultNamespace", "holds a line end or another control character",
                     "write the namespace's path in one line");
  }
}

// "kubernetes", "jwt/prod": no blanks, nothing outside ASCII, no part that moves.
bool is_mount_path(std::string_view path) {
  const auto is_good = [](char c) {
    return c > ' ' && c < 0x7F && std::string_view("?#%\\").find(c) == std::string_view::npos;
  };
  const auto parts = split(path, '/');
  return std::all_of(path.begin(), path.end(), is_good) &&
         std::none_of(parts.begin(), parts.end(), [](std::string_view part) {
           return part.empty() || part == "." || part == "..";
         });
}

bool is_host_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

void read_login(const ParameterReader& parameters, VaultConfig& config) {
  config.role = parameters.text("roleName");
  if (config.role.empty()) {
    parameters.error("roleName", "is missing",
                     "name the Vault role that is bound to the service account");
  }
  const std::string auth = parameters.text("vaultAuthMountPath");
  const std::string kubernetes = parameters.text("vaultKubernetesMountPath");
  if (!auth.empty() && !kubernetes.empty()) {
    parameters.error("vaultAuthMountPath", "and vaultKubernetesMountPath are both set",
                     "keep vaultAuthMountPath");
  }
  const std::string_view named_by =
      auth.empty() ? "vaultKubernetesMountPath" : "vaultAuthMountPath";
  std::string mount = auth.empty() ? kubernetes : auth;
  while (mount.ends_with('/')) mount.pop_back();
  if (!mount.empty() && !is_mount_path(mount)) {
    parameters.error(named_by, cat("'", mount, "' is not the path of a login method"),
                     "write it as `vault auth list` shows it, e.g. kubernetes");
  } else if (!mount.empty()) {
    config.auth_mount = std::move(mount);
  }
  if (std::string audience = parameters.text("audience"); !audience.empty()) {
    config.audience = std::move(audience);
  }
}

void read_tls(const ParameterReader& parameters, TlsOptions& tls) {
  tls.ca_file = parameters.text("vaultCACertPath");
  tls.ca_directory = parameters.text("vaultCADirectory");
  tls.server_name = parameters.text("vaultTLSServerName");
  if (!is_host_name(tls.server_name)) {
    parameters.error("vaultTLSServerName", cat("'", tls.server_name, "' is not a host name"),
                     "write the name that stands in the server's certificate");
  }
  tls.client_certificate_file = parameters.text("vaultTLSClientCertPath");
  tls.client_key_file = parameters.text("vaultTLSClientKeyPath");
  if (tls.client_certificate_file.empty() != tls.client_key_file.empty()) {
    const bool no_key = tls.client_key_file.empty();
    parameters.error(no_key ? "vaultTLSClientKeyPath" : "vaultTLSClientCertPath",
                     "is missing while the other half of the client certificate is there",
                     "give both, or none");
  }
  if (!parameters.flag("vaultSkipTLSVerify")) return;
  tls.verify = TlsVerify::kNone;
  parameters.warning("vaultSkipTLSVerify",
                     "is on: anybody on the way can read and change the secrets",
                     "give the authority with vaultCACertPath instead");
}

}  // namespace

std::string ObjectSpec::policy_path() const {
  return path.substr(4, path.find('?') == std::string::npos ? path.npos : path.find('?') - 4);
}

ParsedConfig parse_config(const manifest::SecretProviderClass& spc) {
  ParsedConfig parsed;
  const ParameterReader parameters(spc, "vault", parsed.problems);
  parameters.check_names(kParameters, kRetired);
  read_address(parameters, parsed.config);
  read_namespace(parameters, parsed.config);
  read_login(parameters, parsed.config);
  read_tls(parameters, parsed.config.tls);
  parsed.config.objects = parse_objects(spc, parsed.problems);
  return parsed;
}

}  // namespace keyferry::stores::vault
