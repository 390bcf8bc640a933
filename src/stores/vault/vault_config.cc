#include "stores/vault/vault_config.h"

#include <algorithm>

#include "base/strings.h"
#include "net/url.h"

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

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The words of Go's strconv.ParseBool.
std::optional<bool> bool_of(std::string_view text) {
  for (const std::string_view word : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == word) return true;
  }
  for (const std::string_view word : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == word) return false;
  }
  return std::nullopt;
}

class ConfigReader {
 public:
  explicit ConfigReader(const manifest::SecretProviderClass& spc) : spc_(spc) {}

  ParsedConfig read() {
    check_names();
    read_address();
    read_login();
    read_tls();
    out_.config.objects = parse_objects(spc_, out_.problems);
    return std::move(out_);
  }

 private:
  void complain(Severity severity, std::string_view name, std::string message, std::string remedy) {
    const auto found = spc_.parameters.find(name);
    out_.problems.push_back(
        {severity, spc_.meta.file,
         found == spc_.parameters.end() ? spc_.provider_line : found->second.line,
         spc_.meta.display_name(), cat("spec.parameters.", name), std::move(message),
         std::move(remedy)});
  }
  void error(std::string_view name, std::string message, std::string remedy) {
    complain(Severity::kError, name, std::move(message), std::move(remedy));
  }

  // A name that nearly is one of ours was meant for us: what it carries would be lost in silence.
  void check_names() {
    for (const auto& [name, parameter] : spc_.parameters) {
      if (contains(kParameters, name)) continue;
      if (contains(kRetired, name)) {
        complain(Severity::kWarning, name, "is no longer read", "remove it");
        continue;
      }
      const std::string_view near = nearest_name(name, kParameters);
      complain(near.empty() ? Severity::kWarning : Severity::kError, name,
               "is not a parameter of the vault provider",
               near.empty() ? std::string("remove it") : cat("did you mean '", near, "'?"));
    }
  }

  std::string text(std::string_view name) const { return std::string(trim(spc_.parameter(name))); }

  void read_address() {
    std::string address = text("vaultAddress");
    out_.config.namespace_name = text("vaultNamespace");
    const std::string& name = out_.config.namespace_name;
    if (std::any_of(name.begin(), name.end(), is_control)) {
      error("vaultNamespace", "holds a line end or another control character",
            "write the namespace's path in one line");
    }
    if (address.empty()) {
      complain(Severity::kWarning, "vaultAddress",
               cat("is missing; ", out_.config.address, " is asked"),
               "name the server, e.g. https://vault.vault.svc:8200");
      return;
    }
    while (address.ends_with('/')) address.pop_back();
    const auto url = parse_url(address);
    if (!url.ok()) {
      const bool may_hold_password = address.find('@') != std::string::npos;
      error("vaultAddress",
            cat(may_hold_password ? "" : cat("'", address, "' "), "is ", url.error().message()),
            address.find_first_of("{}<>") == std::string::npos
                ? ""
                : "replace the placeholder, braces included");
      return;
    }
    if (!url->query.empty()) {
      error("vaultAddress", "holds a query (?)", "name only scheme, host, port and path");
    }
    out_.config.address = std::move(address);
  }

  void read_login() {
    out_.config.role = text("roleName");
    if (out_.config.role.empty()) {
      error("roleName", "is missing", "name the Vault role that is bound to the service account");
    }
    const std::string auth = text("vaultAuthMountPath");
    const std::string kubernetes = text("vaultKubernetesMountPath");
    if (!auth.empty() && !kubernetes.empty()) {
      error("vaultAuthMountPath", "and vaultKubernetesMountPath are both set",
            "keep vaultAuthMountPath");
    }
    std::string mount = auth.empty() ? kubernetes : auth;
    while (mount.ends_with('/')) mount.pop_back();
    if (!mount.empty()) out_.config.auth_mount = std::move(mount);
    if (std::string audience = text("audience"); !audience.empty()) {
      out_.config.audience = std::move(audience);
    }
  }

  void read_tls() {
    TlsOptions& tls = out_.config.tls;
    tls.ca_file = text("vaultCACertPath");
    tls.ca_directory = text("vaultCADirectory");
    tls.server_name = text("vaultTLSServerName");
    tls.client_certificate_file = text("vaultTLSClientCertPath");
    tls.client_key_file = text("vaultTLSClientKeyPath");
    if (tls.client_certificate_file.empty() != tls.client_key_file.empty()) {
      const bool no_key = tls.client_key_file.empty();
      error(no_key ? "vaultTLSClientKeyPath" : "vaultTLSClientCertPath",
            "is missing while the other half of the client certificate is there",
            "give both, or none");
    }
    const std::string skip = text("vaultSkipTLSVerify");
    if (skip.empty()) return;
    const auto skips = bool_of(skip);
    if (!skips) {
      error("vaultSkipTLSVerify", cat("'", skip, "' is not a boolean"), "write true or false");
    } else if (*skips) {
      tls.verify = TlsVerify::kNone;
      complain(Severity::kWarning, "vaultSkipTLSVerify",
               "is on: anybody on the way can read and change the secrets",
               "give the authority with vaultCACertPath instead");
    }
  }

  const manifest::SecretProviderClass& spc_;
  ParsedConfig out_;
};

}  // namespace

std::string ObjectSpec::policy_path() const {
  return path.substr(4, path.find('?') == std::string::npos ? path.npos : path.find('?') - 4);
}

ParsedConfig parse_config(const manifest::SecretProviderClass& spc) {
  return ConfigReader(spc).read();
}

}  // namespace keyferry::stores::vault
