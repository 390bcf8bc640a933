#include "formats/xml.h"

#include <gtest/gtest.h>

namespace keyferry {
namespace {

TEST(Xml, TextsAreFoundByTheirPath) {
  const auto xml = Xml::parse(R"(<?xml version="1.0"?>
<Answer xmlns="https://example.com/"><Result><Name> a&amp;b </Name><Empty/><Name>second</Name>
</Result><Raw><![CDATA[x<y]]></Raw></Answer>)");
  ASSERT_TRUE(xml.ok());
  EXPECT_EQ(xml->text_at("Answer/Result/Name"), "a&b");
  EXPECT_EQ(xml->text_at("Answer/Raw"), "x<y");
  EXPECT_EQ(xml->text_at("Answer/Result/Empty"), "");
  EXPECT_EQ(xml->text_at("Answer/Result/None"), "");
  EXPECT_EQ(xml->text_at("Result/Name"), "");
  EXPECT_EQ(xml->text_at(""), "");
}

TEST(Xml, WhatIsNotXmlIsRefusedWithoutShowingIt) {
  for (const char* text : {"", "secret", "<a>", "<a></b>", "<a b></a>", "<a><![CDATA[secret</a>"}) {
    const auto xml = Xml::parse(text);
    ASSERT_FALSE(xml.ok()) << text;
    EXPECT_EQ(xml.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(xml.error().message().find("secret"), std::string::npos);
  }
}

// A bomb of entities stays as small as it was written.
TEST(Xml, EntitiesOfADocumentsOwnAreNotFollowed) {
  const auto xml = Xml::parse(
      R"(<!DOCTYPE a [<!ENTITY x "boom"><!ENTITY f SYSTEM "file:///etc/passwd">]><a>&x;&f;</a>)");
  ASSERT_TRUE(xml.ok());
  EXPECT_EQ(xml->text_at("a"), "&x;&f;");
}

}  // namespace
}  // namespace keyferry
