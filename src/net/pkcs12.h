#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace keyferry {

// What a PKCS#12 file (RFC 7292) holds, each in the order of its bags.
struct Pkcs12Contents {
  std::vector<Secret> keys;               // PKCS#8 DER
  std::vector<std::string> certificates;  // X.509 DER
};

// Reads a file with an empty password, of the old kind (PBES1: RC2 and 3DES) and the modern
// (PBES2: AES). The old kind's RC2 is in OpenSSL's `legacy` provider, which is loaded for this
// alone. kInvalidArgument: no such file, or with a password; kUnimplemented: a cipher that this
// machine's OpenSSL lacks. Pure; any thread may call.
Result<Pkcs12Contents> read_pkcs12(const Secret& file);

}  // namespace keyferry
