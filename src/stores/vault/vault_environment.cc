#include "stores/vault/vault_environment.h"

#include "base/strings.h"
#include "stores/vault/vault_names.h"

namespace keyferry::stores::vault {

namespace {

struct Variable {
  std::string_view name;  // without the server's: "ADDR" of VAULT_ADDR
  std::string_view parameter;
};
constexpr Variable kVariables[] = {{"ADDR", "Address"},
                                   {"NAMESPACE", "Namespace"},
                                   {"CACERT", "CACertPath"},
                                   {"CAPATH", "CADirectory"},
                                   {"TLS_SERVER_NAME", "TLSServerName"},
                                   {"CLIENT_CERT", "TLSClientCertPath"},
                                   {"CLIENT_KEY", "TLSClientKeyPath"},
                                   {"SKIP_VERIFY", "SkipTLSVerify"}};

bool is_named(const manifest::SecretProviderClass& spc, const std::string& parameter) {
  const auto found = spc.parameters.find(parameter);
  return found != spc.parameters.end() && !trim(found->second.value).empty();
}

}  // namespace

std::optional<FilledClass> filled_by(const Environment& environment,
                                     const manifest::SecretProviderClass& spc) {
  if (!environment) return std::nullopt;
  const Names names(spc);
  const std::vector<std::string_view> servers =
      spc.provider == "openbao" ? std::vector<std::string_view>{"BAO_", "VAULT_"}
                                : std::vector<std::string_view>{"VAULT_"};
  std::optional<FilledClass> filled;
  for (const Variable& variable : kVariables) {
    const std::string parameter = names.of(variable.parameter);
    for (const std::string_view server : servers) {
      if (is_named(filled ? filled->spc : spc, parameter)) break;
      std::string name = cat(server, variable.name);
      std::string value = environment(name);
      if (value.empty()) continue;
      if (!filled) filled = FilledClass{spc, {}};
      filled->spc.parameters[parameter] = {std::move(value), spc.provider_line};
      filled->variables.push_back(std::move(name));
    }
  }
  return filled;
}

}  // namespace keyferry::stores::vault
