#include "formats/yaml.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/strings.h"

namespace keyferry {
namespace {

using namespace std::string_view_literals;

// The first document of a text that must be good.
Yaml yaml(std::string_view text) {
  auto documents = parse_yaml(text);
  EXPECT_TRUE(documents.ok()) << (documents.ok() ? "" : documents.error().message());
  if (!documents.ok() || documents->empty()) return {};
  return documents->front();
}

std::string refusal(std::string_view text, const YamlLimits& limits = {}) {
  const auto documents = parse_yaml(text, limits);
  if (documents.ok()) return "read";
  EXPECT_EQ(documents.error().code(), ErrorCode::kInvalidArgument);
  return documents.error().message();
}

TEST(Yaml, ANodeKnowsWhatItIsAndWhereItStands) {
  const Yaml root = yaml("# comment\nname: shop\nlist:\n  - 1\n  - {a: b}\nnothing:\n");
  EXPECT_EQ(root.kind, Yaml::Kind::kMapping);
  EXPECT_EQ(root.type_name(), "a mapping");
  EXPECT_EQ(root.line, 2);
  ASSERT_NE(root.find("name"), nullptr);
  EXPECT_EQ(root.find("name")->scalar, "shop");
  EXPECT_EQ(root.find("name")->line, 2);
  EXPECT_EQ(root.find("name")->column, 7);
  const Yaml& list = *root.find("list");
  EXPECT_EQ(list.type_name(), "a sequence");
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.items[0].type_name(), "a scalar");
  EXPECT_EQ(list.items[1].find("a")->scalar, "b");
  EXPECT_EQ(list.items[1].line, 5);
  EXPECT_EQ(root.find("nothing")->type_name(), "null");
  EXPECT_EQ(root.find("absent"), nullptr);
  EXPECT_EQ(list.find("a"), nullptr) << "a sequence has no members";
}

TEST(Yaml, MembersKeepTheOrderWritten) {
  std::vector<std::string> names;
  for (const auto& [key, value] : yaml("b: 1\na: 2\nc: 3\n").members) names.push_back(key.scalar);
  EXPECT_EQ(join(names, ","), "b,a,c");
}

TEST(Yaml, QuotingDecidesAboutNullAndStyle) {
  struct {
    std::string_view text;
    Yaml::Kind kind;
    Yaml::Style style;
    std::string_view scalar;
  } const cases[] = {
      {"k: plain", Yaml::Kind::kScalar, Yaml::Style::kPlain, "plain"},
      {"k: 'it''s'", Yaml::Kind::kScalar, Yaml::Style::kQuoted, "it's"},
      {R"(k: "a\n\u00e9\x41\/")", Yaml::Kind::kScalar, Yaml::Style::kQuoted, "a\n\u00e9A/"},
      {"k: |\n  a\n", Yaml::Kind::kScalar, Yaml::Style::kQuoted, "a\n"},
      {"k: !!str 7", Yaml::Kind::kScalar, Yaml::Style::kQuoted, "7"},
      {"k: ''", Yaml::Kind::kScalar, Yaml::Style::kQuoted, ""},
      {"k: 'null'", Yaml::Kind::kScalar, Yaml::Style::kQuoted, "null"},
      {"k: ", Yaml::Kind::kNull, Yaml::Style::kPlain, ""},
      {"k: ~", Yaml::Kind::kNull, Yaml::Style::kPlain, ""},
      {"k: null", Yaml::Kind::kNull, Yaml::Style::kPlain, ""},
      {"k: NULL", Yaml::Kind::kNull, Yaml::Style::kPlain, ""},
      {"k: nullx", Yaml::Kind::kScalar, Yaml::Style::kPlain, "nullx"},
  };
  for (const auto& [text, kind, style, scalar] : cases) {
    const Yaml root = yaml(text);
    const Yaml* node = root.find("k");
    ASSERT_NE(node, nullptr) << text;
    EXPECT_EQ(node->kind, kind) << text;
    EXPECT_EQ(node->style, style) << text;
    EXPECT_EQ(node->scalar, scalar) << text;
  }
}

// The library's "\\_" and "\\N" are half a character: a password with a blank that must not break
// was no UTF-8, and as JSON another password.
TEST(Yaml, EveryEscapeOfAQuotedTextIsAWholeCharacter) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"("\_")", "\xC2\xA0"},
      {R"("\N")", "\xC2\x85"},
      {R"("é\_\_é\L€\N😀")", "é\xC2\xA0\xC2\xA0é\xE2\x80\xA8€\xC2\x85😀"},
      {R"("\x85\xA0\u00e9\U0001F600")", "\xC2\x85\xC2\xA0é😀"},
      {R"("\e\a\/\ ")", "\x1B\a/ "},
  };
  for (const auto& [text, scalar] : cases) {
    EXPECT_EQ(yaml(cat("- ", text)).items[0].scalar, scalar) << text;
  }
}

