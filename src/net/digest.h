#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace keyferry {

// HMAC-SHA256 (RFC 2104) of the pieces one after the other: 32 raw bytes.
std::string hmac_sha256(const Secret& key, std::initializer_list<std::string_view> pieces);

// Bytes nobody can guess.
Secret random_bytes(std::size_t size);

// A share in [0, 1) for jitter.
double random_share();

}  // namespace keyferry
