#pragma once

#include <stop_token>

#include "base/clock.h"
#include "net/http.h"
#include "stores/store.h"
#include "stores/vault/vault_config.h"

namespace keyferry::stores::vault {

// How patiently a server is asked, and how urgently.
struct Patience {
  Deadline deadline;
  std::stop_token stop;
  RequestPriority priority = RequestPriority::kNormal;
};
Patience patience_of(const FetchRequest& request);

// Requests to Vault servers. Any thread may call.
class VaultClient {
 public:
  VaultClient(Http& http, Clock& clock) : http_(http), clock_(clock) {}

  // The one redirect that a standby answers with is followed, never from https to http.
  //
  // With retries; a status that was still worth one at the end is a Response like any other.
  Result<Response> send(const VaultConfig& config, Request request, const Patience& patience);
  // Once and for a few seconds, for what can do without an answer.
  Result<Response> try_once(const VaultConfig& config, Request request, const Patience& patience);

 private:
  Http& http_;
  Clock& clock_;
};

}  // namespace keyferry::stores::vault
