#include "dev/setting_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dev/database_target.h"
#include "dev/runtime_script.h"

namespace keyferry::dev {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(SettingRules, ValuesThatTheRuntimeTakesAndThoseItRefuses) {
  const std::tuple<const char*, const char*, bool> rows[] = {
      {"DatabaseHost", R"("pg")", true},
      {"DatabaseHost", "7", false},
      {"DatabaseType", R"("PostgreSQL")", true},
      {"DatabaseType", R"("mongodb")", false},
      {"SessionTimeout", "600", true},
      {"SessionTimeout", R"("600")", true},
      {"SessionTimeout", R"("ten")", false},
      {"SessionTimeout", "1.5", false},
      {"DatabaseUseSsl", "true", true},
      {"DatabaseUseSsl", R"("TRUE")", true},
      {"DatabaseUseSsl", R"("yes")", false},
      {"com.mendix.storage.s3.EncryptionKeys", "[]", true},
      {"com.mendix.storage.s3.EncryptionKeys", R"("[]")", false},
      {"MicroflowConstants", R"({"M.A":"a","M.B":1,"M.C":true})", true},
      {"MicroflowConstants", R"({"M.A":{}})", false},
      {"MicroflowConstants", R"({"M.A":null})", false},
      {"MicroflowConstants", R"("{}")", false},
      {"Unknown.Setting", "[1]", true},
      {"Unknown.Setting", "null", false},
  };
  for (const auto& [name, json, good] : rows) {
    EXPECT_EQ(setting_problem(name, *parse_json(json)).has_value(), !good) << name << ' ' << json;
  }
}

TEST(SettingRules, ARefusalNeverQuotesTheValue) {
  const auto problem = setting_problem("DatabaseType", Json("hunter22"));
  EXPECT_EQ(*problem,
            "Invalid value for setting DatabaseType: expected one of HSQLDB, MYSQL, ORACLE, "
            "POSTGRESQL, SAPHANA, SQLSERVER, got a string");
}

TEST(SettingRules, WhatARunningRuntimeTakes) {
  const std::tuple<const char*, const char*, bool> rows[] = {
      {"DatabasePassword", "9.22", true},
      {"DatabasePassword", "9.21.99", false},
      {"DatabasePassword", "10.0.0.1234", true},
      {"DatabaseHost", "10.24.14", false},
      {"com.mendix.storage.s3.SecretAccessKey", "7.0.0", true},
      {"com.mendix.storage.azure.AccountKey", "7.0.0", true},
      {"com.mendix.storage.s3.EndPoint", "11.6.0", false},
      {"MicroflowConstants", "11.6.0", false},
  };
  for (const auto& [name, version, live] : rows) {
    EXPECT_EQ(is_live_setting(name, runtime_version_of(version)), live) << name << ' ' << version;
  }
}

TEST(SettingRules, APasswordIsToldAllThatItLacks) {
  EXPECT_FALSE(password_problem("Admin-one-1!").has_value());
  const std::pair<const char*, const char*> rows[] = {
      {"Short1a", "at least 8 characters"},
      {"no-digits-Here", "a digit"},
      {"all-lower-1", "an upper-case letter"},
      {"ALL-UPPER-1", "a lower-case letter"},
      {"", "at least 8 characters, a digit, an upper-case letter, a lower-case letter"},
  };
  for (const auto& [password, words] : rows) {
    EXPECT_THAT(password_problem(password).value_or(""), HasSubstr(words)) << password;
  }
}

// "(null)" where there is nothing to connect to, else host:port/database as user.
std::string target_of(std::string_view settings) {
  const auto target = database_target_of(*parse_json(settings)->as_object());
  if (!target.ok()) return target.error().message();
  if (*target == nullptr) return "(null)";
  const DatabaseTarget& t = **target;
  return t.host + ":" + std::to_string(t.port) + "/" + t.database + " as " + t.user + " ssl " +
         t.ssl_mode + t.ssl_root_certificate;
}

TEST(DatabaseTarget, WhereTheSettingsLead) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"DatabaseType":"HSQLDB"})", "(null)"},
      {"{}", "(null)"},
      {R"({"DatabaseType":"POSTGRESQL","DatabaseHost":"pg","DatabaseName":"d","DatabaseUserName":"u"})",
       "pg:5432/d as u ssl prefer"},
      {R"({"DatabaseType":"PostgreSQL","DatabaseHost":"pg:5433","DatabaseName":"d","DatabaseUserName":"u"})",
       "pg:5433/d as u ssl prefer"},
      {R"({"DatabaseType":"PostgreSQL","DatabaseHost":"[::1]:5433","DatabaseName":"d","DatabaseUserName":"u"})",
       "::1:5433/d as u ssl prefer"},
      {R"({"DatabaseType":"PostgreSQL","DatabaseHost":"[::1]","DatabaseName":"d","DatabaseUserName":"u"})",
       "::1:5432/d as u ssl prefer"},
      {R"({"DatabaseType":"PostgreSQL","DatabaseHost":"ignored","DatabaseName":"ignored",
           "DatabaseJdbcUrl":"jdbc:postgresql://pg:1/a%20b?sslmode=verify-full&sslrootcert=%2Fca&x",
           "DatabaseUserName":"u"})",
       "pg:1/a b as u ssl verify-full/ca"},
  };
  for (const auto& [settings, target] : rows) EXPECT_EQ(target_of(settings), target) << settings;
}

