#include "formats/jdbc_url.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry {

namespace {

constexpr std::string_view kLocal = "localhost";

Error wrong(std::string_view what) { return {ErrorCode::kInvalidArgument, std::string(what)}; }

Status read_port(std::string_view digits, JdbcHost& host) {
  const char* end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, host.port);
  if (problem != std::errc() || stop != end || host.port == 0) {
    return wrong("has a port that is no number from 1 to 65535");
  }
  host.port_is = JdbcHost::Port::kWritten;
  return {};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Its characters only, and after '%' the name of a zone: "fe80::1%eth0".
bool is_ipv6(std::string_view text) {
  const auto zone_at = std::min(text.find('%'), text.size());
  const std::string_view address = text.substr(0, zone_at);
  const std::string_view zone = text.substr(zone_at);
  return address.find(':') != std::string_view::npos &&
         address.find_first_not_of("0123456789abcdef:.") == std::string_view::npos &&
         std::all_of(zone.begin(), zone.end(),
                     [](char c) { return is_digit(c) || is_letter(c) || c == '%'; });
}

// Takes the name off the front; what is left is "" or ":PORT".
Result<std::string> take_name(std::string_view& text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return wrong("has a '[' without a ']'");
    const std::string name = to_lower(text.substr(1, end - 1));
    if (!is_ipv6(name)) return wrong("has something other than an IPv6 address in [ ]");
    text.remove_prefix(end + 1);
    if (!text.empty() && text.front() != ':') return wrong("has more than ':PORT' behind a ']'");
    return name;
  }
  const std::string_view name = text.substr(0, text.find(':'));
  if (name.empty()) return wrong("has an empty host");
  if (name.find('@') != std::string_view::npos) {
    return wrong("has an '@' in the host; user and password have keys of their own");
  }
  const bool is_good = std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 0x7f ||
           std::string_view("/\\?#,;=[]{}").find(c) != std::string_view::npos;
  });
  if (!is_good) return wrong("has a character in the host that no host has");
  text.remove_prefix(name.size());
  return to_lower(name);
}

// As the driver decodes: '+' is a blank too.
Result<std::string> decoded(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  auto plain = percent_decode(spaced);
  if (!plain.ok()) return wrong("has a '%' without two hex digits behind it; write %25 for '%'");
  return plain;
}

Status read_postgresql_hosts(std::string_view list, JdbcUrl& url) {
  if (list.empty()) return {};
  for (const std::string_view one : split(list, ',')) {
    KF_ASSIGN(JdbcHost host, parse_jdbc_host(one, kPostgresqlPort));
    url.hosts.push_back(std::move(host));
  }
  return {};
}

Status read_postgresql_properties(std::string_view query, JdbcUrl& url) {
  for (const std::string_view pair : split(query, '&')) {
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    JdbcProperty property{std::string(pair.substr(0, equals)), ""};
    if (property.name.empty()) return wrong("has a parameter without a name");
    if (equals != std::string_view::npos) {
      KF_ASSIGN(property.value, decoded(pair.substr(equals + 1)));
    }
    url.properties.push_back(std::move(property));
  }
  return {};
}

// Behind "jdbc:postgresql:".
Status read_postgresql(std::string_view text, JdbcUrl& url) {
  const auto question = text.find('?');
  std::string_view place = text.substr(0, question);
  if (place.starts_with("//")) {
    place.remove_prefix(2);
    const auto slash = place.find('/');
    if (slash == std::string_view::npos) return wrong("has no '/' between host and database");
    KF_TRY(read_postgresql_hosts(place.substr(0, slash), url));
    place.remove_prefix(slash + 1);
  } else if (place.starts_with('/')) {
    place.remove_prefix(1);
  }
  if (place.find('/') != std::string_view::npos) {
    return wrong("has a '/' too many; one in a database's name is written %2F");
  }
  KF_ASSIGN(url.database, decoded(place));
  if (url.hosts.empty()) url.hosts.push_back({std::string(kLocal), kPostgresqlPort});
  if (question == std::string_view::npos) return {};
  return read_postgresql_properties(text.substr(question + 1), url);
}

// Takes a value off the front, up to its ';': in braces, where "}}" is a brace, or as it is.
Result<std::string> take_value(std::string_view& text) {
  text = trim(text);
  if (!text.starts_with('{')) {
    const std::string_view value = text.substr(0, text.find(';'));
    text.remove_prefix(value.size());
    return std::string(trim(value));
  }
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '}') {
      value += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '}') {
      value += text[i++];
    } else {
      text = trim(text.substr(i + 1));
      if (!text.empty() && text.front() != ';') return wrong("has something between a '}' and ';'");
      return value;
    }
  }
  return wrong("has a '{' without a '}'; a '}' inside of braces is written twice");
}