TEST(Yaml, ABlockScalarsTextBeginsBelowItsIndicator) {
  struct {
    std::string_view text;
    int line;
    int text_line;
    std::string_view scalar;
  } const cases[] = {
      {"k: plain\n", 1, 1, "plain"},
      {"k: 'quoted'\n", 1, 1, "quoted"},
      {"\nk: |\n  a\n  b\n", 2, 3, "a\nb\n"},
      {"k: |-\n  a\n", 1, 2, "a"},
      {"k: |+\n  a\n\n", 1, 2, "a\n\n"},
      {"k: |2\n   a\n", 1, 2, " a\n"},
      {"k: |  # why\n  a\n", 1, 2, "a\n"},
      {"k: &x |\n  a\n", 1, 2, "a\n"},
      {"k: >\n  a\n  b\n", 1, 2, "a b\n"},
      {"k: |\n\n  a\n", 1, 2, "\na\n"},
      {"k: 'ends in |'\n", 1, 1, "ends in |"},
      {"k: 'a' # |\n", 1, 1, "a"},
      {"k: |\r\n  a\r\n  b\r\n", 1, 2, "a\nb\n"},
  };
  for (const auto& [text, line, text_line, scalar] : cases) {
    const Yaml root = yaml(text);
    const Yaml* node = root.find("k");
    ASSERT_NE(node, nullptr) << text;
    EXPECT_EQ(node->scalar, scalar) << text;
    EXPECT_EQ(node->line, line) << text;
    EXPECT_EQ(node->text_line, text_line) << text;
  }
}

// A quoted scalar over several lines whose first line ends in a bar was taken for a block.
TEST(Yaml, AQuotedTextOverSeveralLinesIsNoBlock) {
  EXPECT_EQ(yaml("k: \"a |\n  b\"\n").find("k")->text_line, 1);
  EXPECT_EQ(yaml("k: 'a >\n  b'\n").find("k")->text_line, 1);
}

TEST(Yaml, EveryDocumentIsReadAndEmptyOnesLeftOut) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},
      {"# nothing\n", ""},
      {"---\n---\n", ""},
      {"a\n", "a"},
      {"---\na\n---\n# none\n---\nb\n...\n", "a b"},
      {"\xEF\xBB\xBF"
       "a\n",
       "a"},
      {"---\nnull\n---\nc\n", "c"},
  };
  for (const auto& [text, scalars] : cases) {
    const auto documents = parse_yaml(text);
    ASSERT_TRUE(documents.ok()) << text;
    std::vector<std::string> found;
    for (const Yaml& document : *documents) found.push_back(document.scalar);
    EXPECT_EQ(join(found, " "), scalars) << text;
  }
  EXPECT_EQ((*parse_yaml("---\na\n---\nb\n"))[1].line, 4);
}

TEST(Yaml, AliasesAreExpanded) {
  const Yaml root = yaml("a: &x {b: 1}\nc: *x\nd: [*x, *x]\n");
  EXPECT_EQ(root.find("c")->find("b")->scalar, "1");
  EXPECT_EQ(root.find("d")->items[1].find("b")->scalar, "1");
}

TEST(Yaml, AnAnchorEndsWithItsDocument) {
  EXPECT_EQ(refusal("---\na: &x 1\n---\nb: *x\n").substr(0, 8), "line 4: ");
}

TEST(Yaml, ABombOfAliasesIsRefusedBeforeItIsExpanded) {
  std::string bomb = "l0: &l0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 20; ++i) {
    bomb += cat("l", i, ": &l", i, " [");
    for (int j = 0; j < 10; ++j) bomb += cat(j == 0 ? "" : ",", "*l", i - 1);
    bomb += "]\n";
  }
  EXPECT_EQ(refusal(bomb),
            "line 5: more than 100000 nodes once aliases are expanded; write it out smaller");
}

TEST(Yaml, NodesAreCountedOverTheWholeText) {
  EXPECT_EQ(refusal("[1, 2]\n", {.max_nodes = 3}), "read");
  EXPECT_EQ(refusal("[1, 2,\n 3]\n", {.max_nodes = 3}),
            "line 2: more than 3 nodes once aliases are expanded; write it out smaller");
  EXPECT_NE(refusal("---\n[1, 2]\n---\n4\n", {.max_nodes = 3}), "read");
}

TEST(Yaml, AnAliasInsideItsOwnAnchorIsRefused) {
  EXPECT_EQ(refusal("a: &x\n  - *x\n").substr(0, 8), "line 2: ");
}

