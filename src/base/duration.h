#pragma once

#include <chrono>
#include <string_view>

#include "base/result.h"

namespace keyferry {

// "500ms", "2s", "5m", "1h". kInvalidArgument otherwise; zero is refused, and more than a year.
Result<std::chrono::milliseconds> duration_of(std::string_view text);

}  // namespace keyferry