Status read_sql_server_properties(std::string_view text, JdbcUrl& url) {
  for (text = trim(text); !text.empty(); text = trim(text)) {
    if (text.front() == ';') {
      text.remove_prefix(1);
      continue;
    }
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || text.find(';') < equals) {
      return wrong("has a property without '='; a ';' inside of a value is written {;}");
    }
    JdbcProperty property{std::string(trim(text.substr(0, equals))), ""};
    if (property.name.empty()) return wrong("has a property without a name");
    text.remove_prefix(equals + 1);
    KF_ASSIGN(property.value, take_value(text));
    url.properties.push_back(std::move(property));
  }
  return {};
}

const std::string* either(const JdbcUrl& url, std::string_view name, std::string_view synonym) {
  const std::string* value = url.find(name);
  return value != nullptr ? value : url.find(synonym);
}

// Some properties say the same as a part of the address, and then win.
Status apply_sql_server_properties(JdbcUrl& url) {
  JdbcHost& host = url.hosts.front();
  const std::string* server = either(url, "serverName", "server");
  if (server != nullptr && !server->empty()) {
    const auto backslash = server->find('\\');
    host.name = to_lower(server->substr(0, backslash));
    if (host.name.empty()) return wrong("has an empty host");
    if (backslash != std::string::npos) url.instance = server->substr(backslash + 1);
  }
  if (const std::string* port = either(url, "portNumber", "port"); port != nullptr) {
    KF_TRY(read_port(*port, host));
  }
  if (const std::string* name = url.find("instanceName"); name != nullptr) url.instance = *name;
  if (const std::string* name = either(url, "databaseName", "database"); name != nullptr) {
    url.database = *name;
  }
  return {};
}

// Behind "jdbc:sqlserver:".
Status read_sql_server(std::string_view text, JdbcUrl& url) {
  if (!text.starts_with("//")) return wrong("does not begin with jdbc:sqlserver://");
  text.remove_prefix(2);
  const auto semicolon = text.find(';');
  const std::string_view place = trim(text.substr(0, semicolon));
  std::string server(place);
  if (const auto backslash = place.find('\\'); backslash != std::string_view::npos) {
    const auto colon = place.find(':', backslash);
    url.instance =
        trim(place.substr(backslash + 1, colon == std::string_view::npos ? std::string_view::npos
                                                                         : colon - backslash - 1));
    server = cat(place.substr(0, backslash),
                 colon == std::string_view::npos ? std::string_view() : place.substr(colon));
  }
  JdbcHost host{std::string(kLocal), kSqlServerPort};
  if (!server.empty()) {
    KF_ASSIGN(host, parse_jdbc_host(server, kSqlServerPort));
  }
  url.hosts.push_back(std::move(host));
  if (semicolon == std::string_view::npos) return {};
  KF_TRY(read_sql_server_properties(text.substr(semicolon + 1), url));
  return apply_sql_server_properties(url);
}

bool is_vendor_character(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == '+';
}

}  // namespace

const std::string* JdbcUrl::find(std::string_view name) const {
  const auto is_it = [&](const JdbcProperty& property) {
    return vendor == Vendor::kSqlServer ? to_lower(property.name) == to_lower(name)
                                        : property.name == name;
  };
  const auto found = std::find_if(properties.rbegin(), properties.rend(), is_it);
  return found == properties.rend() ? nullptr : &found->value;
}

Result<JdbcUrl> parse_jdbc_url(std::string_view text) {
  constexpr std::string_view kJdbc = "jdbc:";
  if (!text.starts_with(kJdbc)) return wrong("does not begin with jdbc:");
  text.remove_prefix(kJdbc.size());
  const auto colon = text.find(':');
  JdbcUrl url;
  url.vendor_name = text.substr(0, colon);
  if (colon == std::string_view::npos || url.vendor_name.empty() ||
      !std::all_of(url.vendor_name.begin(), url.vendor_name.end(), is_vendor_character)) {
    return wrong("has no vendor behind jdbc:");
  }
  text.remove_prefix(colon + 1);
  if (url.vendor_name == "postgresql") {
    url.vendor = JdbcUrl::Vendor::kPostgresql;
    KF_TRY(read_postgresql(text, url));
  } else if (url.vendor_name == "sqlserver") {
    url.vendor = JdbcUrl::Vendor::kSqlServer;
    KF_TRY(read_sql_server(text, url));
  }
  return url;
}

Result<JdbcHost> parse_jdbc_host(std::string_view text, std::uint16_t default_port) {
  JdbcHost host;
  host.port = default_port;
  KF_ASSIGN(host.name, take_name(text));
  if (!text.empty()) {
    KF_TRY(read_port(text.substr(1), host));
  }
  return host;
}

}  // namespace keyferry
