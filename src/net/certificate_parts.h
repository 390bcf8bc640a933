#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "net/jwk.h"

namespace keyferry {

// A certificate with its private key, taken out of the file they came in.
struct CertificateParts {
  Secret private_key_pem;              // PKCS#8
  std::string leaf_der;                // the certificate of that key
  std::vector<std::string> chain_der;  // the others, in the order in which they came
  std::string subject;                 // of the leaf: "CN=shop,O=Example"
  std::string sha1;                    // of leaf_der, raw
  std::int64_t not_before = 0;         // Unix seconds
  std::int64_t not_after = 0;
};

// PKCS#12; encrypted in the old ways (SHA-1 and 3DES) or with PBES2. kInvalidArgument: another
// password, or no private key with its certificate inside.
Result<CertificateParts> read_pfx(const Secret& pfx, const Secret& password);

// PEM: a private key and certificates, one of them that key's.
Result<CertificateParts> read_pem_parts(const Secret& pem);

// A fresh key and a certificate that it signed itself.
struct SelfSigned {
  std::string common_name;
  KeyKind kind = KeyKind::kRsa2048;
  std::int64_t not_before = 0;  // Unix seconds
  std::int64_t not_after = 0;
};
Result<CertificateParts> make_self_signed(const SelfSigned& wish);

// The private key and the certificates, the leaf first.
Secret write_pem(const CertificateParts& parts);

// PKCS#12 with an empty password (PBES2, AES-256).
Result<Secret> write_pfx(const CertificateParts& parts);

}  // namespace keyferry
