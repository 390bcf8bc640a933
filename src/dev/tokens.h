#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "formats/json.h"

namespace keyferry::dev {

// What a login or a token creation asks for.
struct TokenGrant {
  std::vector<std::string> policies;  // "default" is added
  std::int64_t ttl_seconds = 0;       // 0: never expires (root), else counted from now
  std::int64_t max_ttl_seconds = 0;   // what all renewals together cannot pass; 0: no such limit
  std::int64_t uses = 0;              // 0: any number
  std::string path;                   // "auth/kubernetes/login"
  std::string display_name;
  Json::Object metadata;
};

struct Token {
  std::string id;
  std::string accessor;
  TokenGrant grant;
  WallTime created;
  std::optional<WallTime> expires;
  std::int64_t uses_left = 0;
};

// Client tokens of one namespace. Not thread-safe.
class TokenTable {
 public:
  const Token& issue(TokenGrant grant, WallTime now);
  void add_root(const std::string& id, WallTime now);

  // The living token of that id; null when unknown, expired, revoked or used up. Counts one use.
  const Token* use(const std::string& id, WallTime now);
  // Starts the time to live again; null as above.
  const Token* renew(const std::string& id, std::int64_t increment_seconds, WallTime now);
  // As use(), without counting.
  Token* find(const std::string& id, WallTime now);
  void revoke(const std::string& id) { tokens_.erase(id); }
  // Those that a login below this path gave.
  void revoke_below(std::string_view path);

 private:
  std::map<std::string, Token> tokens_;
};

// The "auth" member of a login's or renewal's answer.
Json auth_of(const Token& token, WallTime now);
// The data of auth/token/lookup-self.
Json lookup_of(const Token& token, WallTime now);

}  // namespace keyferry::dev
