#include "net/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "base/strings.h"
#include "net/openssl_pointers.h"

namespace keyferry {

namespace {

using BnPtr = OpensslPtr<BIGNUM, BN_free>;
using BuilderPtr = OpensslPtr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using ParamsPtr = OpensslPtr<OSSL_PARAM, OSSL_PARAM_free>;
using ContextPtr = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

constexpr std::size_t kLargestNumber = 2048;  // bytes: RSA of 16384 bits

Result<Secret> der_of_key(const char* algorithm, OSSL_PARAM_BLD* builder) {
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder));
  const ContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EVP_PKEY* made = nullptr;
  const bool good = params != nullptr && context != nullptr &&
                    EVP_PKEY_fromdata_init(context.get()) == 1 &&
                    EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) == 1;
  const EvpKeyPtr key(made);
  Secret der = good ? der_of(key.get(), i2d_PUBKEY) : Secret();
  if (der.empty()) {
    return Error(ErrorCode::kInvalidArgument, cat("its numbers are no ", algorithm, " key"));
  }
  return der;
}

BnPtr number_of(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > kLargestNumber) return nullptr;
  return BnPtr(BN_bin2bn(openssl_bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

struct Curve {
  std::string_view name;
  const char* group;
  std::size_t size;
};
constexpr Curve kCurves[] = {
    {"P-256", "P-256", 32}, {"P-384", "P-384", 48}, {"P-521", "P-521", 66}};

// A coordinate with as many bytes as the curve's have; "" when it is longer.
std::string padded(std::string_view bytes, std::size_t size) {
  while (bytes.size() > size && bytes.front() == '\0') bytes.remove_prefix(1);
  if (bytes.size() > size) return "";
  return std::string(size - bytes.size(), '\0') + std::string(bytes);
}

}  // namespace

Result<Secret> rsa_public_key_der(std::string_view modulus, std::string_view exponent) {
  const BnPtr n = number_of(modulus);
  const BnPtr e = number_of(exponent);
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  const bool good = n != nullptr && e != nullptr && !BN_is_zero(n.get()) && !BN_is_zero(e.get()) &&
                    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
                    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1;
  if (!good) return Error(ErrorCode::kInvalidArgument, "its numbers are no RSA key");
  return der_of_key("RSA", builder.get());
}

Result<Secret> ec_public_key_der(std::string_view curve, std::string_view x, std::string_view y) {
  const Curve* known = nullptr;
  for (const Curve& one : kCurves) {
    if (one.name == curve) known = &one;
  }
  if (known == nullptr) {
    return Error(ErrorCode::kUnimplemented,
                 cat("its curve '", curve, "' is none of P-256, P-384 and P-521"));
  }
  const std::string point = cat('\x04', padded(x, known->size), padded(y, known->size));
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  const bool good = point.size() == 1 + 2 * known->size &&
                    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                                    known->group, 0) == 1 &&
                    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                                     point.data(), point.size()) == 1;
  if (!good) return Error(ErrorCode::kInvalidArgument, "its numbers are no EC key");
  return der_of_key("EC", builder.get());
}

}  // namespace keyferry
