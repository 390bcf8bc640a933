#include "net/digest.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace keyferry {
namespace {

// RFC 4231, test cases 2 and 6 (a key longer than a block).
TEST(HmacSha256, GivesThePublishedDigests) {
  EXPECT_EQ(hex_encode(HmacSha256(Secret("Jefe")).of({"what do ya want for nothing?"})),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex_encode(HmacSha256(Secret(std::string(131, '\xaa')))
                           .of({"Test Using Larger Than Block-Size Key - Hash Key First"})),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, IsTheSameHoweverTheTextIsCutAndHoweverOftenItIsAsked) {
  const HmacSha256 hmac(Secret("key"));
  const std::string whole = hmac.of({"one two"});
  EXPECT_EQ(hmac.of({"one", "", " two"}), whole);
  EXPECT_EQ(hmac.of({"one two"}), whole);
  EXPECT_NE(hmac.of({"one"}), whole);
}

TEST(RandomBytes, AreAsManyAsWantedAndNeverTheSame) {
  EXPECT_EQ(random_bytes(1000).size(), 1000U);
  EXPECT_FALSE(random_bytes(32) == random_bytes(32));
  const double share = random_share();
  EXPECT_TRUE(share >= 0 && share < 1);
}

}  // namespace
}  // namespace keyferry
