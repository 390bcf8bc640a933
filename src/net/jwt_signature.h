#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace keyferry {

// Signatures of JSON Web Tokens (RFC 7518): ES256 (P-256, SHA-256, raw r||s) and RS256. Pure
// functions; any thread may call.
enum class JwtAlgorithm { kEs256, kRs256 };

// A fresh P-256 private key, PKCS#8 PEM.
Result<Secret> make_p256_key();

// The public half of a private key (PEM both). kInvalidArgument: not a private key in PEM.
Result<std::string> public_key_of(const Secret& private_key_pem);

// The ES256 signature of `text`, 64 raw bytes. kInvalidArgument: not a P-256 private key in PEM.
Result<std::string> sign_es256(std::string_view text, const Secret& private_key_pem);

// kUnauthenticated: the signature is not of this text by this key; kInvalidArgument: the key is not
// a public key in PEM, or of another kind than the algorithm needs.
Status verify_signature(JwtAlgorithm algorithm, std::string_view text, std::string_view signature,
                        std::string_view public_key_pem);

}  // namespace keyferry
