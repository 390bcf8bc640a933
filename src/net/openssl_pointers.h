#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/secret.h"

// Owners of OpenSSL's things. Only for this room's .cc files.
namespace keyferry {

template <auto Free>
struct OpensslFree {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
template <class T, auto Free>
using OpensslPtr = std::unique_ptr<T, OpensslFree<Free>>;

using EvpKeyPtr = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using X509Ptr = OpensslPtr<X509, X509_free>;

inline const unsigned char* openssl_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// What an i2d_ function writes: DER. Empty when it fails.
template <class T, class Encode>
Secret der_of(const T* thing, Encode encode) {
  unsigned char* der = nullptr;
  const int size = encode(thing, &der);
  if (size <= 0) return {};
  Secret bytes(std::string_view(reinterpret_cast<char*>(der), static_cast<std::size_t>(size)));
  OPENSSL_clear_free(der, static_cast<std::size_t>(size));
  return bytes;
}

}  // namespace keyferry
