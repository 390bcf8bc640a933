#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace keyferry::stores::azure {

// What a vault says to who brings no token: which tenant it trusts, and what tokens are for. Parts
// that it does not say, or not in a usable way, are empty.
struct Challenge {
  std::string authority;  // "https://login.microsoftonline.com"
  std::string tenant;
  std::string resource;  // "https://vault.azure.net"

  friend bool operator==(const Challenge&, const Challenge&) = default;
};

// WWW-Authenticate: Bearer authorization="https://…/TENANT", resource="https://…" (or scope).
Challenge challenge_of(const Response& response);

// A token for the resource would open every vault of its domain, so the vault has to be in it; one
// for another domain would be somebody else's. kFailedPrecondition otherwise. `hosts` are the names
// the vault has.
Status check_challenge(const Challenge& challenge, const std::vector<std::string>& hosts);

// What was read of each vault, once. Any thread may call.
class Challenges {
 public:
  std::optional<Challenge> find(const std::string& vault) const;
  void keep(const std::string& vault, const Challenge& challenge);

 private:
  static constexpr std::size_t kMostHeld = 10'000;
  mutable std::mutex mutex_;
  std::map<std::string, Challenge> held_;
};

}  // namespace keyferry::stores::azure
