#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "dev/azure/access_tokens.h"
#include "dev/azure/azure_reply.h"
#include "dev/azure/directory.h"
#include "dev/azure/key_vault.h"
#include "dev/face.h"

namespace keyferry::dev {

struct AzureOptions {
  std::string root_token;             // a bearer that may do everything in every vault
  std::string usual_issuer_key;       // PEM; signs tokens of issuers that no seed names
  std::string_view scheme = "https";  // by which clients reach this listener
};

// Key Vault, Entra's token endpoint and the instance metadata service behind one address. A vault
// is chosen by the first label of the host ("shop" of shop.vault.azure.net, shop.localhost); an
// address without one is the first vault's.
//
// A seed (every member may be left out):
//   tenants    {TENANT: {apps: {CLIENT_ID: {object_id, name, secrets, expired_secrets,
//              federated_credentials: [{issuer, subject, audiences}],
//              managed_identity, system_assigned, resource_id}}}}
//   issuers    {ISSUER: {pem_keys}}: whose tokens are verified by which keys
//   resources  [URI]: APIs that tokens may be for, besides Azure's own
//   vaults     {NAME: {tenant, access_policies: [{app, secrets, keys, certificates}] or
//              role_assignments: [{app, role, scope}],
//              secrets, keys, certificates: {NAME: body of the request that makes one, for a
//              secret its text too; an array of them is versions}}}
class AzureFace final : public Face {
 public:
  static Result<std::unique_ptr<AzureFace>> from_seed(Clock& clock, const Json& seed,
                                                      AzureOptions options);

  ServerResponse answer(const ServerRequest& request) override;
  ServerResponse refuse(int status, const std::string& message) const override;
  // POST /dev/seed: more of a seed.
  ServerResponse answer_dev(const ServerRequest& request) override;

 private:
  AzureFace(Clock& clock, AzureOptions options, AccessTokens tokens)
      : clock_(clock), options_(std::move(options)), tokens_(std::move(tokens)) {}

  Status seed(const Json& seed);
  AzureReply reply_to(const ServerRequest& request);
  AzureReply reply_of_vault(const ServerRequest& request, const AzureHost& host);
  KeyVault& vault_at(const AzureHost& host);

  Clock& clock_;
  const AzureOptions options_;
  const AccessTokens tokens_;
  std::mutex mutex_;  // of everything below
  Directory directory_;
  std::map<std::string, KeyVault, std::less<>> vaults_;
  std::string usual_vault_;  // the first of the seed: for a host that names none
};

}  // namespace keyferry::dev
