#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/doubling_prune.h"
#include "base/result.h"
#include "base/single_flight.h"
#include "identity/entra.h"
#include "identity/token_source.h"
#include "net/digest.h"
#include "net/http.h"

namespace keyferry {

// What an identity proves itself with. References outlive the call.
struct EntraProof {
  TokenSource& tokens;            // kFederated, kTokenProxy
  const Secret* client_secret{};  // kSecret
};

// Tokens of Microsoft Entra: got once however many want them, kept until shortly before they end.
// Any thread may call; no lock is held while anybody is asked. References outlive it.
class EntraTokenSource {
 public:
  using TokenPtr = std::shared_ptr<const EntraToken>;

  EntraTokenSource(Http& http, Clock& clock);

  // Good for at least a few minutes more. Errors say which trust, secret or identity is wrong.
  Result<TokenPtr> token(const EntraIdentity& identity, const EntraProof& proof,
                         const Patience& patience);

  // A token that a vault refused is not given again.
  void forget(const EntraIdentity& identity, const EntraProof& proof, const TokenPtr& refused);

 private:
  struct Held {
    TokenPtr token;
    WallTime use_until;
  };

  std::string key_of(const EntraIdentity& identity, const EntraProof& proof) const;
  TokenPtr held(const std::string& key);
  Result<EntraToken> log_in(const EntraIdentity& identity, const EntraProof& proof,
                            const Patience& patience);
  Result<EntraToken> by_assertion(const EntraIdentity& identity, const EntraProof& proof,
                                  const Patience& patience);
  Result<EntraToken> by_secret(const EntraIdentity& identity, const EntraProof& proof,
                               const Patience& patience);
  Result<EntraToken> by_machine(const EntraIdentity& identity, const EntraProof& proof,
                                const Patience& patience);
  // One question, tried again while that may help.
  struct Asked {
    std::function<Result<Request>()> made;
    std::function<bool(const Response&)> may_be_better_later;
    std::function<Error(const Response&)> refusal;
  };
  Result<EntraToken> ask(const Asked& asked, const EntraProof& proof, const Patience& patience);

  Http& http_;
  Clock& clock_;
  const HmacSha256 digests_;  // of client secrets: keys hold nothing that could be read
  SingleFlight<TokenPtr> flights_;
  std::mutex mutex_;
  std::map<std::string, Held> held_;
  DoublingPrune prune_;
};

}  // namespace keyferry
