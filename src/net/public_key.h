#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace keyferry {

// Public keys by their numbers (big-endian), as SubjectPublicKeyInfo in DER.
// kInvalidArgument: the numbers are no such key. Pure; any thread may call.
Result<Secret> rsa_public_key_der(std::string_view modulus, std::string_view exponent);
// Curves by the names of JSON Web Keys: P-256, P-384, P-521; another is kUnimplemented.
Result<Secret> ec_public_key_der(std::string_view curve, std::string_view x, std::string_view y);

}  // namespace keyferry
