#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace keyferry {

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7); nothing when it is not one. In seconds: finer
// ones do not reach to the year 9999.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

}  // namespace keyferry
