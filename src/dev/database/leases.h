#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace keyferry::dev {

// Statements for a database, to be run in one transaction while nothing is locked.
struct SqlWork {
  std::string url;                      // "postgresql://user:password@host:port/database?…"
  std::vector<std::string> statements;  // none: only connect
};

// A credential that was given for a time. It ends at its time, when it is revoked, and with the
// token that asked for it.
struct Lease {
  std::string id;     // "database/creds/shop/…"
  std::string token;  // whose it is; empty: nobody's any more
  WallTime issued, renewed, expires;
  WallTime latest;  // no renewal goes beyond
  std::int64_t ttl_seconds = 0;
  std::string url;
  std::vector<std::string> renewal;  // statements in which {{expiration}} is still open
  std::vector<std::string> revocation;
};

// What is to be done in a database before an answer is given, and what is true once it is done.
struct DatabaseDuties {
  std::vector<SqlWork> work;   // the answer is a failure when one of them fails
  std::optional<Lease> lease;  // given or renewed by it
  std::string rotates;         // the static role that then has its next password
  std::vector<Lease> ended;    // to be revoked; one that fails is tried again later
  std::string mount, space;    // of the engine; the namespace

  bool empty() const { return work.empty() && !lease && ended.empty(); }
};

// Leases of one namespace. Not thread-safe.
class LeaseTable {
 public:
  void add(Lease lease);
  Lease* find(std::string_view id);
  // Takes them out of the table.
  std::optional<Lease> take(std::string_view id);
  std::vector<Lease> take_of_token(std::string_view token);
  std::vector<Lease> take_below(std::string_view prefix);
  std::vector<Lease> take_expired(WallTime now);

  std::vector<std::string> ids() const;
  std::vector<std::string> tokens() const;      // every owner once
  std::optional<WallTime> next_expiry() const;  // nullopt: no lease

 private:
  template <class Which>
  std::vector<Lease> take_if(Which which);
  std::map<std::string, Lease, std::less<>> leases_;
};

// What {{expiration}} becomes: "2026-01-31 12:00:00+0000", some seconds after the lease's end, so
// that a database which counts in seconds never ends a user before its lease.
std::string sql_expiration(WallTime lease_end);

// Statements with {{name}} and the like replaced by values.
std::vector<std::string> filled_in(std::vector<std::string> statements,
                                   const std::map<std::string, std::string>& values);

}  // namespace keyferry::dev
