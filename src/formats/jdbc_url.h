#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace keyferry {

// One server of a JDBC URL, or of a setting that holds a host only.
struct JdbcHost {
  std::string name;  // lower case; IPv6 without its brackets
  std::uint16_t port = 0;
  enum class Port { kWritten, kDefault } port_is = Port::kDefault;

  friend bool operator==(const JdbcHost&, const JdbcHost&) = default;
};

struct JdbcProperty {
  std::string name;  // as written
  std::string value;

  friend bool operator==(const JdbcProperty&, const JdbcProperty&) = default;
};

// Where a JDBC URL leads, as its vendor's driver reads it (pgjdbc, mssql-jdbc). Of any other vendor
// only the name is known.
struct JdbcUrl {
  enum class Vendor { kPostgresql, kSqlServer, kOther };

  Vendor vendor = Vendor::kOther;
  std::string vendor_name;               // "postgresql", "sqlserver", "oracle", …
  std::vector<JdbcHost> hosts;           // at least one; localhost where none is written
  std::string instance;                  // of SQL Server
  std::string database;                  // "" where none is written
  std::vector<JdbcProperty> properties;  // decoded, in the order written

  // Value of a property, the last of that name, which SQL Server compares without case. Null when
  // there is none.
  const std::string* find(std::string_view name) const;

  friend bool operator==(const JdbcUrl&, const JdbcUrl&) = default;
};

// jdbc:postgresql://HOST[:PORT][,…]/[DATABASE][?NAME=VALUE&…], jdbc:postgresql:[DATABASE],
// jdbc:sqlserver://[HOST[\INSTANCE][:PORT]][;NAME=VALUE…], jdbc:VENDOR:… . kInvalidArgument is a
// phrase for behind the setting's name ("has no '/' after the host"); it never quotes the URL,
// which may hold a password.
Result<JdbcUrl> parse_jdbc_url(std::string_view text);

// HOST, HOST:PORT or [IPv6]:PORT. kInvalidArgument as above.
Result<JdbcHost> parse_jdbc_host(std::string_view text, std::uint16_t default_port);

inline constexpr std::uint16_t kPostgresqlPort = 5432;
inline constexpr std::uint16_t kSqlServerPort = 1433;

}  // namespace keyferry
