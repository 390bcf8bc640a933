#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "dev/database/leases.h"
#include "dev/vault_reply.h"
#include "formats/json.h"

namespace keyferry::dev {

// The database engine of the Vault API for PostgreSQL, paths relative to its mount: config/,
// roles/, creds/, static-roles/, static-creds/, rotate-role/. What has to be done in the database
// stands in the reply; nothing here does it. Not thread-safe.
class DatabaseEngine {
 public:
  bool exists(std::string_view) const { return true; }  // every write is an update
  VaultReply handle(const VaultCall& call);
  // As a seed does, without asking the database: {"config": {…}, "roles": {…}}. The refusal when a
  // member is wrong.
  std::optional<VaultReply> seed(const Json& json, WallTime now);

  // A password that work set in the database is the role's from then on, `now`.
  void rotated(const std::string& static_role, WallTime now);
  // It was not set: a role that never had one is forgotten, others are tried again.
  void not_rotated(const std::string& static_role);
  // A static role whose time has come: the work that rotates it.
  std::optional<VaultReply> due(WallTime now);
  std::optional<WallTime> next_rotation() const;

 private:
  struct Connection {
    std::string url;  // {{username}} and {{password}} open
    std::string user, password;
    std::vector<std::string> allowed_roles;
    Json shown;  // what is read back
  };
  struct StaticRole {
    Json settings;
    std::string password, next_password;
    std::optional<WallTime> rotated;
    WallTime next;
  };

  VaultReply configure(const VaultCall& call, const std::string& name);
  VaultReply handle_roles(const VaultCall& call, const std::string& name);
  VaultReply handle_static_roles(const VaultCall& call, const std::string& name);
  VaultReply make_credential(const VaultCall& call, const std::string& name);
  VaultReply read_static(const std::string& name, WallTime now) const;
  VaultReply rotate(const std::string& name, WallTime now);

  // Null when it is not there or does not allow the role; `refusal` then says so.
  const Connection* connection_for(const Json& role, const std::string& role_name,
                                   VaultReply& refusal) const;
  static std::string url_of(const Connection& connection);

  std::map<std::string, Connection, std::less<>> connections_;
  std::map<std::string, Json, std::less<>> roles_;
  std::map<std::string, StaticRole, std::less<>> static_roles_;
};

}  // namespace keyferry::dev
