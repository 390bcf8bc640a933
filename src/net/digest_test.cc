#include "net/digest.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace keyferry {
namespace {

TEST(Digest, HmacIsThatOfRfc4231) {
  const Secret key(std::string(20, '\x0b'));
  EXPECT_EQ(hex_encode(hmac_sha256(key, {"Hi There"})),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_sha256(key, {"Hi", " ", "There"}), hmac_sha256(key, {"Hi There"}));
  EXPECT_EQ(hex_encode(hmac_sha256(Secret("Jefe"), {"what do ya want ", "for nothing?"})),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Digest, RandomBytesHaveTheSizeAskedForAndDiffer) {
  EXPECT_EQ(random_bytes(0).size(), 0U);
  EXPECT_EQ(random_bytes(300).size(), 300U);
  EXPECT_FALSE(random_bytes(16) == random_bytes(16));
}

TEST(Digest, AShareIsBelowOne) {
  for (int i = 0; i < 1000; ++i) {
    const double share = random_share();
    EXPECT_GE(share, 0.0);
    EXPECT_LT(share, 1.0);
  }
}

}  // namespace
}  // namespace keyferry
