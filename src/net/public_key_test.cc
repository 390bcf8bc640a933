#include "net/public_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/core_names.h>

#include "net/openssl_pointers.h"

namespace keyferry {
namespace {

using ::testing::HasSubstr;

std::string number(const EvpKeyPtr& key, const char* name) {
  BIGNUM* value = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key.get(), name, &value), 1) << name;
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
  BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
  BN_free(value);
  return bytes;
}

TEST(PublicKey, AnRsaKeyIsWhatOpensslWrites) {
  const EvpKeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}));
  const auto made =
      rsa_public_key_der(number(key, OSSL_PKEY_PARAM_RSA_N), number(key, OSSL_PKEY_PARAM_RSA_E));
  ASSERT_TRUE(made.ok()) << made.error().message();
  EXPECT_EQ(made->expose(), der_of(key.get(), i2d_PUBKEY).expose());
}

TEST(PublicKey, AnEcKeyIsWhatOpensslWrites) {
  for (const char* curve : {"P-256", "P-384", "P-521"}) {
    const EvpKeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
    const std::string x = number(key, OSSL_PKEY_PARAM_EC_PUB_X);  // without zeros in front
    const std::string y = number(key, OSSL_PKEY_PARAM_EC_PUB_Y);
    for (const char* zeros : {"", "0"}) {
      const std::string padding(*zeros == '0' ? 3 : 0, '\0');
      const auto made = ec_public_key_der(curve, padding + x, padding + y);
      ASSERT_TRUE(made.ok()) << made.error().message();
      EXPECT_EQ(made->expose(), der_of(key.get(), i2d_PUBKEY).expose()) << curve;
    }
  }
}

TEST(PublicKey, NumbersThatAreNoKeyAreRefused) {
  EXPECT_FALSE(rsa_public_key_der("", "\x03").ok());
  EXPECT_FALSE(rsa_public_key_der("\x03", "").ok());
  EXPECT_FALSE(rsa_public_key_der(std::string(3000, '\x7F'), "\x03").ok());
  EXPECT_FALSE(ec_public_key_der("P-256", "", "").ok());
  EXPECT_FALSE(ec_public_key_der("P-256", "\x01", "\x01").ok()) << "not on the curve";
  EXPECT_FALSE(ec_public_key_der("P-256", std::string(33, 'x'), "y").ok());
  const auto other = ec_public_key_der("P-256K", "x", "y");
  EXPECT_EQ(other.error().code(), ErrorCode::kUnimplemented);
  EXPECT_THAT(other.error().message(), HasSubstr("'P-256K' is none of P-256, P-384 and P-521"));
}

}  // namespace
}  // namespace keyferry
