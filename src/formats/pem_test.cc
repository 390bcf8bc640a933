#include "formats/pem.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace keyferry {
namespace {

TEST(Pem, BytesAreWrittenInLinesOf64) {
  const std::string bytes(50, 'x');
  EXPECT_EQ(to_pem("THING", bytes).expose(),
            "-----BEGIN THING-----\n"
            "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
            "eHg=\n"
            "-----END THING-----\n");
  EXPECT_EQ(to_pem("EMPTY", "").expose(), "-----BEGIN EMPTY-----\n-----END EMPTY-----\n");
}

TEST(Pem, WhatIsWrittenIsReadAgainWithItsNeighboursLeftOut) {
  const Secret first = to_pem("CERTIFICATE", std::string(200, 'a'));
  const Secret second = to_pem("PRIVATE KEY", std::string("\0\xFF", 2));
  const auto blocks = parse_pem(
      cat("Bag Attributes\n", first.expose(), "subject=x\r\n\n", second.expose(), "the end"));
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[0].label, "CERTIFICATE");
  EXPECT_EQ(blocks[0].bytes.expose(), std::string(200, 'a'));
  EXPECT_EQ(blocks[1].label, "PRIVATE KEY");
  EXPECT_EQ(blocks[1].bytes.expose(), std::string("\0\xFF", 2));
}

TEST(Pem, HeadersLineEndsAndMissingLastOnesAreBorne) {
  const auto blocks = parse_pem(
      "-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\n\r\nAQID\r\n"
      "-----END RSA PRIVATE KEY-----");
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_EQ(blocks[0].bytes.expose(), "\x01\x02\x03");
}

TEST(Pem, BrokenBlocksAreNoBlocks) {
  for (const char* text :
       {"", "x", "-----BEGIN A-----", "-----BEGIN A-----\nAQID\n", "-----BEGIN-----\nAQID\n",
        "-----BEGIN A-----\nAQID\n-----END B-----\n", "-----BEGIN A-----\n?\n-----END A-----\n",
        "-----BEGIN ----\n-----END ----\n"}) {
    EXPECT_TRUE(parse_pem(text).empty()) << text;
  }
  const auto after =
      parse_pem("-----BEGIN A-----\nAQID\n-----BEGIN B-----\nBBBB\n-----END B-----\n");
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].label, "B");
}

}  // namespace
}  // namespace keyferry