TEST(Yaml, NestingHasALimit) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(refusal(nested(64)), "read");
  EXPECT_EQ(refusal(nested(65)), "line 1: nested deeper than 64 levels; write it flatter");
  EXPECT_EQ(refusal("[[\n[]]]", {.max_depth = 2}),
            "line 2: nested deeper than 2 levels; write it flatter");
}

TEST(Yaml, WhatIsNoYamlIsRefusedNamingTheLine) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"a: 1\na: 2\n", "line 2: key 'a' stands here again (first near line 1); keep one"},
      {"a: 1\n'a': 2\n", "line 2: key 'a' stands here again (first near line 1); keep one"},
      {"x:\n  a: &d 1\n  <<: {b: 1}\n",
       "line 3: merge keys (<<) are not supported; write the members out"},
      {"? [a]\n: b\n", "line 1: a key must be a scalar"},
      {"a: 1\nb: \xFF\n", "line 2: not UTF-8 text; save the file as UTF-8"},
      {"a: 1\r\n\xE4: 1\r\n", "line 2: not UTF-8 text; save the file as UTF-8"},
      {"a: 1\n\0"sv, "line 2: not UTF-8 text; save the file as UTF-8"},
      {"a\0\0\0"sv, "line 1: not UTF-8 text; save the file as UTF-8"},
  };
  for (const auto& [text, answer] : cases) EXPECT_EQ(refusal(text), answer) << text;
}

TEST(Yaml, WhatTheParserRefusesNamesTheLine) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"a: 1\n\tb: 2\n", "line 2: not valid YAML: "},
      {"a: [1, 2\n", "line 2: not valid YAML: "},
      {"a: b: c\n", "line 1: not valid YAML: "},
      {"ok: 1\na: *nowhere\n", "line 2: not valid YAML: "},
      {"a: 1\n b: 2\n", "line 2: not valid YAML: "},
      {"k: \"\\ud800\"\n", "line 1: not valid YAML: "},
  };
  for (const auto& [text, answer] : cases) {
    EXPECT_EQ(refusal(text).substr(0, answer.size()), answer) << text;
  }
}

TEST(YamlInt, AsGoReadsIt) {
  const std::pair<std::string_view, std::optional<long long>> cases[] = {
      {"0", 0},
      {"42", 42},
      {"-42", -42},
      {"+7", 7},
      {"0644", 420},
      {"0o644", 420},
      {"0O644", 420},
      {"-0644", -420},
      {"00", 0},
      {"0x1F", 31},
      {"0X1f", 31},
      {"0b101", 5},
      {"1_000_000", 1'000'000},
      {"9223372036854775807", 9223372036854775807},
      {"9223372036854775808", std::nullopt},
      {"-9223372036854775808", std::numeric_limits<long long>::min()},
      {"'420'", std::nullopt},
      {"\"0644\"", std::nullopt},
      {"!!str 420", std::nullopt},
      {"0888", std::nullopt},
      {"0o8", std::nullopt},
      {"0x", std::nullopt},
      {"0x-5", std::nullopt},
      {"--5", std::nullopt},
      {"+-5", std::nullopt},
      {"_", std::nullopt},
      {"1.0", std::nullopt},
      {"1e3", std::nullopt},
      {"12a", std::nullopt},
      {"true", std::nullopt},
      {"[1]", std::nullopt},
      {"~", std::nullopt},
  };
  for (const auto& [text, number] : cases) {
    const auto read = yaml_int(yaml(cat("- ", text)).items[0]);
    EXPECT_EQ(read.ok() ? std::optional(*read) : std::nullopt, number) << text;
    if (!read.ok()) {
      EXPECT_EQ(read.error(), Error(ErrorCode::kInvalidArgument, "not a whole number"));
    }
  }
}

TEST(YamlBool, OnlyTheWordsOfTheCoreSchemaWithoutQuotes) {
  const std::pair<std::string_view, std::optional<bool>> cases[] = {
      {"true", true},           {"True", true},
      {"TRUE", true},           {"false", false},
      {"False", false},         {"FALSE", false},
      {"tRUE", std::nullopt},   {"yes", std::nullopt},
      {"no", std::nullopt},     {"on", std::nullopt},
      {"y", std::nullopt},      {"1", std::nullopt},
      {"'true'", std::nullopt}, {"\"true\"", std::nullopt},
      {"{}", std::nullopt},
  };
  for (const auto& [text, truth] : cases) {
    const auto read = yaml_bool(yaml(cat("- ", text)).items[0]);
    EXPECT_EQ(read.ok() ? std::optional(*read) : std::nullopt, truth) << text;
    if (!read.ok()) {
      EXPECT_EQ(read.error(), Error(ErrorCode::kInvalidArgument, "not true or false"));
    }
  }
}

}  // namespace
}  // namespace keyferry