TEST(DatabaseTarget, WhatIsWrongIsNamedByItsSetting) {
  const std::pair<const char*, const char*> rows[] = {
      {R"("DatabaseHost":"pg","DatabaseUserName":"u")", "DatabaseName: missing"},
      {R"("DatabaseName":"d","DatabaseUserName":"u")", "DatabaseHost: has an empty host"},
      {R"("DatabaseHost":"pg","DatabaseName":"d")", "DatabaseUserName: missing"},
      {R"("DatabaseHost":"pg:x","DatabaseName":"d")", "DatabaseHost: has a port that is no number"},
      {R"("DatabaseHost":"pg:70000","DatabaseName":"d")",
       "DatabaseHost: has a port that is no number"},
      {R"("DatabaseJdbcUrl":"jdbc:mysql://pg/d")", "does not begin with jdbc:postgresql:"},
      {R"("DatabaseJdbcUrl":"jdbc:postgresql://pg")",
       "DatabaseJdbcUrl: has no '/' between host and database"},
      {R"("DatabaseJdbcUrl":"jdbc:postgresql://pg/")", "DatabaseJdbcUrl: no database name"},
      {R"("DatabaseJdbcUrl":"jdbc:postgresql:///d")", "DatabaseUserName: missing"},
  };
  for (const auto& [settings, words] : rows) {
    EXPECT_THAT(target_of(std::string(R"({"DatabaseType":"PostgreSQL",)") + settings + "}"),
                HasSubstr(words));
  }
}

TEST(RuntimeScript, EveryMemberIsReadOrNamed) {
  const auto script = parse_runtime_script(*parse_json(
      R"({"refuse":{"A":"why","B":7},"start_results":[12,0],"delay_ms":{"start":20},
          "drop":{"start":1},"die_on":"echo","critical_errors":["x"],
          "health":{"health":"sick","diagnosis":"d"},"weak_admin_users":["MxAdmin"]})"));
  ASSERT_TRUE(script.ok()) << script.error().message();
  EXPECT_EQ(script->refuse.at("A"), "why");
  EXPECT_EQ(script->refuse.at("B"), "refused by script");
  EXPECT_THAT(script->start_results, testing::ElementsAre(12, 0));
  EXPECT_EQ(script->delays.at("start"), std::chrono::milliseconds(20));
  EXPECT_EQ(script->drops.at("start"), 1);
  EXPECT_EQ(script->health, "sick");
  const char* wrong[] = {"7",
                         R"({"refuse":7})",
                         R"({"start_results":7})",
                         R"({"health":{}})",
                         R"({"die_on":7})",
                         R"({"earthquake":1})"};
  for (const char* json : wrong) EXPECT_FALSE(parse_runtime_script(*parse_json(json)).ok()) << json;
  EXPECT_THAT(parse_runtime_script(*parse_json(R"({"earthquake":1})")).error().message(),
              HasSubstr("'earthquake'"));
}

}  // namespace
}  // namespace keyferry::dev
