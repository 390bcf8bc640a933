#include "dev/postgres.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <memory>

#include "base/strings.h"

namespace keyferry::dev {
namespace {

constexpr int kLookForStopMs = 50;
constexpr std::size_t kStateLength = 5;
constexpr std::chrono::seconds kSqlPatience{10};

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;
using QueryResult = std::unique_ptr<PGresult, ClearResult>;

Connection begin(const DatabaseTarget& target) {
  const std::string port = std::to_string(target.port);
  const char* const names[] = {"host",    "port",        "dbname",           "user", "password",
                               "sslmode", "sslrootcert", "application_name", nullptr};
  const char* const values[] = {target.host.c_str(),
                                port.c_str(),
                                target.database.c_str(),
                                target.user.c_str(),
                                target.password.c_str(),
                                target.ssl_mode.c_str(),
                                target.ssl_root_certificate.c_str(),
                                "keyferry-dev runtime",
                                nullptr};
  Connection connection(PQconnectStartParams(names, values, 0));
  // Only the verbose form of an error during the connection carries its SQLSTATE.
  if (connection != nullptr) PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
  return connection;
}

// True when the socket is ready; false at the deadline or on `stop`.
bool wait_for_socket(PGconn* connection, short events, const Clock& clock, Deadline deadline,
                     const std::stop_token& stop) {
  while (!stop.stop_requested() && deadline.left(clock) > Duration::zero()) {
    pollfd wanted{PQsocket(connection), events, 0};
    if (::poll(&wanted, 1, kLookForStopMs) > 0) return true;
  }
  return false;
}

bool establish(PGconn* connection, const Clock& clock, Deadline deadline,
               const std::stop_token& stop) {
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
    const short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!wait_for_socket(connection, events, clock, deadline, stop)) return false;
    status = PQconnectPoll(connection);
  }
  return status == PGRES_POLLING_OK;
}

// Finds "FATAL:  28P01: ..." in a verbose error.
std::string state_in(std::string_view message) {
  for (std::string_view severity : {"FATAL:  ", "ERROR:  "}) {
    const std::size_t at = message.rfind(severity);
    if (at == std::string_view::npos) continue;
    const std::string_view state = message.substr(at + severity.size(), kStateLength);
    const bool whole =
        state.size() == kStateLength && std::all_of(state.begin(), state.end(), [](char c) {
          return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
        });
    if (whole) return std::string(state);
  }
  return {};
}

ConnectOutcome failure_of(PGconn* connection) {
  const std::string message(trim(PQerrorMessage(connection)));
  return {false, state_in(message), message.empty() ? "no answer in time" : message};
}

// The server's words without the statement, which may hold a password.
Status run_one(PGconn* connection, const std::string& statement) {
  const QueryResult result(PQexec(connection, statement.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return {};
  const char* words = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
  return Error(ErrorCode::kInvalidArgument,
               words == nullptr ? "the connection to the database ended" : words);
}

Status run_sql(const SqlWork& work, const Clock& clock) {
  const Connection connection(PQconnectStart(work.url.c_str()));
  const Deadline deadline = Deadline::in(clock, kSqlPatience);
  if (connection == nullptr || PQstatus(connection.get()) == CONNECTION_BAD ||
      !establish(connection.get(), clock, deadline, {})) {
    return Error(ErrorCode::kUnavailable, failure_of(connection.get()).message);
  }
  if (work.statements.empty()) return {};
  KF_TRY(run_one(connection.get(), "BEGIN"));
  for (const std::string& statement : work.statements) {
    KF_TRY(run_one(connection.get(), statement));
  }
  return run_one(connection.get(), "COMMIT");
}

}  // namespace

SqlRunner sql_runner(const Clock& clock) {
  return [&clock](const SqlWork& work) { return run_sql(work, clock); };
}

ConnectOutcome open_query_close(const DatabaseTarget& target, const Clock& clock, Deadline deadline,
                                const std::stop_token& stop) {
  const Connection connection = begin(target);
  if (connection == nullptr || PQstatus(connection.get()) == CONNECTION_BAD ||
      !establish(connection.get(), clock, deadline, stop)) {
    return failure_of(connection.get());
  }
  const QueryResult result(PQexec(connection.get(), "select 1"));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return failure_of(connection.get());
  return {true, {}, {}};
}

}  // namespace keyferry::dev
