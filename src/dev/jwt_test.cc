#include "dev/jwt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/strings.h"
#include "net/jwt_signature.h"

namespace keyferry::dev {
namespace {

using ::testing::HasSubstr;

constexpr WallTime kNow{std::chrono::seconds(1'700'000'000)};

class JwtTest : public testing::Test {
 protected:
  std::string token() const {
    return *make_service_account_token({"web", "shop", {"vault"}}, key_, kNow);
  }
  std::string refusal(std::string_view token) const {
    const auto claims = verified_claims(token, {public_});
    if (claims.ok()) return "accepted";
    EXPECT_EQ(claims.error().code(), ErrorCode::kUnauthenticated);
    return claims.error().message();
  }

  Secret key_ = std::move(make_p256_key()).value();
  std::string public_ = *public_key_of(key_);
};

TEST_F(JwtTest, ATokenHasTheShapeOfAServiceAccountsOne) {
  const auto claims = verified_claims(token(), {public_});
  ASSERT_TRUE(claims.ok()) << claims.error().message();
  EXPECT_EQ(claims->text_of("sub"), "system:serviceaccount:web:shop");
  EXPECT_EQ(claims->text_of("iss"), "https://kubernetes.default.svc.cluster.local");
  EXPECT_EQ(to_text(*claims->find("aud")), R"(["vault"])");
  EXPECT_EQ(claims->find("iat")->as_int(), 1'700'000'000);
  EXPECT_EQ(claims->find("exp")->as_int(), 1'700'003'600);
  const Json* kubernetes = claims->find("kubernetes.io");
  EXPECT_EQ(kubernetes->text_of("namespace"), "web");
  EXPECT_EQ(kubernetes->find("serviceaccount")->text_of("name"), "shop");
}

TEST_F(JwtTest, AnyOfTheKnownKeysWillDo) {
  const Secret other = std::move(make_p256_key()).value();
  EXPECT_TRUE(verified_claims(token(), {*public_key_of(other), public_}).ok());
  EXPECT_FALSE(verified_claims(token(), {*public_key_of(other)}).ok());
  EXPECT_FALSE(verified_claims(token(), {"garbage"}).ok());
  EXPECT_FALSE(verified_claims(token(), {}).ok());
}

TEST_F(JwtTest, WhatIsNoTokenOrWasTamperedWithIsRefused) {
  const std::string good = token();
  const auto parts = split(good, '.');
  const auto encoded = [](std::string_view text) { return base64url_encode(text); };
  const std::string none = cat(encoded(R"({"alg":"none"})"), ".", parts[1], ".");
  const std::string hmac = cat(encoded(R"({"alg":"HS256"})"), ".", parts[1], ".", parts[2]);
  const std::string swapped =
      cat(parts[0], ".", encoded(R"({"sub":"system:serviceaccount:web:bank"})"), ".", parts[2]);
  const std::pair<std::string, const char*> rows[] = {
      {"", "three parts"},
      {"a.b", "three parts"},
      {good + ".x", "three parts"},
      {"!.!.!", "malformed"},
      {cat(parts[0], ".", encoded("7"), ".", parts[2]), "malformed"},
      {cat(encoded("{"), ".", parts[1], ".", parts[2]), "malformed"},
      {none, "unexpected signature algorithm"},
      {hmac, "unexpected signature algorithm"},
      {swapped, "no known key"},
      {cat(parts[0], ".", parts[1], "."), "no known key"},
  };
  for (const auto& [text, words] : rows) EXPECT_THAT(refusal(text), HasSubstr(words)) << text;
  EXPECT_EQ(refusal(good), "accepted");
}

TEST_F(JwtTest, AKeyThatIsNoneSignsNothing) {
  EXPECT_FALSE(make_service_account_token({}, Secret("garbage"), kNow).ok());
}

}  // namespace
}  // namespace keyferry::dev
