#include <gtest/gtest.h>

#include "base/encoding.h"
TEST(Encoding, Base64RoundTrip) {
  EXPECT_EQ(keyferry::base64_encode("foob"), "Zm9vYg==");
  EXPECT_EQ(keyferry::base64_decode("Zm9vYg==")->expose(), "foob");
}
