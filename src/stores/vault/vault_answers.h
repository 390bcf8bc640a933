#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/single_flight.h"
#include "stores/vault/vault_client.h"
#include "stores/vault/vault_error.h"
#include "stores/vault/vault_leases.h"
#include "stores/vault/vault_sessions.h"

namespace keyferry::stores::vault {

using AnswerPtr = std::shared_ptr<const Json>;

// The answers to the requests of objects. What the server keeps is asked for each time; what it
// made for us is kept and looked after: the same request is not made again while its answer lives,
// only looked up (sys/leases/lookup: is it revoked?), and from two thirds of its life on renewed.
// Where that gives too little, another one is made while the old one still lives, which goes on
// being used if it cannot be made. Requests of one session that are the same share an answer. Any
// thread may call.
class VaultAnswers {
 public:
  VaultAnswers(VaultClient& client, VaultSessions& sessions, Clock& clock)
      : client_(client),
        sessions_(sessions),
        clock_(clock),
        leases_(client, sessions, clock),
        flights_(clock) {}

  // A token that the server no longer takes is replaced by one new login; the visit's session is
  // then another one.
  Result<AnswerPtr> answer(Visit& visit, const ObjectSpec& object);

 private:
  Result<AnswerPtr> fresh_or_kept(Visit& visit, const ObjectSpec& object);
  Result<AnswerPtr> ask_for(Visit& visit, const ObjectSpec& object);
  Result<Response> ask(const Visit& visit, const Session& session, const ObjectSpec& object);
  Result<Response> ask_as_another(Visit& visit, const ObjectSpec& object, Response refused);
  Result<AnswerPtr> keep(const Visit& visit, const ObjectSpec& object, Json secret);
  std::optional<MountFact> mount_of(const Visit& visit, const ObjectSpec& object);

  VaultClient& client_;
  VaultSessions& sessions_;
  Clock& clock_;
  VaultLeases leases_;
  SingleFlight<AnswerPtr> flights_;
};

}  // namespace keyferry::stores::vault
