// JDBC URLs: what was read can be written and reads the same, and what was refused is not quoted.
#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"
#include "formats/jdbc_url.h"
#include "fuzz/promise.h"

namespace keyferry::fuzz {
namespace {

std::string written(const JdbcHost& host) {
  const bool is_v6 = host.name.find(':') != std::string::npos;
  std::string text = is_v6 ? cat("[", host.name, "]") : host.name;
  if (host.port_is == JdbcHost::Port::kWritten) text += cat(":", host.port);
  return text;
}

std::string postgresql_text(const JdbcUrl& url) {
  std::vector<std::string> hosts;
  for (const JdbcHost& host : url.hosts) hosts.push_back(written(host));
  std::string text = cat("jdbc:postgresql://", join(hosts, ","), "/", percent_encode(url.database));
  for (const JdbcProperty& property : url.properties) {
    text += cat(&property == &url.properties.front() ? "?" : "&", property.name, "=",
                percent_encode(property.value));
  }
  return text;
}

// Every value in braces. The address goes into properties, which win over it.
std::string sql_server_text(const JdbcUrl& url) {
  std::string text = "jdbc:sqlserver://";
  for (const JdbcProperty& property : url.properties) {
    std::string value;
    for (const char c : property.value) value += c == '}' ? std::string("}}") : std::string(1, c);
    text += cat(";", property.name, "={", value, "}");
  }
  return text;
}

bool has_property(const JdbcUrl& url, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return url.find(name) != nullptr; });
}

void check_postgresql(const JdbcUrl& url) {
  const auto again = parse_jdbc_url(postgresql_text(url));
  promise(again.ok() && *again == url, "a URL of PostgreSQL that was written reads the same");
}

void check_sql_server(const JdbcUrl& url) {
  promise(url.hosts.size() == 1, "a URL of SQL Server has one host");
  const auto again = parse_jdbc_url(sql_server_text(url));
  promise(again.ok() && again->properties == url.properties && again->database == url.database,
          "properties in braces read the same");
  if (has_property(url, {"portNumber", "port"})) {
    promise(again->hosts.front().port == url.hosts.front().port, "a port property wins");
  }
}

void check_url(const JdbcUrl& url) {
  promise(!url.vendor_name.empty(), "a URL names its vendor");
  promise(url.hosts.empty() == (url.vendor == JdbcUrl::Vendor::kOther),
          "a URL we read has hosts, another has none");
  for (const JdbcHost& host : url.hosts) {
    promise(!host.name.empty() && host.port != 0, "a host has a name and a port");
    promise(host.name == to_lower(host.name), "a host is in lower case");
  }
  for (const JdbcProperty& property : url.properties) {
    promise(!property.name.empty(), "a property has a name");
    promise(url.find(property.name) != nullptr, "a property is found by its name");
  }
  switch (url.vendor) {
    case JdbcUrl::Vendor::kPostgresql:
      return check_postgresql(url);
    case JdbcUrl::Vendor::kSqlServer:
      return check_sql_server(url);
    case JdbcUrl::Vendor::kOther:
      promise(url.properties.empty() && url.database.empty(), "of others only the vendor is known");
      return;
  }
}

void check_host(std::string_view text) {
  const auto host = parse_jdbc_host(text, kPostgresqlPort);
  if (!host.ok()) return;
  const auto again = parse_jdbc_host(written(*host), kPostgresqlPort);
  promise(again.ok() && *again == *host, "a host that was written reads the same");
}

void check(std::string_view text) {
  const auto url = parse_jdbc_url(text);
  if (url.ok()) check_url(*url);
  const Marked secret = marked(text);
  const auto refused = parse_jdbc_url(secret.text);
  promise(refused.ok() || !secret.is_shown_in(refused.error().message()),
          "why a URL was refused does not quote it");
  check_host(text);
}

}  // namespace
}  // namespace keyferry::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keyferry::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
