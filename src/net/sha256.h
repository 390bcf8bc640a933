#pragma once

#include <string>
#include <string_view>

namespace keyferry {

// SHA-256 of the bytes: 32 raw bytes.
std::string sha256(std::string_view bytes);

}  // namespace keyferry
