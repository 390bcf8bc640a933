#pragma once

#include "identity/aws_endpoints.h"
#include "identity/entra_token_source.h"
#include "stores/azure/azure_challenge.h"
#include "stores/azure/azure_cloud.h"
#include "stores/azure/azure_vault.h"
#include "stores/class_cache.h"
#include "stores/store.h"

namespace keyferry::stores::azure {

// Azure Key Vault, as a SecretProviderClass of provider azure asks for it (csi.md 8). Objects that
// are held cost one request each at most: none where their version is named, none but the list of
// versions for a history.
class AzureStore final : public Store {
 public:
  explicit AzureStore(const StoreParts& parts);

  Result<FetchResult> fetch(const FetchRequest& request) override;

 private:
  struct Visit;  // one fetch

  Result<Cloud> cloud_of_class(const AzureConfig& config) const;
  Result<EntraIdentity> identity_of(const FetchRequest& request, const AzureConfig& config,
                                    const Cloud& cloud) const;
  Status use_token_proxy(const AzureConfig& config, EntraIdentity& identity) const;
  std::string or_variable(const std::string& text, std::string_view variable,
                          std::string_view otherwise) const;

  Clock& clock_;
  const Environment environment_;
  EntraTokenSource tokens_;
  Challenges challenges_;
  VaultParts parts_;
  ClassCache<ParsedConfig> classes_;
};

// Its line of stores.def.
StoreKind kind();

}  // namespace keyferry::stores::azure
