#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "formats/json.h"
#include "stores/vault/vault_term.h"
#include "stores/vault/vault_wire.h"

namespace keyferry::stores::vault {

// An answer for which the server made something new (a database user, a certificate): asking again
// would make another one, so it is kept as long as it lives.
struct MadeAnswer {
  Json secret;        // as read_secret() gives it
  std::string lease;  // "" where there is none to renew: a certificate
  bool can_be_renewed = false;
  Term term;
};
using MadeAnswerPtr = std::shared_ptr<const MadeAnswer>;

// What a refusal tells: a token that was allowed to ask is gone, one that never was may live.
// Policy `default` allows it; a role may do without.
enum class Sight { kUnknown, kGranted, kRefused };

struct KeptSession;

// A token with what was made under it, which ends when the token ends. One per identity and server;
// any thread may call.
class Session {
 public:
  struct Token {
    Secret secret;
    bool can_be_renewed = false;
    Term term;
  };
  // A token that was replaced while something made under it was still in use.
  struct Replaced {
    Secret token;
    SteadyTime until;
  };

  explicit Session(Token token) : token_(std::move(token)) {}

  const Secret& token() const { return token_.secret; }
  bool can_be_renewed() const;
  Term term() const;
  void set_term(const Term& term);

  // By request_key(); null where none is held or its life is over.
  MadeAnswerPtr made(const std::string& request, SteadyTime now) const;
  void keep(const std::string& request, MadeAnswerPtr answer);
  void drop(const std::string& request);
  bool has_made(SteadyTime now) const;  // something that still lives
  std::vector<std::string> leases() const;

  // Something is held that a next start of the program can go on with, or has to give back.
  bool is_worth_keeping(SteadyTime now) const;

  // A request that this token and another login were both denied: not worth a login at each look.
  void note_denied(const std::string& request, SteadyTime now);
  bool was_denied_lately(const std::string& request, SteadyTime now) const;

  // Whether its role lets a token ask about itself and its leases.
  Sight sight() const;
  void set_sight(Sight sight);
  // Of what it may not: true once in its life and those of its successors.
  bool is_first_complaint(std::string_view rule);

  // Takes over what is known of the role, what does not end with the token, and the token for as
  // long as what was made under it may be in use.
  void succeed(const Session& before, SteadyTime now);
  std::vector<Secret> replaced_tokens(SteadyTime now) const;

  // For KeptState, with the volumes that live by it. Times are written as those of the wall clock.
  Secret to_text(const std::set<std::string>& volumes, const Clock& clock) const;

 private:
  mutable std::mutex mutex_;
  Token token_;  // its secret never changes
  std::map<std::string, MadeAnswerPtr> made_;
  std::map<std::string, SteadyTime> denied_;  // last time, by request
  std::vector<Replaced> replaced_;
  Sight sight_ = Sight::kUnknown;
  std::set<std::string, std::less<>> complaints_;

  friend Result<KeptSession> session_of_text(std::string_view text, const Clock& clock);
};
using SessionPtr = std::shared_ptr<Session>;

// What to_text() wrote. The token's life may be over. kInvalidArgument where it is none of ours;
// never quotes it.
struct KeptSession {
  SessionPtr session;
  std::set<std::string> volumes;
};
Result<KeptSession> session_of_text(std::string_view text, const Clock& clock);

}  // namespace keyferry::stores::vault
