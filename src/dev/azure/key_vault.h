#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "dev/azure/access_tokens.h"
#include "dev/azure/azure_reply.h"
#include "dev/azure/vault_grants.h"
#include "dev/azure/vault_shelf.h"
#include "net/certificate_parts.h"

namespace keyferry::dev {

// One authenticated request to one vault.
struct KeyVaultCall {
  std::string method;
  std::vector<std::string> path;  // "secrets", "database-password", "versions"
  std::map<std::string, std::string, std::less<>> query;
  Json body;         // null when none was sent
  std::string base;  // the vault's address as the client wrote it: ids begin with it
  AzureCaller caller;
  WallTime now;
};

// One vault: what it holds and who may do what with it. Not thread-safe.
class KeyVault {
 public:
  KeyVault(std::string name, std::string tenant)
      : name_(std::move(name)), tenant_(std::move(tenant)) {}

  const std::string& tenant() const { return tenant_; }

  // "secrets", "keys", "certificates", "access_policies", "role_assignments", "tenant" of a seed.
  Status seed(const Json& members, WallTime now);
  AzureReply handle(const KeyVaultCall& call);

 private:
  VaultShelf& shelf(VaultKind kind) { return shelves_.at(static_cast<std::size_t>(kind)); }

  AzureReply handle_present(VaultKind kind, const KeyVaultCall& call);
  AzureReply handle_object(VaultKind kind, const KeyVaultCall& call, const std::string& name);
  AzureReply handle_word(VaultKind kind, const KeyVaultCall& call, const std::string& name,
                         const std::string& word);
  AzureReply handle_deleted(VaultKind kind, const KeyVaultCall& call);

  AzureReply list(VaultKind kind, const KeyVaultCall& call);
  AzureReply list_versions(VaultKind kind, const KeyVaultCall& call, const std::string& name);
  AzureReply list_deleted(VaultKind kind, const KeyVaultCall& call);
  AzureReply get(VaultKind kind, const KeyVaultCall& call, const std::string& name,
                 const std::string& version);
  AzureReply update(VaultKind kind, const KeyVaultCall& call, const std::string& name,
                    const std::string& version);
  AzureReply remove(VaultKind kind, const KeyVaultCall& call, const std::string& name);
  AzureReply recover(VaultKind kind, const KeyVaultCall& call, const std::string& name);

  // key_vault_write.cc and key_vault_certificate.cc: what makes a new version.
  AzureReply write(VaultKind kind, const KeyVaultCall& call, const std::string& name,
                   const std::string& how);
  AzureReply set_secret(const KeyVaultCall& call, const std::string& name);
  AzureReply create_key(const KeyVaultCall& call, const std::string& name);
  AzureReply import_key(const KeyVaultCall& call, const std::string& name);
  AzureReply create_certificate(const KeyVaultCall& call, const std::string& name);
  AzureReply import_certificate(const KeyVaultCall& call, const std::string& name);
  AzureReply pending(const KeyVaultCall& call, const std::string& name);
  AzureReply add_certificate(const KeyVaultCall& call, const std::string& name,
                             std::string_view type, const CertificateParts& parts,
                             const std::string& value);
  AzureReply add(VaultKind kind, const KeyVaultCall& call, const std::string& name, Json body);
  Status seed_object(VaultKind kind, const std::string& name, const Json& value, WallTime now);

  std::string name_, tenant_;
  VaultGrants grants_;
  std::array<VaultShelf, 3> shelves_;  // by VaultKind
};

// What names of objects are made of: letters, digits and '-', at most 127.
bool is_object_name(std::string_view name);

// The key that "kty", "crv" and "key_size" (0: none given) of a request stand for.
std::optional<KeyKind> key_kind_of(std::string_view kty, std::string_view curve, std::int64_t bits);

}  // namespace keyferry::dev
