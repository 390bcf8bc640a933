#include "net/jwt_signature.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "net/sha256.h"

namespace keyferry {
namespace {

// RFC 7515, appendix A.3: the public key of the example and its signature.
constexpr std::string_view kRfcKey =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n"
    "6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"
    "-----END PUBLIC KEY-----\n";
constexpr std::string_view kRfcText =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNv"
    "bS9pc19yb290Ijp0cnVlfQ";
constexpr std::string_view kRfcSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

std::string from_base64url(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  text.append((4 - text.size() % 4) % 4, '=');
  return std::string(base64_decode(text)->expose());
}

TEST(JwtSignature, TheExampleOfTheStandardIsAccepted) {
  EXPECT_TRUE(verify_signature(JwtAlgorithm::kEs256, kRfcText,
                               from_base64url(std::string(kRfcSignature)), kRfcKey)
                  .ok());
}

TEST(JwtSignature, WhatWeSignVerifiesAndNothingElseDoes) {
  auto key = make_p256_key();
  ASSERT_TRUE(key.ok());
  auto public_key = public_key_of(*key);
  auto signature = sign_es256("header.claims", *key);
  ASSERT_TRUE(public_key.ok() && signature.ok());
  EXPECT_EQ(signature->size(), 64U);
  const auto verdict = [&](std::string_view text, std::string_view sig, std::string_view pem) {
    const Status status = verify_signature(JwtAlgorithm::kEs256, text, sig, pem);
    return status.ok() ? std::string("ok") : std::string(name_of(status.error().code()));
  };
  EXPECT_EQ(verdict("header.claims", *signature, *public_key), "ok");
  EXPECT_EQ(verdict("header.claimz", *signature, *public_key), "unauthenticated");
  EXPECT_EQ(verdict("header.claims", *signature, kRfcKey), "unauthenticated");
  EXPECT_EQ(verdict("header.claims", signature->substr(1), *public_key), "unauthenticated");
  EXPECT_EQ(verdict("header.claims", "", *public_key), "unauthenticated");
  EXPECT_EQ(verdict("header.claims", *signature, "no key"), "invalid_argument");
}

TEST(JwtSignature, AnotherKindOfKeyOrNoKeyIsRefusedByName) {
  EXPECT_EQ(verify_signature(JwtAlgorithm::kRs256, kRfcText, "x", kRfcKey).error().code(),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(sign_es256("text", Secret("junk")).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(public_key_of(Secret(kRfcKey)).error().code(), ErrorCode::kInvalidArgument);
}

TEST(Sha256, MatchesTheVectorOfTheStandard) {
  EXPECT_EQ(hex_encode(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace keyferry
