#include "runtime/blot_out.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry::runtime {
namespace {

// A runtime that quotes a value quotes it without the escapes it was sent with, so that blotting
// out only what was sent left a password with a quote or a backslash in it readable.
TEST(BlotOut, AValueIsBlottedOutHoweverItIsQuoted) {
  const Secret json(R"("pa\"ss\\word")");
  const Secret keys(R"([{"keyID":"k1","key":"AAECAwQF"}])");
  EXPECT_EQ(blot_out(R"(sent "pa\"ss\\word", read pa"ss\word, key AAECAwQF, id k1 of k12)",
                     {&json, &keys}),
            "sent ***, read ***, key ***, id *** of k12");
}

// With "shop" blotted out first, "shop-2024" was left as "***-2024".
TEST(BlotOut, TheLongestSecretIsBlottedOutFirst) {
  const Secret a("shop");
  const Secret b("shop-2024");
  EXPECT_EQ(blot_out("user shop, password shop-2024", {&a, &b}), "user ***, password ***");
  EXPECT_EQ(blot_out("abc", {&a}), "abc");
}

// Blotted out one after the other, "pass-word" left "***-1" of "word-1", and a secret that repeats
// itself left its end.
TEST(BlotOut, SecretsThatOverlapLeaveNothingOfEachOther) {
  const Secret first("pass-word");
  const Secret second("word-1");
  EXPECT_EQ(blot_out("for pass-word-1, not pass", {&first, &second}), "for ***, not pass");
  EXPECT_EQ(blot_out("for pass-word-1", {&second, &first}), "for ***");
  const Secret repeats("abab");
  EXPECT_EQ(blot_out("ababab-abab", {&repeats}), "***-***");
}

// Of the forms in which a runtime, a driver or a page may quote a value, only two were found.
TEST(BlotOut, AValueIsFoundInEveryFormItMayBeQuotedIn) {
  const Secret password("p&s \"w'\xC3\xA9\xF0\x9F\x98\x80+/=<");
  const std::string raw(password.expose());
  const std::string base64 = base64_encode(raw);
  const std::string rows[] = {
      raw,
      "p&s \\\"w'\xC3\xA9\xF0\x9F\x98\x80+\\/=<",
      R"(p\u0026s \"w\u0027\u00e9\ud83d\ude00+/\u003d\u003c)",
      R"(p\u0026s\u0020\u0022w\u0027\u00E9\uD83D\uDE00+/=<)",
      percent_encode(raw),
      "p%26s+%22w%27%c3%a9%f0%9f%98%80%2b%2f%3d%3c",
      "p&s%20%22w'%C3%A9%F0%9F%98%80+/=%3C",
      "p&amp;s &quot;w&#39;\xC3\xA9\xF0\x9F\x98\x80+/=&lt;",
      "p&amp;s &#34;w&apos;&#233;&#x1F600;&#43;&#x2f;&#x3D;&lt;",
      R"(p\x26s \x22w\x27\xC3\xa9\xF0\x9F\x98\x80+/=<)",
      base64,
      base64.substr(0, base64.find('=')),
      base64url_encode(raw),
      hex_encode(raw),
  };
  for (const std::string& form : rows) {
    EXPECT_EQ(blot_out(cat("no: <", form, ">"), {&password}).substr(0, 8), "no: <***") << form;
    EXPECT_LE(blot_out(cat("no: <", form, ">"), {&password}).size(), 12U) << form;
  }
}

TEST(BlotOut, InBase64ItIsFoundWhereverItBegins) {
  const Secret password("pass-word-1");
  for (const char* user : {"", "u", "us", "use", "user:"}) {
    const std::string all = base64_encode(cat(user, password.expose(), "!"));
    const std::string left = blot_out(all, {&password});
    EXPECT_NE(left.find("***"), std::string::npos) << user;
    // The digits at the edges hold bits of the neighbours too, and stay.
    EXPECT_LE(left.size(), std::string("***").size() + base64_encode(user).size() + 6) << user;
  }
}

TEST(BlotOut, OtherTextThatLooksLikeAFormStays) {
  const Secret password("p%41&amp;");
  EXPECT_EQ(blot_out("p%41& p&amp; p\\u", {&password}), "p%41& p&amp; p\\u");
  EXPECT_EQ(blot_out("p%41&amp; p%2541&amp;amp; p%", {&password}), "*** *** p%")
      << "an escape sign may be escaped itself";
}

TEST(BlotOut, AShortSecretIsFoundAsAWord) {
  const Secret pin("a1");
  const std::pair<const char*, const char*> rows[] = {
      {"a1", "***"},
      {"for 'a1', not a12 or ba1 or a1_", "for '***', not a12 or ba1 or a1_"},
      {"a1=a1", "***=***"},
      {"pwd=%61%31;", "pwd=***;"},
      {"no a1\xC3\xA9", "no a1\xC3\xA9"},
      {"hex 6131, 61310", "hex ***, 61310"},
  };
  for (const auto& [text, blotted] : rows) EXPECT_EQ(blot_out(text, {&pin}), blotted) << text;
  const Secret none;
  const Secret empty("\"\"");
  EXPECT_EQ(blot_out("nothing \"\"", {&none}), "nothing \"\"");
  EXPECT_EQ(blot_out("nothing", {&empty}), "nothing");
}

// Hidden as a whole, a URL's password was shown by a driver that quotes only that.
TEST(BlotOut, APasswordInsideAJdbcUrlIsASecretOfItsOwn) {
  const std::pair<const char*, const char*> rows[] = {
      {"jdbc:postgresql://pg:5432/shop?user=me&password=hunter%2B22&ssl=true", "hunter+22"},
      {"jdbc:postgresql://pg/shop?password=hunter%2B22", "hunter%2b22"},
      {"jdbc:sqlserver://sql:1433;user=me;password={hun;ter22};encrypt=true", "hun;ter22"},
      {"jdbc:sqlserver://sql;Password=hunter22", "hunter22"},
      {"jdbc:mysql://my/shop?user=me&password=hunter22", "hunter22"},
      {"jdbc:postgresql://pg/shop?sslpassword=hunter22", "hunter22"},
  };
  for (const auto& [url, word] : rows) {
    const Secret json(cat('"', url, '"'));
    EXPECT_EQ(blot_out(cat("login of me with ", word, " failed"), {&json}),
              "login of me with *** failed")
        << url;
    const Secret bare{std::string_view(url)};
    EXPECT_EQ(blot_out(cat("<", word, ">"), {&bare}), "<***>") << url;
  }
}

}  // namespace
}  // namespace keyferry::runtime
