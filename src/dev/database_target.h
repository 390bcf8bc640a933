#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "formats/json.h"

namespace keyferry::dev {

// Where the runtime's settings say its PostgreSQL database is, and as whom.
struct DatabaseTarget {
  std::string host;
  std::uint16_t port = 5432;
  std::string database;
  std::string user;
  std::string password;
  std::string ssl_mode = "prefer";  // the words of JDBC and libpq are the same
  std::string ssl_root_certificate;

  friend bool operator==(const DatabaseTarget&, const DatabaseTarget&) = default;
};

// From DatabaseType, DatabaseJdbcUrl (wins) or DatabaseHost and DatabaseName, DatabaseUserName and
// DatabasePassword. Null when the type is not PostgreSQL. kInvalidArgument names the setting.
Result<std::shared_ptr<const DatabaseTarget>> database_target_of(const Json::Object& settings);

}  // namespace keyferry::dev
