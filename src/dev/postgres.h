#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "dev/database/leases.h"
#include "dev/database_target.h"

namespace keyferry::dev {

struct ConnectOutcome {
  bool connected = false;
  std::string sql_state;  // "28P01" wrong password, "3D000" no such database; empty when unknown
  std::string message;    // the server's or libpq's words; never the password
};

// Opens a connection, runs "select 1", closes it. Gives up at the deadline or on `stop`.
ConnectOutcome open_query_close(const DatabaseTarget& target, const Clock& clock, Deadline deadline,
                                const std::stop_token& stop);

// Does work in a database, all of it or nothing. kUnavailable: no connection; kInvalidArgument: a
// statement was refused, in the server's words without the statement.
using SqlRunner = std::function<Status(const SqlWork&)>;
SqlRunner sql_runner(const Clock& clock);

}  // namespace keyferry::dev
