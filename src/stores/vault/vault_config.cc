#include "stores/vault/vault_config.h"

#include <algorithm>

#include "base/strings.h"
#include "net/url.h"
#include "stores/parameter_reader.h"
#include "stores/vault/vault_names.h"

namespace keyferry::stores::vault {

namespace {

void read_address(const ParameterReader& parameters, VaultConfig& config) {
  const std::string& name = config.names.address;
  std::string address = parameters.text(name);
  if (address.empty()) {
    parameters.warning(name, cat("is missing; ", config.address, " is asked"),
                       "name the server, e.g. https://vault.vault.svc:8200");
    return;
  }
  while (address.ends_with('/')) address.pop_back();
  const auto url = parse_url(address);
  if (!url.ok()) {
    const bool may_hold_password = address.find('@') != std::string::npos;
    parameters.error(
        name, cat(may_hold_password ? "" : cat("'", address, "' "), "is ", url.error().message()),
        address.find_first_of("{}<>") == std::string::npos
            ? ""
            : "replace the placeholder, braces included");
    return;
  }
  if (!url->query.empty()) {
    parameters.error(name, "holds a query (?)", "name only scheme, host, port and path");
  }
  config.address = std::move(address);
}

void read_namespace(const ParameterReader& parameters, VaultConfig& config) {
  config.namespace_name = parameters.text(config.names.namespace_name);
  const std::string& name = config.namespace_name;
  if (std::any_of(name.begin(), name.end(), is_control)) {
    parameters.error(config.names.namespace_name, "holds a line end or another control character",
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

void read_login(const ParameterReader& parameters, const Names& names, VaultConfig& config) {
  config.role = parameters.text(names.role());
  if (config.role.empty()) {
    parameters.error(names.role(), "is missing",
                     "name the role of the server that is bound to the service account");
  }
  const std::string& auth_name = config.names.auth_mount;
  const std::string kubernetes_name = names.of("KubernetesMountPath");
  const std::string auth = parameters.text(auth_name);
  const std::string kubernetes = parameters.text(kubernetes_name);
  if (!auth.empty() && !kubernetes.empty()) {
    parameters.error(auth_name, cat("and ", kubernetes_name, " are both set"),
                     cat("keep ", auth_name));
  }
  const std::string& named_by = auth.empty() ? kubernetes_name : auth_name;
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

void read_tls(const ParameterReader& parameters, const Names& names, TlsOptions& tls) {
  tls.ca_file = parameters.text(names.of("CACertPath"));
  tls.ca_directory = parameters.text(names.of("CADirectory"));
  tls.server_name = parameters.text(names.of("TLSServerName"));
  if (!is_host_name(tls.server_name)) {
    parameters.error(names.of("TLSServerName"), cat("'", tls.server_name, "' is not a host name"),
                     "write the name that stands in the server's certificate");
  }
  const std::string certificate_name = names.of("TLSClientCertPath");
  const std::string key_name = names.of("TLSClientKeyPath");
  tls.client_certificate_file = parameters.text(certificate_name);
  tls.client_key_file = parameters.text(key_name);
  if (tls.client_certificate_file.empty() != tls.client_key_file.empty()) {
    const bool no_key = tls.client_key_file.empty();
    parameters.error(no_key ? key_name : certificate_name,
                     "is missing while the other half of the client certificate is there",
                     "give both, or none");
  }
  if (!parameters.flag(names.of("SkipTLSVerify"))) return;
  tls.verify = TlsVerify::kNone;
  parameters.warning(names.of("SkipTLSVerify"),
                     "is on: anybody on the way can read and change the secrets",
                     cat("give the authority with ", names.of("CACertPath"), " instead"));
}

std::string tls_names(const Names& names) {
  return cat(names.of("CACertPath"), ", ", names.of("CADirectory"), ", ", names.of("TLSServerName"),
             ", ", names.of("TLSClientCertPath"), " and ", names.of("TLSClientKeyPath"));
}

}  // namespace

std::string ObjectSpec::policy_path() const {
  return path.substr(4, path.find('?') == std::string::npos ? path.npos : path.find('?') - 4);
}

ParsedConfig parse_config(const manifest::SecretProviderClass& spc) {
  ParsedConfig parsed;
  const Names names(spc);
  const ParameterReader parameters(spc, spc.provider == "openbao" ? "openbao" : "vault",
                                   parsed.problems);
  const std::vector<std::string> known = names.all();
  parameters.check_names({known.begin(), known.end()}, Names::retired());
  names.check_doubles(parameters);
  parsed.config.names = {names.of("Address"), names.of("Namespace"), names.of("AuthMountPath"),
                         tls_names(names)};
  if (spc.provider == "openbao") parsed.config.audience = "openbao";
  read_address(parameters, parsed.config);
  read_namespace(parameters, parsed.config);
  read_login(parameters, names, parsed.config);
  read_tls(parameters, names, parsed.config.tls);
  parsed.config.objects = parse_objects(spc, parsed.problems);
  return parsed;
}

}  // namespace keyferry::stores::vault
