#include "dev/database_target.h"

#include "base/strings.h"
#include "formats/jdbc_url.h"

namespace keyferry::dev {
namespace {

Error wrong(std::string_view setting, std::string_view what) {
  return {ErrorCode::kInvalidArgument, cat(setting, ": ", what)};
}

std::string text_setting(const Json::Object& settings, std::string_view name) {
  const auto found = settings.find(name);
  const std::string* text = found == settings.end() ? nullptr : found->second.as_string();
  return text == nullptr ? std::string() : *text;
}

void take_host(const JdbcHost& host, DatabaseTarget& target) {
  target.host = host.name;
  target.port = host.port;
}

Status read_host(std::string_view text, DatabaseTarget& target) {
  const auto host = parse_jdbc_host(text, kPostgresqlPort);
  if (!host.ok()) return wrong("DatabaseHost", host.error().message());
  take_host(*host, target);
  return {};
}

// Of several hosts the first one: this runtime knows no failover.
Status read_jdbc_url(std::string_view text, DatabaseTarget& target) {
  constexpr std::string_view kSetting = "DatabaseJdbcUrl";
  const auto url = parse_jdbc_url(text);
  if (!url.ok()) return wrong(kSetting, url.error().message());
  if (url->vendor != JdbcUrl::Vendor::kPostgresql) {
    return wrong(kSetting, "does not begin with jdbc:postgresql:");
  }
  if (url->database.empty()) return wrong(kSetting, "no database name");
  take_host(url->hosts.front(), target);
  target.database = url->database;
  if (const std::string* mode = url->find("sslmode")) target.ssl_mode = *mode;
  if (const std::string* file = url->find("sslrootcert")) target.ssl_root_certificate = *file;
  return {};
}

}  // namespace

Result<std::shared_ptr<const DatabaseTarget>> database_target_of(const Json::Object& settings) {
  if (to_lower(text_setting(settings, "DatabaseType")) != "postgresql") {
    return std::shared_ptr<const DatabaseTarget>();
  }
  auto target = std::make_shared<DatabaseTarget>();
  const std::string url = text_setting(settings, "DatabaseJdbcUrl");
  if (url.empty()) {
    target->database = text_setting(settings, "DatabaseName");
    if (target->database.empty()) return wrong("DatabaseName", "missing");
    KF_TRY(read_host(text_setting(settings, "DatabaseHost"), *target));
  } else {
    KF_TRY(read_jdbc_url(url, *target));
  }
  target->user = text_setting(settings, "DatabaseUserName");
  target->password = text_setting(settings, "DatabasePassword");
  if (target->user.empty()) return wrong("DatabaseUserName", "missing");
  return std::shared_ptr<const DatabaseTarget>(std::move(target));
}

}  // namespace keyferry::dev
