#include "stores/vault/vault_names.h"

#include "base/strings.h"

namespace keyferry::stores::vault {

namespace {

// Parameters that have the server's name in front: "vaultAddress".
const std::vector<std::string_view> kPrefixed = {
    "Address",     "Namespace",     "AuthMountPath", "KubernetesMountPath", "CACertPath",
    "CADirectory", "TLSServerName", "SkipTLSVerify", "TLSClientKeyPath",    "TLSClientCertPath"};
const std::vector<std::string_view> kPlain = {"roleName", "audience", "objects"};
constexpr std::string_view kRoleName = "RoleName";  // with or without the server's name

}  // namespace

Names::Names(const manifest::SecretProviderClass& spc)
    : spc_(spc), is_openbao_(spc.provider == "openbao") {
  if (is_openbao_) {
    prefixes_ = {"bao", "openbao", "vault"};
  } else {
    prefixes_ = {"vault"};
  }
}

std::string Names::of(std::string_view name) const {
  for (const std::string_view prefix : prefixes_) {
    std::string whole = cat(prefix, name);
    if (spc_.parameters.contains(whole)) return whole;
  }
  return cat(prefixes_.front(), name);
}

std::string Names::role() const {
  std::string prefixed = of(kRoleName);
  return is_openbao_ && spc_.parameters.contains(prefixed) ? prefixed : "roleName";
}

std::vector<std::string> Names::all() const {
  std::vector<std::string> names(kPlain.begin(), kPlain.end());
  for (const std::string_view prefix : prefixes_) {
    if (is_openbao_) names.push_back(cat(prefix, kRoleName));
    for (const std::string_view name : kPrefixed) names.push_back(cat(prefix, name));
  }
  return names;
}

const std::vector<std::string_view>& Names::retired() {
  static const std::vector<std::string_view> names = {"kubernetesServiceAccountPath", "vaultCAPem"};
  return names;
}

void Names::check_doubles(const ParameterReader& parameters) const {
  const auto check = [&](const std::string& used, const std::string& other) {
    if (other == used || !spc_.parameters.contains(other)) return;
    parameters.warning(other, cat("is not used: ", used, " comes first"), "remove one of them");
  };
  for (const std::string_view prefix : prefixes_) {
    for (const std::string_view name : kPrefixed) check(of(name), cat(prefix, name));
    if (is_openbao_) check(role(), cat(prefix, kRoleName));
  }
  if (is_openbao_) check(role(), "roleName");
}

}  // namespace keyferry::stores::vault
