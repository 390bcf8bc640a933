#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/doubling_prune.h"
#include "base/single_flight.h"
#include "stores/store.h"
#include "stores/vault/vault_client.h"
#include "stores/vault/vault_config.h"
#include "stores/vault/vault_session.h"

namespace keyferry::stores::vault {

// One fetch: what it is about, and the session it uses, which a refusal may replace on the way.
struct Visit {
  const FetchRequest& request;
  const VaultConfig& config;
  SessionPtr session = nullptr;
  bool is_fresh = false;  // the session was logged in for this very fetch
  // Answers that were made under the session, and end with it; it was replaced after they were
  // used.
  bool has_used_made = false;
  bool is_outdated = false;
};

// One session per identity and server: logged in once however many ask at the same time, its token
// renewed (auth/token/renew-self) from two thirds of its life on, replaced by a new login before it
// ends. Sessions under which something was made outlive the program where there is a KeptState.
// Any thread may call.
class VaultSessions {
 public:
  VaultSessions(VaultClient& client, Clock& clock, KeptState* kept)
      : client_(client), clock_(clock), kept_(kept), flights_(clock) {}

  // Gives the visit a session whose token lives. A token that could be neither renewed nor replaced
  // is used as long as it lives.
  Status join(Visit& visit);

  // The session that took the place of the visit's meanwhile, where another fetch found it refused.
  void rejoin(Visit& visit);

  // A login that no other fetch uses until it is adopted; it then takes the place of the visit's.
  Result<SessionPtr> log_in(const Visit& visit);
  void adopt(SessionPtr fresh, Visit& visit);

  // Keeps what was made under the visit's session. A failure is logged.
  void save(const Visit& visit);

  // The class of the request does without its sessions; the last one to do so ends their tokens and
  // with them everything made under them.
  Status leave(const FetchRequest& request, const VaultConfig& config);
  // Ends a token, or at least the leases that are under it.
  Status end(const VaultConfig& config, const Secret& token, const std::vector<std::string>& leases,
             const Patience& patience);

  // What tells the sessions of one identity and server from others.
  static std::string key_of(const VaultConfig& config, const PodIdentity& pod);

 private:
  struct Held {
    SessionPtr session;
    VaultConfig config;  // of the server it is of, without objects
  };

  SessionPtr held(const std::string& key);
  Result<SessionPtr> refreshed(const std::string& key, Visit& visit);
  SessionPtr kept(const std::string& key);
  bool renew(Session& session, const Visit& visit);
  void hold(const std::string& key, const SessionPtr& session, const VaultConfig& config);
  static void replace_session(Visit& visit, SessionPtr session);
  Status end_all(const std::string& key, const Held& ended, const Patience& patience);

  VaultClient& client_;
  Clock& clock_;
  KeptState* kept_;
  SingleFlight<SessionPtr> flights_;
  std::mutex mutex_;
  std::map<std::string, Held> sessions_;
  DoublingPrune prune_;
};

}  // namespace keyferry::stores::vault
