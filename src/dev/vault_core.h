#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "dev/auth_method.h"
#include "dev/database/database_engine.h"
#include "dev/database/leases.h"
#include "dev/kv_engine.h"
#include "dev/policy.h"
#include "dev/tokens.h"
#include "dev/vault_reply.h"

namespace keyferry::dev {

// One namespace of the dev store: its mounts, login methods, policies and tokens, answering what
// the Vault API documents for them. Not thread-safe.
class VaultCore {
 public:
  explicit VaultCore(std::string root_token);

  VaultReply handle(const VaultCall& call);

  bool is_root(std::string_view token) const { return token == root_token_; }

  // Fills a fresh namespace: {"mounts": {"secret": {"version": 2}, "database":
  // {"type": "database", "config": {…}, "roles": {…}}}, "secrets": {"secret/shop":
  // {…}}, "policies": {"shop": "path …" or {"secret/data/shop": ["read"]}}, "auth": {"kubernetes":
  // {"type": "kubernetes", "pem_keys": […], "roles": {"shop": {…}}}}}. Every member may be missing;
  // without "mounts" there is a version 2 one at secret. kInvalidArgument names the member that is
  // wrong.
  Status seed(const Json& seed, WallTime now);

  // vault_leases.cc. The duties of a reply were done in the database, or were not.
  void done(DatabaseDuties duties, WallTime now);
  void not_done(const DatabaseDuties& duties);
  // An ended lease that could not be revoked.
  void keep_for_another_try(Lease lease, WallTime now);
  // What ended by now, leases of dead tokens too, and passwords to rotate; nullopt: nothing.
  std::optional<DatabaseDuties> due(WallTime now);
  std::optional<WallTime> next_due();

 private:
  using Mount = std::variant<KvV1, KvV2, DatabaseEngine>;
  enum class Access { kGranted, kNoToken, kDenied };

  Access access_of(const VaultCall& call);
  VaultReply route(const VaultCall& call);
  VaultReply handle_mount(const VaultCall& call);
  VaultReply handle_token(const VaultCall& call);
  VaultReply handle_auth(const VaultCall& call);
  std::optional<VaultReply> login(const VaultCall& call);
  // Name of the mount a path is in, empty when in none.
  std::string mount_of(std::string_view path) const;
  bool writes_existing(const VaultCall& call) const;

  // vault_sys.cc: sys/mounts, sys/auth, sys/policies, sys/internal/ui/mounts.
  VaultReply handle_sys(const VaultCall& call);
  VaultReply handle_mounts(const VaultCall& call, const std::string& name);
  VaultReply handle_auths(const VaultCall& call, const std::string& name);
  VaultReply handle_policies(const VaultCall& call, const std::string& name,
                             std::string_view text_key);
  VaultReply describe_mount_of(std::string_view path) const;

  // vault_leases.cc: sys/leases.
  VaultReply handle_leases(const VaultCall& call, const std::string& action);
  VaultReply renew_lease(const VaultCall& call, const std::string& id);
  VaultReply look_lease_up(const VaultCall& call, const std::string& id);
  std::vector<Lease> ended_by(WallTime now);
  void give_lease(const VaultCall& call, VaultReply& reply) const;

  // vault_seed.cc
  Status seed_mounts(const Json& mounts, WallTime now);
  Status seed_database(const std::string& name, const Json& options, WallTime now);
  Status seed_secrets(const Json& secrets, WallTime now);
  Status seed_policies(const Json& policies);
  Status seed_auth(const Json& methods);

  std::string root_token_;
  TokenTable tokens_;
  LeaseTable leases_;
  std::map<std::string, Mount, std::less<>> mounts_;
  std::map<std::string, AuthMethod, std::less<>> auth_;
  std::map<std::string, std::string, std::less<>> policy_texts_;
  std::map<std::string, Policy, std::less<>> policies_;
};

}  // namespace keyferry::dev
