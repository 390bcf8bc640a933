#include "dev/database_target.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace keyferry::dev {
namespace {

Json::Object settings_with(std::string_view name, std::string_view value) {
  Json::Object settings{{"DatabaseType", "PostgreSQL"},
                        {"DatabaseName", "app"},
                        {"DatabaseHost", "db"},
                        {"DatabaseUserName", "me"},
                        {"DatabasePassword", "pw"}};
  settings.insert_or_assign(std::string(name), Json(value));
  return settings;
}

// "host:port/database ssl_mode certificate", or "? message".
std::string shown(const Json::Object& settings) {
  const auto target = database_target_of(settings);
  if (!target.ok()) return cat("? ", target.error().message());
  const DatabaseTarget& at = **target;
  return cat(at.host, ":", at.port, "/", at.database, " ", at.ssl_mode, at.ssl_root_certificate);
}

TEST(DatabaseTarget, ComesFromTheUrlOrFromHostAndName) {
  const struct {
    std::string_view setting;
    std::string_view value;
    std::string_view target;
  } rows[] = {
      {"DatabaseHost", "DB:5433", "db:5433/app prefer"},
      {"DatabaseHost", "[::1]:5433", "::1:5433/app prefer"},
      {"DatabaseHost", "", "? DatabaseHost: has an empty host"},
      {"DatabaseHost", "db:x", "? DatabaseHost: has a port that is no number from 1 to 65535"},
      {"DatabaseName", "", "? DatabaseName: missing"},
      {"DatabaseUserName", "", "? DatabaseUserName: missing"},
      {"DatabaseJdbcUrl", "jdbc:postgresql://a:1,b:2/shop", "a:1/shop prefer"},
      {"DatabaseJdbcUrl", "jdbc:postgresql://a/x%20y?sslmode=verify-full&sslrootcert=/ca",
       "a:5432/x y verify-full/ca"},
      {"DatabaseJdbcUrl", "jdbc:postgresql:shop", "localhost:5432/shop prefer"},
      {"DatabaseJdbcUrl", "jdbc:postgresql://a/", "? DatabaseJdbcUrl: no database name"},
      {"DatabaseJdbcUrl", "jdbc:sqlserver://a",
       "? DatabaseJdbcUrl: does not begin with jdbc:postgresql:"},
      {"DatabaseJdbcUrl", "postgresql://a/b", "? DatabaseJdbcUrl: does not begin with jdbc:"},
  };
  for (const auto& row : rows) EXPECT_EQ(shown(settings_with(row.setting, row.value)), row.target);
}

TEST(DatabaseTarget, OfAnotherDatabaseIsNone) {
  const auto target = database_target_of(settings_with("DatabaseType", "HSQLDB"));
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(*target, nullptr);
}

}  // namespace
}  // namespace keyferry::dev
