#include "base/strings.h"

#include <gtest/gtest.h>

namespace keyferry {
namespace {

using Texts = std::vector<std::string>;
using Views = std::vector<std::string_view>;

TEST(Cat, JoinsTextsCharactersAndWholeNumbers) {
  EXPECT_EQ(cat(), "");
  EXPECT_EQ(cat("object '", std::string("a"), "': line ", 7), "object 'a': line 7");
  EXPECT_EQ(cat('a', std::string_view("b"), std::size_t{18446744073709551615U}, -1, '1'),
            "ab18446744073709551615-11");
}

TEST(Join, PutsTheSeparatorBetweenThePieces) {
  struct {
    Texts pieces;
    std::string_view text;
  } const cases[] = {
      {{}, ""},           {{"a"}, "a"},           {{"a", "b"}, "a, b"}, {{"", "b"}, ", b"},
      {{"a", ""}, "a, "}, {{"", "", ""}, ", , "}, {{""}, ""},
  };
  for (const auto& [pieces, text] : cases) EXPECT_EQ(join(pieces, ", "), text);
}

TEST(Split, KeepsEmptyPieces) {
  struct {
    std::string_view text;
    Views pieces;
  } const cases[] = {
      {"", {""}},        {"a", {"a"}},         {"a/b", {"a", "b"}},
      {"/a", {"", "a"}}, {"a/", {"a", ""}},    {"a//b", {"a", "", "b"}},
      {"/", {"", ""}},   {"//", {"", "", ""}},
  };
  for (const auto& [text, pieces] : cases) EXPECT_EQ(split(text, '/'), pieces) << text;
}

TEST(Trim, TakesAsciiWhiteSpaceOffBothEnds) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                 {"a", "a"},
                                                                 {" \t\r\n\v\f", ""},
                                                                 {"  a b\t ", "a b"},
                                                                 {"\na\n", "a"},
                                                                 {"\u00A0a", "\u00A0a"}};
  for (const auto& [text, trimmed] : cases) EXPECT_EQ(trim(text), trimmed);
}

TEST(Utf8Prefix, CutsBetweenCharacters) {
  const std::tuple<std::string_view, std::size_t, std::string_view> cases[] = {
      {"", 3, ""},      {"abc", 3, "abc"}, {"abc", 2, "ab"},        {"aäb", 2, "a"},
      {"aäb", 3, "aä"}, {"€", 2, ""},      {"\x80\x80\x80", 2, ""},
  };
  for (const auto& [text, bytes, prefix] : cases) EXPECT_EQ(utf8_prefix(text, bytes), prefix);
}

TEST(ToLower, ChangesAsciiLettersOnly) { EXPECT_EQ(to_lower("AZaz09[@`{ÄÖ"), "azaz09[@`{ÄÖ"); }

TEST(EditDistance, CountsInsertDeleteReplaceAndSwappedNeighbours) {
  struct {
    std::string_view a;
    std::string_view b;
    std::size_t distance;
  } const cases[] = {
      {"", "", 0},
      {"", "abc", 3},
      {"abc", "", 3},
      {"abc", "abc", 0},
      {"abc", "abd", 1},
      {"abc", "ab", 1},
      {"abc", "xabc", 1},
      {"abc", "acb", 1},
      {"ab", "ba", 1},
      {"kitten", "sitting", 3},
      {"ca", "abc", 3},
      {"roleName", "rolename", 1},
      {"sercet", "secret", 1},
  };
  for (const auto& [a, b, distance] : cases) {
    EXPECT_EQ(edit_distance(a, b), distance) << a << " and " << b;
    EXPECT_EQ(edit_distance(b, a), distance) << b << " and " << a;
  }
}

TEST(NearestName, IsTheNearestWithinAThirdOfTheName) {
  const Views names = {"roleName", "vaultAddress", "objects", "audience"};
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"rolename", "roleName"},        {"ROLENAME", "roleName"}, {"role", ""},
      {"vaultAdress", "vaultAddress"}, {"object", "objects"},    {"obejcts", "objects"},
      {"audiense", "audience"},        {"something", ""},        {"", ""},
      {"objects", "objects"},
  };
  for (const auto& [name, nearest] : cases) EXPECT_EQ(nearest_name(name, names), nearest) << name;
  EXPECT_EQ(nearest_name("name", {}), "");
}

TEST(NearestName, ShortNamesMayDifferByOne) {
  EXPECT_EQ(nearest_name("kye", {"key"}), "key");
  EXPECT_EQ(nearest_name("ky", {"key"}), "key");
  EXPECT_EQ(nearest_name("k", {"key"}), "");
}

TEST(NearestName, OfTwoEquallyNearTheFirstIsTaken) {
  EXPECT_EQ(nearest_name("bat", {"cat", "hat"}), "cat");
  EXPECT_EQ(nearest_name("catt", {"hat", "cat"}), "cat") << "the nearer one wins over the first";
}

}  // namespace
}  // namespace keyferry
