#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dev/azure/access_tokens.h"
#include "dev/azure/azure_reply.h"
#include "formats/json.h"

namespace keyferry::dev {

enum class VaultKind { kSecret, kKey, kCertificate };
std::string_view plural_of(VaultKind kind);    // "secrets"
std::string_view singular_of(VaultKind kind);  // "secret"

// Who may do what in one vault: access policies, or roles on the vault or on one object. The two
// refuse in different words.
class VaultGrants {
 public:
  // "access_policies": [{"app", "secrets": ["get"], "keys", "certificates"}] or
  // "role_assignments": [{"app", "role", "scope": "secrets/NAME"}]. What was there is replaced by
  // the member that is given. kInvalidArgument names the member.
  Status seed(const Json& vault);

  bool allows(const AzureCaller& caller, VaultKind kind, std::string_view action,
              std::string_view object) const;
  AzureReply refusal(const AzureCaller& caller, VaultKind kind, std::string_view action,
                     std::string_view object, std::string_view vault) const;

 private:
  struct Grant {
    std::string app;  // client id or object id
    VaultKind kind = VaultKind::kSecret;
    std::vector<std::string> actions;  // "all" for any
    std::string object;                // empty: every one
  };
  Status seed_policies(const Json::Array& policies);
  Status seed_roles(const Json::Array& assignments);

  bool by_role_ = true;  // as a new vault is
  std::vector<Grant> grants_;
};

}  // namespace keyferry::dev
