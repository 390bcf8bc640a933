#include "net/jwk.h"

#include <gtest/gtest.h>

#include "net/jwt_signature.h"

namespace keyferry {
namespace {

TEST(Jwk, TheCurveAndTheLengthOfItsCoordinates) {
  const std::tuple<KeyKind, const char*, std::size_t> rows[] = {{KeyKind::kP256, "P-256", 43},
                                                                {KeyKind::kP384, "P-384", 64},
                                                                {KeyKind::kP521, "P-521", 88},
                                                                {KeyKind::kP256K, "P-256K", 43}};
  for (const auto& [kind, name, size] : rows) {
    const auto jwk = public_jwk_of(make_private_key(kind).value());
    ASSERT_TRUE(jwk.ok()) << name;
    EXPECT_EQ(jwk->kty, "EC");
    EXPECT_EQ(jwk->crv, name);
    EXPECT_EQ(jwk->x.size(), size);
    EXPECT_EQ(jwk->y.size(), size);
    EXPECT_EQ(jwk->n + jwk->e, "");
  }
}

TEST(Jwk, ThePrivateAndThePublicHalfGiveTheSame) {
  const Secret key = make_private_key(KeyKind::kRsa2048).value();
  const auto of_private = public_jwk_of(key);
  const auto of_public = public_jwk_of(Secret(public_key_of(key).value()));
  ASSERT_TRUE(of_private.ok() && of_public.ok());
  EXPECT_EQ(of_private->kty, "RSA");
  EXPECT_EQ(of_private->e, "AQAB");
  EXPECT_EQ(of_private->n.size(), 342U);
  EXPECT_EQ(of_private->n, of_public->n);
}

TEST(Jwk, WhatIsNoKeyIsRefused) {
  EXPECT_EQ(public_jwk_of(Secret("garbage")).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_FALSE(public_jwk_of(Secret("-----BEGIN PUBLIC KEY-----\nAAAA\n")).ok());
}

}  // namespace
}  // namespace keyferry
