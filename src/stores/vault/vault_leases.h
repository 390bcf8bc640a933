#pragma once

#include <string>

#include "stores/vault/vault_client.h"
#include "stores/vault/vault_sessions.h"

namespace keyferry::stores::vault {

// How something made for us is, and so what to do.
enum class Health {
  kGood,
  kNearsItsEnd,   // another one has to be made while this one lives
  kRevoked,       // another one has to be made at once
  kTokenReplaced  // the same, under the session that the visit has now
};

// Looks after what was made under a session: is it revoked (sys/leases/lookup), and from two thirds
// of its life on, can it be renewed (sys/leases/renew)? Only an answer that says so takes something
// for gone: a server that is down, slow or leads astray leaves its known term, and so does a
// refusal, for a role may do without the rules of policy `default`. Any thread may call.
class VaultLeases {
 public:
  VaultLeases(VaultClient& client, VaultSessions& sessions, Clock& clock)
      : client_(client), sessions_(sessions), clock_(clock) {}

  // An error only where a token that is gone could not be replaced.
  Result<Health> look_at(Visit& visit, const std::string& request, const MadeAnswer& made);
  // Whether the visit's token is gone, beside a fresh one of the same role: both may be refused.
  bool is_gone(Visit& visit, const Session& fresh);
  // Another term for something made.
  void set_term(const Visit& visit, const std::string& request, const MadeAnswer& made, Term term);

 private:
  Result<Health> look_up(Visit& visit, const MadeAnswer& made);
  Result<Health> renew(Visit& visit, const std::string& request, const MadeAnswer& made);
  Health not_renewed(Visit& visit, const std::string& request, const MadeAnswer& made,
                     const Result<Response>& response);
  // What a refusal leaves: `otherwise`, or another token.
  Result<Health> refused(Visit& visit, std::string_view missing_rule, Health otherwise);
  bool is_refused_itself(Visit& visit, const Session& session);
  Result<Response> glance(Visit& visit, Request request);

  VaultClient& client_;
  VaultSessions& sessions_;
  Clock& clock_;
};

}  // namespace keyferry::stores::vault
