#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "net/http.h"
#include "stores/vault/vault_config.h"

// Statuses of the Vault API turned into errors that say what to do. Pure.
namespace keyferry::stores::vault {

// What is known about the engine a path belongs to, asked for only after a refusal.
struct MountFact {
  std::string path;  // "secret/"
  std::string type;  // "kv"
  int version = 0;   // of kv; 0 where there is none
};
std::optional<MountFact> read_mount(const Response& response);

// No whole answer came: where it is the server's or the way's fault, what to look at is added.
Error no_answer_error(const VaultConfig& config, Error error);

// A login that was refused.
Error login_error(const VaultConfig& config, const Response& response, WallTime now);

// A read that was refused.
Error read_error(const VaultConfig& config, const ObjectSpec& object, const Response& response,
                 const std::optional<MountFact>& mount, WallTime now);

// A token that could not be given back.
Error login_end_error(const VaultConfig& config, const Response& response);

// A status that says nothing of the question: the server is in trouble or too busy.
bool may_be_better_later(const Response& response);
// Of a renewal: a maximum was reached, which OpenBao tells with status 500.
bool is_past_maximum(const Response& response);
// Of a lookup or a renewal: there is no such lease any more.
bool is_lease_gone(const Response& response);

// Whether asking again with a fresh token may help.
bool is_denied(const Response& response);
bool is_success(const Response& response);

}  // namespace keyferry::stores::vault
