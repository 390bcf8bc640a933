#pragma once

#include <optional>
#include <set>
#include <string>

#include "base/kept_state.h"
#include "stores/vault/vault_session.h"

namespace keyferry::stores::vault {

// The sessions that outlive the program, each a text of its own by the key of its identity and
// server. Without a KeptState there are none. What goes wrong is logged. Any thread may call.
class KeptSessions {
 public:
  KeptSessions(KeptState* kept, Clock& clock) : kept_(kept), clock_(clock) {}

  std::optional<KeptSession> load(const std::string& key);
  // One that holds nothing worth it is erased instead.
  void save(const std::string& key, const Session& session, const std::set<std::string>& volumes);
  Status erase(const std::string& key);
  // Erases what ended while no program held it, that of classes which are no more included.
  void sweep();

 private:
  KeptState* kept_;
  Clock& clock_;
};

}  // namespace keyferry::stores::vault
