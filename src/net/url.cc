#include "net/url.h"

#include <charconv>

#include "base/strings.h"

namespace keyferry {

namespace {

Error bad(std::string_view what) {
  return {ErrorCode::kInvalidArgument,
          cat("not an address: ", what, "; write it like https://host:8200/path")};
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_ipv6_character(char c) {
  return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

bool all_of(std::string_view text, bool (*is)(char)) {
  for (const char c : text) {
    if (!is(c)) return false;
  }
  return !text.empty();
}

bool is_printable(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c == 0x7f) return false;
  }
  return true;
}

// "host", "host:port", "[v6]:port".
Status read_authority(std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos) {
    return bad("it holds a user name, which does not belong in it");
  }
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return bad("the ']' of an IPv6 host is missing");
    url.host = to_lower(authority.substr(1, end - 1));
    if (!all_of(url.host, is_ipv6_character)) return bad("the IPv6 host is not one");
    port = authority.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return bad("after ']' comes ':' and the port");
  } else {
    const auto colon = authority.find(':');
    url.host = to_lower(authority.substr(0, colon));
    if (url.host.empty()) return bad("the host is missing");
    if (!all_of(url.host, is_host_character)) {
      return bad(cat("the host '", url.host, "' has characters that no host has"));
    }
    if (colon != std::string_view::npos) port = authority.substr(colon);
  }
  url.port = url.scheme == "https" ? 443 : 80;
  if (port.size() <= 1) return {};
  port.remove_prefix(1);
  const auto read = std::from_chars(port.data(), port.data() + port.size(), url.port);
  if (read.ec != std::errc() || read.ptr != port.data() + port.size() || url.port == 0) {
    return bad(cat("the port '", port, "' is not a number from 1 to 65535"));
  }
  return {};
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  Url url;
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return bad("http:// or https:// is missing");
  url.scheme = to_lower(text.substr(0, scheme_end));
  if (url.scheme != "http" && url.scheme != "https") {
    return bad(cat("scheme '", url.scheme, "' is neither http nor https"));
  }
  if (!is_printable(text)) return bad("it holds a blank or a control character");
  if (text.find('#') != std::string_view::npos) return bad("it holds a fragment (#)");
  text.remove_prefix(scheme_end + 3);
  const auto authority_end = text.find_first_of("/?");
  KF_TRY(read_authority(text.substr(0, authority_end), url));
  if (authority_end == std::string_view::npos) return url;
  text.remove_prefix(authority_end);
  const auto query = text.find('?');
  url.path = text.substr(0, query);
  if (query != std::string_view::npos) url.query = text.substr(query + 1);
  return url;
}

std::string origin_of(const Url& url) {
  const bool ipv6 = url.host.find(':') != std::string::npos;
  std::string origin = cat(url.scheme, "://", ipv6 ? "[" : "", url.host, ipv6 ? "]" : "");
  if (url.port != (url.scheme == "https" ? 443 : 80)) origin += cat(':', url.port);
  return origin;
}

std::string to_text(const Url& url) {
  return cat(origin_of(url), url.path.empty() ? "/" : url.path, url.query.empty() ? "" : "?",
             url.query);
}

Result<Url> resolve_location(const Url& base, std::string_view location) {
  if (location.starts_with("//")) return parse_url(cat(base.scheme, ":", location));
  if (location.starts_with('/')) return parse_url(cat(origin_of(base), location));
  return parse_url(location);
}

}  // namespace keyferry
