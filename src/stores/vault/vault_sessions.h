#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/doubling_prune.h"
#include "base/single_flight.h"
#include "stores/store.h"
#include "stores/vault/vault_client.h"
#include "stores/vault/vault_config.h"
#include "stores/vault/vault_kept.h"
#include "stores/vault/vault_session.h"
#include "stores/vault/vault_volumes.h"

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
  // A glance at the server took too long: what is known is believed, and nothing else looked up.
  bool is_slow = false;
};

// One session per identity and server: logged in once however many ask at the same time, its token
// renewed (auth/token/renew-self) from two thirds of its life on, replaced by a new login before it
// ends. Sessions under which something was made outlive the program where there is a KeptState.
// Any thread may call.
class VaultSessions {
 public:
  VaultSessions(VaultClient& client, Clock& clock, KeptState* kept)
      : client_(client), clock_(clock), kept_(kept, clock), flights_(clock) {
    kept_.sweep();
  }

  // The request's volume lives by the session of its identity and server, if there is one yet.
  void use(const FetchRequest& request, const VaultConfig& config);

  // Gives the visit a session whose token lives. A token that could be neither renewed nor replaced
  // is used as long as it lives.
  Status join(Visit& visit);

  // The session that took the place of the visit's meanwhile, where another fetch found it refused.
  void rejoin(Visit& visit);

  // A login that no other fetch uses until it is adopted; it then takes the place of the visit's.
  Result<SessionPtr> log_in(const Visit& visit);
  void adopt(SessionPtr fresh, Visit& visit);

  // Keeps what changed of the visit's session for the next start of the program.
  void save(const Visit& visit);

  // The visit is over. What it logged in for volumes that are gone meanwhile is ended.
  void part(const Visit& visit);

  // The volume of the request does without its sessions; the last one to do so ends their tokens
  // and with them everything made under them.
  Status leave(const FetchRequest& request, const VaultConfig& config);
  // Ends the token of a session, or at least the leases that are under it.
  Status end(const VaultConfig& config, const Session& session, const Patience& patience);

  // What tells the sessions of one identity and server from others.
  static std::string key_of(const VaultConfig& config, const PodIdentity& pod);

 private:
  struct Held {
    SessionPtr session;
    VaultConfig config;  // of the server it is of, without objects
  };

  SessionPtr held(const std::string& key);
  SessionPtr held_or_kept(const std::string& key, const VaultConfig& config);
  Result<SessionPtr> refreshed(const std::string& key, Visit& visit);
  Result<SessionPtr> replaced(const std::string& key, const SessionPtr& before, Visit& visit);
  bool renew(Session& session, Visit& visit);
  void hold(const std::string& key, const SessionPtr& session, const VaultConfig& config);
  void save(const std::string& key, const Session& session);
  static void replace_session(Visit& visit, SessionPtr session);
  std::map<std::string, Held> without_volume(const std::string& volume);
  Status end_all(const std::string& key, const Held& ended, const Patience& patience);
  Status end_token(const VaultConfig& config, const Secret& token, const Session& session,
                   const Patience& patience);

  VaultClient& client_;
  Clock& clock_;
  KeptSessions kept_;
  SingleFlight<SessionPtr> flights_;
  std::mutex mutex_;
  std::map<std::string, Held> sessions_;  // only such as volumes live by
  Volumes volumes_;
  DoublingPrune prune_;
};

}  // namespace keyferry::stores::vault
