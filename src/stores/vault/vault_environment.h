#pragma once

#include <optional>
#include <string>
#include <vector>

#include "identity/aws_endpoints.h"
#include "manifest/secret_provider_class.h"

namespace keyferry::stores::vault {

// A class with what it does not name filled in by the environment of the program, as the providers'
// flags and the API's own client read it (csi.md 6.2, 6.4): VAULT_ADDR, VAULT_NAMESPACE,
// VAULT_CACERT, VAULT_CAPATH, VAULT_TLS_SERVER_NAME, VAULT_CLIENT_CERT, VAULT_CLIENT_KEY and
// VAULT_SKIP_VERIFY; for provider openbao first BAO_ADDR and so on (6.8).
struct FilledClass {
  manifest::SecretProviderClass spc;
  std::vector<std::string> variables;  // that were of use
};
// Nothing where it fills in nothing.
std::optional<FilledClass> filled_by(const Environment& environment,
                                     const manifest::SecretProviderClass& spc);

}  // namespace keyferry::stores::vault
