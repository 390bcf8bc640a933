#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace keyferry {

// One block of a PEM text (RFC 7468): "-----BEGIN LABEL-----" and what follows.
struct PemBlock {
  std::string label;  // "CERTIFICATE", "PRIVATE KEY"
  Secret bytes;       // DER
};

inline constexpr std::string_view kCertificateLabel = "CERTIFICATE";
inline constexpr std::string_view kPrivateKeyLabel = "PRIVATE KEY";
inline constexpr std::string_view kPublicKeyLabel = "PUBLIC KEY";

// The block as text: 64 characters a line, a line end after each.
Secret to_pem(std::string_view label, std::string_view bytes);

// Every whole block of the text, in order; text between blocks, headers inside them and blocks that
// are broken are left out, as other readers do.
std::vector<PemBlock> parse_pem(std::string_view text);

}  // namespace keyferry
