#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace keyferry {

// "2026-01-31T12:00:00Z", with a fraction of a second and with an offset such as +01:00 too
// (RFC 3339). kInvalidArgument for anything else.
Result<WallTime> parse_timestamp(std::string_view text);

// "2026-01-31T12:00:00Z": in UTC, what is finer than a second cut off.
std::string to_timestamp(WallTime time);

}  // namespace keyferry
