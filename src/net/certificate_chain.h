#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace keyferry {

enum class ChainLinks { kWhole, kMissing };  // kMissing: an issuer is not among them

// Certificates (X.509 DER), the leaf first, then who issued it, up to the root: by the issuer's key
// identifiers. Where links are missing they stay in the order they came in.
struct CertificateChain {
  std::vector<std::string> certificates;
  ChainLinks links = ChainLinks::kWhole;
};

// kInvalidArgument: no certificate, none that no other one is issued by, or issuers in a circle.
// Pure; any thread may call.
Result<CertificateChain> chain_of(const std::vector<std::string>& certificates);

}  // namespace keyferry
