#include "dev/database_target.h"

#include <charconv>

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kJdbc = "jdbc:postgresql://";

Error wrong(std::string_view setting, std::string_view what) {
  return {ErrorCode::kInvalidArgument, cat(setting, ": ", what)};
}

std::string text_setting(const Json::Object& settings, std::string_view name) {
  const auto found = settings.find(name);
  const std::string* text = found == settings.end() ? nullptr : found->second.as_string();
  return text == nullptr ? std::string() : *text;
}

// "host", "host:5432", "[::1]:5432": the port stands behind the last colon outside of brackets.
Status read_host(std::string_view text, std::string_view setting, DatabaseTarget& target) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  std::string_view host = has_port ? text.substr(0, colon) : text;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) return wrong(setting, "no host");
  target.host = host;
  if (!has_port) return {};
  const std::string_view digits = text.substr(colon + 1);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), target.port);
  if (error != std::errc() || end != digits.data() + digits.size())
    return wrong(setting, "bad port");
  return {};
}

Status read_parameter(std::string_view pair, DatabaseTarget& target) {
  const std::size_t equals = pair.find('=');
  const std::string_view name = pair.substr(0, equals);
  if (equals == std::string_view::npos) return {};
  KF_ASSIGN(const std::string value, percent_decode(pair.substr(equals + 1)));
  if (name == "sslmode") target.ssl_mode = value;
  if (name == "sslrootcert") target.ssl_root_certificate = value;
  return {};
}

Status read_jdbc_url(std::string_view url, DatabaseTarget& target) {
  constexpr std::string_view setting = "DatabaseJdbcUrl";
  if (!url.starts_with(kJdbc)) return wrong(setting, "does not begin with jdbc:postgresql://");
  url.remove_prefix(kJdbc.size());
  const std::size_t question = url.find('?');
  const std::string_view address = url.substr(0, question);
  const std::size_t slash = address.find('/');
  if (slash == std::string_view::npos || slash + 1 == address.size())
    return wrong(setting, "no database name");
  KF_TRY(read_host(address.substr(0, slash), setting, target));
  KF_ASSIGN(target.database, percent_decode(address.substr(slash + 1)));
  if (question == std::string_view::npos) return {};
  for (std::string_view pair : split(url.substr(question + 1), '&'))
    KF_TRY(read_parameter(pair, target));
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
    KF_TRY(read_host(text_setting(settings, "DatabaseHost"), "DatabaseHost", *target));
  } else {
    KF_TRY(read_jdbc_url(url, *target));
  }
  target->user = text_setting(settings, "DatabaseUserName");
  target->password = text_setting(settings, "DatabasePassword");
  if (target->user.empty()) return wrong("DatabaseUserName", "missing");
  return std::shared_ptr<const DatabaseTarget>(std::move(target));
}

}  // namespace keyferry::dev
