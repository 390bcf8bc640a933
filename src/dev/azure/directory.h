#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/json.h"

namespace keyferry::dev {

// What an application trusts instead of a secret: tokens of that issuer, subject and audience.
struct FederatedCredential {
  std::string issuer, subject;
  std::vector<std::string> audiences;
};

// An application or a managed identity of a tenant.
struct AzureApp {
  std::string tenant, client_id, object_id, name;
  std::vector<std::string> secrets, expired_secrets;
  std::vector<FederatedCredential> federated;
  bool managed = false;          // the machine has this identity: IMDS gives its tokens
  bool system_assigned = false;  // and gives them when none is named
  std::string resource_id;       // of a user-assigned one
};

// Tenants, their applications and the keys that other issuers publish.
class Directory {
 public:
  // Members "tenants", "issuers" and "resources" of a seed; what is there already by the same name
  // is replaced. kInvalidArgument names the member.
  Status seed(const Json& seed);
  // Takes tokens of issuers that no seed names.
  void set_usual_key(std::string public_key) { usual_key_ = std::move(public_key); }

  bool has_tenant(std::string_view tenant) const;
  std::string first_tenant() const;  // empty when there is none
  const AzureApp* find(std::string_view tenant, std::string_view client_id) const;
  std::vector<const AzureApp*> managed_identities() const;
  // PEM keys with which an issuer signs.
  std::vector<std::string> keys_of(std::string_view issuer) const;
  // Whether the tenant has an API of that identifier: those of Azure, and those of the seed.
  bool has_resource(std::string_view resource) const;

 private:
  Status seed_tenant(const std::string& tenant, const Json& members);

  std::map<std::string, std::map<std::string, AzureApp, std::less<>>, std::less<>> tenants_;
  std::map<std::string, std::vector<std::string>, std::less<>> issuers_;
  std::vector<std::string> resources_;
  std::string usual_key_;
};

}  // namespace keyferry::dev
