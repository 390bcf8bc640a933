#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace keyferry {

// An absolute http or https address (RFC 3986), without user and fragment.
struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; IPv6 without its brackets
  std::uint16_t port = 0;
  std::string path;   // as written, "" when there is none
  std::string query;  // as written, without '?'

  friend bool operator==(const Url&, const Url&) = default;
};

// kInvalidArgument says which part is wrong; user names, passwords and fragments are refused.
Result<Url> parse_url(std::string_view text);

// "https://vault.example:8200", the port left out where it is the scheme's own.
std::string origin_of(const Url& url);

// Origin, path and query again; an empty path becomes "/".
std::string to_text(const Url& url);

// Where a Location header leads from `base`: an absolute address, one without scheme ("//host/x")
// or a path ("/x").
Result<Url> resolve_location(const Url& base, std::string_view location);

}  // namespace keyferry
