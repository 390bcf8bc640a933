#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "dev/tokens.h"
#include "dev/vault_reply.h"
#include "formats/json.h"

namespace keyferry::dev {

enum class AuthKind { kKubernetes, kJwt };

// One mounted login method of the Vault API that takes a JWT: its configuration, its roles, its
// verdicts. Tokens are verified against the PEM keys of the configuration; the kubernetes kind does
// so too instead of asking an API server. Not thread-safe.
class AuthMethod {
 public:
  AuthMethod(AuthKind kind, std::string mount) : kind_(kind), mount_(std::move(mount)) {}

  AuthKind kind() const { return kind_; }

  // Body of auth/MOUNT/config: jwt_validation_pubkeys, pem_keys (either kind), bound_issuer.
  VaultReply configure(const Json& body);
  // Body of auth/MOUNT/role/NAME.
  VaultReply put_role(const std::string& name, const Json& body);
  VaultReply read_role(const std::string& name) const;
  VaultReply delete_role(const std::string& name);
  VaultReply list_roles() const;

  // Body of auth/MOUNT/login. The issued token's auth block, or the refusal with the very status
  // and words the real server uses.
  VaultReply login(const Json& body, TokenTable& tokens, WallTime now) const;

 private:
  struct Verdict {
    bool accepted = false;
    VaultReply refusal;
    TokenGrant grant;
  };
  Verdict judge(const Json& role, std::string_view role_name, std::string_view jwt,
                WallTime now) const;
  Verdict judge_kubernetes(const Json& role, const Json& claims, WallTime now) const;
  Verdict judge_jwt(const Json& role, const Json& claims, WallTime now) const;
  VaultReply unknown_role(std::string_view name) const;

  AuthKind kind_;
  std::string mount_;
  std::vector<std::string> keys_;
  std::string issuer_;
  std::map<std::string, Json, std::less<>> roles_;
};

}  // namespace keyferry::dev
