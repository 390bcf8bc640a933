#include "net/url.h"

#include <gtest/gtest.h>

namespace keyferry {
namespace {

struct Good {
  const char* text;
  Url url;
  const char* origin;
  const char* again;
};

TEST(Url, AddressesAreTakenApartAndPutTogether) {
  const Good rows[] = {
      {"https://Vault.Example",
       {"https", "vault.example", 443, "", ""},
       "https://vault.example",
       "https://vault.example/"},
      {"http://127.0.0.1:8200/v1/x?a=b&c",
       {"http", "127.0.0.1", 8200, "/v1/x", "a=b&c"},
       "http://127.0.0.1:8200",
       "http://127.0.0.1:8200/v1/x?a=b&c"},
      {"https://[::1]:8200/",
       {"https", "::1", 8200, "/", ""},
       "https://[::1]:8200",
       "https://[::1]:8200/"},
      {"http://h:80?list=true",
       {"http", "h", 80, "", "list=true"},
       "http://h",
       "http://h/?list=true"},
      {"https://my_svc.ns.svc:",
       {"https", "my_svc.ns.svc", 443, "", ""},
       "https://my_svc.ns.svc",
       "https://my_svc.ns.svc/"},
  };
  for (const Good& row : rows) {
    const auto url = parse_url(row.text);
    ASSERT_TRUE(url.ok()) << row.text << ": " << url.error().message();
    EXPECT_EQ(*url, row.url) << row.text;
    EXPECT_EQ(origin_of(*url), row.origin);
    EXPECT_EQ(to_text(*url), row.again);
  }
}

TEST(Url, WhatIsNoAddressIsRefusedWithThePartThatIsWrong) {
  const std::pair<const char*, const char*> rows[] = {
      {"vault.example:8200", "http:// or https:// is missing"},
      {"ftp://h/", "neither http nor https"},
      {"http://", "the host is missing"},
      {"http://vault.{mx}.svc:8200", "characters that no host has"},
      {"http://u:p@h/", "user name"},
      {"http://h/#top", "fragment"},
      {"http://h/a b", "blank"},
      {"http://h:0", "port"},
      {"http://h:65536", "port"},
      {"http://h:8x", "port"},
      {"http://[::1", "']'"},
      {"http://[::1]8200", "after ']'"},
      {"http://[v.1]/", "IPv6"},
  };
  for (const auto& [text, part] : rows) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_EQ(url.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(url.error().message().find(part), std::string::npos)
        << text << ": " << url.error().message();
  }
}

TEST(Url, ALocationLeadsOnFromWhereItWasGiven) {
  const Url base = *parse_url("https://a:8200/v1/x?y");
  EXPECT_EQ(to_text(*resolve_location(base, "/v1/z?q=1")), "https://a:8200/v1/z?q=1");
  EXPECT_EQ(to_text(*resolve_location(base, "//b/v1")), "https://b/v1");
  EXPECT_EQ(to_text(*resolve_location(base, "http://c:1/")), "http://c:1/");
  EXPECT_FALSE(resolve_location(base, "z").ok());
}

}  // namespace
}  // namespace keyferry
