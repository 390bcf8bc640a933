#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/single_flight.h"
#include "identity/entra_token_source.h"
#include "stores/azure/azure_challenge.h"
#include "stores/azure/azure_wire.h"

namespace keyferry::stores::azure {

// What all vaults are asked with. References outlive the reader.
struct VaultParts {
  Http& http;
  Clock& clock;
  EntraTokenSource& tokens;
  Challenges& challenges;
};

// Where a vault is.
struct VaultAddress {
  std::string base;  // "https://shop.vault.azure.net", or where it is asked instead
  std::string name;  // "shop.vault.azure.net"
  TlsOptions tls;
};

// Reads one vault for one identity, each thing once however many objects want it.
class VaultReader {
 public:
  using BundlePtr = std::shared_ptr<const Bundle>;

  VaultReader(const VaultParts& parts, VaultAddress address, EntraIdentity identity,
              const EntraProof& proof, Patience patience)
      : parts_(parts),
        address_(std::move(address)),
        identity_(std::move(identity)),
        proof_(proof),
        patience_(std::move(patience)) {}

  // Reads the vault's challenge, unless it is known, and gets a token. An Error where nothing can
  // be asked; `first` is what is going to be.
  Status log_in(const ObjectId& first);

  Result<BundlePtr> object(const ObjectId& id);
  // Every version there is, in no order.
  Result<std::vector<ListedVersion>> versions(const ObjectId& id);

 private:
  Status learn(const Challenge& challenge);
  Result<std::string> address_of_page(const std::string& next_link) const;
  Result<Response> ask(const Request& request, const ObjectId& id);
  Result<Response> send(const Request& request, const Secret* token, const ObjectId& id);
  Error refusal(const Response& response, const ObjectId& id) const;
  std::string host() const;

  const VaultParts& parts_;
  const VaultAddress address_;
  EntraIdentity identity_;
  const EntraProof& proof_;
  const Patience patience_;
  Challenge challenge_;
  std::map<ObjectId, Result<BundlePtr>> objects_;
  std::map<ObjectId, Result<std::vector<ListedVersion>>> versions_;
};

}  // namespace keyferry::stores::azure
