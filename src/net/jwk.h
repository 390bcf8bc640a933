#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace keyferry {

// Kinds of key pairs, by the names JSON Web Keys give curves (RFC 7518 6.2.1.1; P-256K is
// secp256k1).
enum class KeyKind { kRsa2048, kRsa3072, kRsa4096, kP256, kP384, kP521, kP256K };

// A fresh private key, PKCS#8 PEM.
Result<Secret> make_private_key(KeyKind kind);

// The public half of a key as the members of a JSON Web Key, all base64url without padding.
struct PublicJwk {
  std::string kty;   // "RSA" or "EC"
  std::string n, e;  // of RSA
  std::string crv, x, y;
};

// Of a private or public key in PEM. kInvalidArgument: neither, or not RSA or EC.
Result<PublicJwk> public_jwk_of(const Secret& pem);

}  // namespace keyferry
