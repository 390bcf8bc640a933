#include "net/jwk.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/encoding.h"
#include "net/openssl_pointers.h"

namespace keyferry {
namespace {

using BioPtr = OpensslPtr<BIO, BIO_free_all>;
using NumberPtr = OpensslPtr<BIGNUM, BN_free>;

struct Curve {
  std::string_view jwk_name, openssl_name;
  int bytes;  // of a coordinate
};
constexpr Curve kCurves[] = {{"P-256", "prime256v1", 32},
                             {"P-384", "secp384r1", 48},
                             {"P-521", "secp521r1", 66},
                             {"P-256K", "secp256k1", 32}};

EVP_PKEY* generate(KeyKind kind) {
  switch (kind) {
    case KeyKind::kRsa2048:
      return EVP_RSA_gen(2048U);
    case KeyKind::kRsa3072:
      return EVP_RSA_gen(3072U);
    case KeyKind::kRsa4096:
      return EVP_RSA_gen(4096U);
    case KeyKind::kP256:
      return EVP_EC_gen("prime256v1");
    case KeyKind::kP384:
      return EVP_EC_gen("secp384r1");
    case KeyKind::kP521:
      return EVP_EC_gen("secp521r1");
    case KeyKind::kP256K:
      return EVP_EC_gen("secp256k1");
  }
  return nullptr;
}

int no_pass_phrase(char*, int, int, void*) { return -1; }

EvpKeyPtr read_key(const Secret& pem) {
  const std::string_view text = pem.expose();
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (text.find("PUBLIC KEY") != std::string_view::npos) {
    return EvpKeyPtr(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_pass_phrase, nullptr));
  }
  return EvpKeyPtr(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr));
}

// A number of the key, big-endian, at least `bytes` long.
std::string number_of(const EVP_PKEY* key, const char* name, int bytes) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return {};
  const NumberPtr number(raw);
  std::string binary(static_cast<std::size_t>(std::max(bytes, BN_num_bytes(raw))), '\0');
  BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(binary.data()),
               static_cast<int>(binary.size()));
  std::string text = base64url_encode(binary);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

Error unsupported() { return {ErrorCode::kInvalidArgument, "not an RSA or EC key in PEM"}; }

Result<PublicJwk> ec_jwk_of(const EVP_PKEY* key) {
  char name[32] = {};
  std::size_t size = 0;
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof name, &size) !=
      1) {
    return unsupported();
  }
  for (const Curve& curve : kCurves) {
    if (curve.openssl_name != name) continue;
    PublicJwk jwk;
    jwk.kty = "EC";
    jwk.crv = curve.jwk_name;
    jwk.x = number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, curve.bytes);
    jwk.y = number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, curve.bytes);
    return jwk;
  }
  return unsupported();
}

}  // namespace

Result<Secret> make_private_key(KeyKind kind) {
  const EvpKeyPtr key(generate(kind));
  const BioPtr out(BIO_new(BIO_s_secmem()));
  if (key == nullptr || out == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return Error(ErrorCode::kInternal, "cannot make a private key");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return Secret({data, static_cast<std::size_t>(size)});
}

Result<PublicJwk> public_jwk_of(const Secret& pem) {
  const EvpKeyPtr key = read_key(pem);
  if (key == nullptr) return unsupported();
  if (EVP_PKEY_is_a(key.get(), "EC") == 1) return ec_jwk_of(key.get());
  if (EVP_PKEY_is_a(key.get(), "RSA") != 1) return unsupported();
  PublicJwk jwk;
  jwk.kty = "RSA";
  jwk.n = number_of(key.get(), OSSL_PKEY_PARAM_RSA_N, 0);
  jwk.e = number_of(key.get(), OSSL_PKEY_PARAM_RSA_E, 0);
  return jwk;
}

}  // namespace keyferry
