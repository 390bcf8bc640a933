#include "formats/jmespath.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "formats/jmespath_trial.h"

namespace keyferry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using trial::expect_answers;
using trial::searched;

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

std::string message_of(std::string_view expression, std::string_view document = "null") {
  const auto parsed = JmesPath::parse(expression);
  if (!parsed.ok()) return parsed.error().message;
  const Json json = *parse_json(document);
  const auto found = parsed->search(json);
  return found.ok() ? "" : found.error().message;
}

TEST(JmesPath, NamesLeadIntoObjects) {
  expect_answers({
      {"a", R"({"a":1})", "1"},
      {"a.b.c", R"({"a":{"b":{"c":"x"}}})", R"("x")"},
      {"a.b", R"({"a":null})", "null"},
      {"a.b", R"({"a":[1]})", "null"},
      {R"("a-b"."c d")", R"({"a-b":{"c d":1}})", "1"},
      {R"("\u0061\"")", R"({"a\"":1})", "1"},
      {"_x1 . Y2", R"({"_x1":{"Y2":true}})", "true"},
      {"@", R"({"a":1})", R"({"a":1})"},
      {"@.a", R"({"a":1})", "1"},
  });
}

TEST(JmesPath, BracketsTakeItemsAndSlices) {
  constexpr std::string_view kDigits = "[0,1,2,3,4,5,6,7,8,9]";
  expect_answers({
      {"[0]", kDigits, "0"},
      {"[-1]", kDigits, "9"},
      {"[10]", kDigits, "null"},
      {"[-11]", kDigits, "null"},
      {"[99999999999999999999]", kDigits, "null"},
      {"[0]", R"("text")", "null"},
      {"[2:4]", kDigits, "[2,3]"},
      {"[:3]", kDigits, "[0,1,2]"},
      {"[8:]", kDigits, "[8,9]"},
      {"[-2:]", kDigits, "[8,9]"},
      {"[::4]", kDigits, "[0,4,8]"},
      {"[::-4]", kDigits, "[9,5,1]"},
      {"[5:2:-1]", kDigits, "[5,4,3]"},
      {"[7:-99:-3]", kDigits, "[7,4,1]"},
      {"[-99999999999999999999:99999999999999999999:99999999999999999999]", kDigits, "[0]"},
      {"[::-99999999999999999999]", kDigits, "[9]"},
      {"[1:2].a", R"([{"a":0},{"a":1},{"a":2}])", "[1]"},
      {"[0][0:2].a", R"([[{"a":0},{"a":1},{"a":2}]])", "[0,1]"},
      {"[::0]", kDigits, "invalid-value at 0"},
      {"a[::0]", R"({"a":1})", "null"},
  });
}

TEST(JmesPath, ProjectionsAskEachItem) {
  constexpr std::string_view kNested = R"({"a":[{"b":[1,2]},{"b":[3]},{"c":4}]})";
  expect_answers({
      {"a[*].b", kNested, "[[1,2],[3]]"},
      {"a[*].b[0]", kNested, "[1,3]"},
      {"a[*].b | [0]", kNested, "[1,2]"},
      {"(a[*].b)[0]", kNested, "[1,2]"},
      {"a[].b[]", kNested, "[1,2,3]"},
      {"a[].b[].d", kNested, "[]"},
      {"*.length(@)", kNested, "[3]"},
      {"a.*", kNested, "null"},
      {"a[*].*", kNested, "[[[1,2]],[[3]],[4]]"},
      {"*", "[1]", "null"},
      {"[*]", R"({"a":1})", "null"},
      {"[]", "[[1],[2,[3]],4]", "[1,2,[3],4]"},
      {"[][]", "[[1],[2,[3]],4]", "[1,2,3,4]"},
      {"[*][]", "[[[1]],[[2]]]", "[[1],[2]]"},
      {"[?b].b", R"([{"b":1},{"b":null},{"b":0}])", "[1,0]"},
      {"[?@ > `1`]", "[1,2,\"3\",3]", "[2,3]"},
      {"[?a == 'x'].b | [0]", R"([{"a":"y","b":1},{"a":"x","b":2}])", "2"},
      {"[?[?@]]", "[[],[1],2]", "[[1]]"},
  });
}

TEST(JmesPath, MultiSelectsMakeListsAndObjects) {
  expect_answers({
      {"[a, b.c]", R"({"a":1,"b":{"c":2}})", "[1,2]"},
      {"{y: a, \"x z\": b}", R"({"a":1})", R"({"x z":null,"y":1})"},
      {"{a: `1`, a: `2`}", "[]", R"({"a":2})"},
      {"a.[b, c]", R"({"a":null})", "null"},
      {"a.{b: c}", R"({"a":null})", "null"},
      // The reference implementations end a projection behind a multi-select.
      {"[*].{k: a}.k", R"([{"a":1},{"a":2}])", "null"},
      {"[*].{k: a} | [*].k", R"([{"a":1},{"a":2}])", "[1,2]"},
      {"[*].[a, a][]", R"([{"a":1},{"a":2}])", "[1,1,2,2]"},
      {"[*]", "[]", "[]"},
  });
}

TEST(JmesPath, OperatorsBindAsInTheReferenceImplementations) {
  constexpr std::string_view kTruth = R"({"t":true,"f":false,"n":null,"o":{"t":1}})";
  expect_answers({
      {"f || t && f", kTruth, "false"},
      {"(t || f) && f", kTruth, "false"},
      {"n || f || 'x'", kTruth, R"("x")"},
      {"t && 'x'", kTruth, R"("x")"},
      {"n && 'x'", kTruth, "null"},
      {"!f && !n", kTruth, "true"},
      {"!!o", kTruth, "true"},
      {"!o.t", kTruth, "null"},
      {"!(o.t)", kTruth, "false"},
      {"f | t || 'x'", kTruth, R"("x")"},
      {"o.t == `1` && t", kTruth, "true"},
      {"`1` < `2` == t", kTruth, "true"},
  });
}

TEST(JmesPath, FalseLikeIsWhatTheSpecificationNames) {
  for (const std::string_view value : {"false", "null", R"("")", "[]", "{}"}) {
    EXPECT_EQ(searched("@ || 'else'", value), R"("else")") << value;
  }
  for (const std::string_view value : {"true", "0", "-0", "0.0", R"(" ")", "[0]", R"({"":null})"}) {
    EXPECT_EQ(searched("!@", value), "false") << value;
  }
}

TEST(JmesPath, EqualityIsByTypeAndValue) {
  expect_answers({
      {"@ == `1.0`", "1", "true"},
      {"@ == `1e2`", "100", "true"},
      {"@ == `-0`", "0", "true"},
      {"@ == `9007199254740993`", "9007199254740992", "false"},
      {"@ == `123456789012345678901234567890`", "123456789012345678901234567891", "false"},
      {"@ == `true`", "1", "false"},
      {"@ == `[false]`", "[0]", "false"},
      {"@ == `{\"a\": [1.0, {}]}`", R"({"a":[1,{}]})", "true"},
      {"{a: n, b: @} == `{\"a\": null}`", "{}", "false"},
      {"{a: n} == `{\"b\": null}`", "{}", "false"},
      {"[a, b] == `[1, null]`", R"({"a":1})", "true"},
      {"a != b", "{}", "false"},
  });
}

TEST(JmesPath, OrderIsOfNumbersOnly) {
  expect_answers({
      {"[@ < `2`, @ <= `1`, @ > `0.5`, @ >= `1.5`]", "1", "[true,true,true,false]"},
      {"@ < `-1`", "-2", "true"},
      {"@ > `99999999999999999999`", "100000000000000000000", "true"},
      {"@ < `-10`", "-9", "false"},
      {"@ < 'b'", R"("a")", "null"},
      {"@ < `null`", "1", "null"},
      {"[?@ < 'b']", R"(["a"])", "[]"},
  });
}

TEST(JmesPath, LiteralsAreJsonOrText) {
  expect_answers({
      {"`[1, {\"a\": \"\\`\"}]`", "null", R"([1,{"a":"`"}])"},
      {"`1.50`", "null", "1.50"},
      {"`\"a\\\"b\"`", "null", R"("a\"b")"},
      {"` foo `", "null", R"("foo ")"},
      {"`foo\\`bar`", "null", R"("foo`bar")"},
      {"``", "null", R"("")"},
      {"`\"foo`", "null", "syntax at 0"},
      {"`", "null", "syntax at 0"},
      {R"('it\'s \n \\')", "null", R"("it's \\n \\\\")"},
      {"'\n'", "null", R"("\n")"},
      {"'é'", "null", R"("é")"},
  });
  EXPECT_EQ(searched(cat("`", repeated("[", 65), repeated("]", 65), "`"), "null"), "syntax at 0");
}

TEST(JmesPath, WrongSyntaxIsToldWithItsPlace) {
  expect_answers({
      {"", "null", "syntax at 0"},
      {"  ", "null", "syntax at 0"},
      {"a b", "null", "syntax at 2"},
      {"a.", "null", "syntax at 2"},
      {"a[", "null", "syntax at 2"},
      {"a[b]", "null", "syntax at 2"},
      {"a[1", "null", "syntax at 3"},
      {"a[1:2 3]", "null", "syntax at 6"},
      {"a[1:2:3:4]", "null", "syntax at 7"},
      {"a =  b", "null", "syntax at 2"},
      {"a - b", "null", "syntax at 2"},
      {"db-password", "null", "syntax at 2"},
      {"a.'b'", "null", "syntax at 2"},
      {"\"a\"(@)", "null", "syntax at 3"},
      {"(a)(@)", "null", "syntax at 3"},
      {"abs(a b)", "null", "syntax at 6"},
      {"abs(a,)", "null", "syntax at 6"},
      {"{a: b, }", "null", "syntax at 7"},
      {"{a: b c: d}", "null", "syntax at 6"},
      {"&a", "null", "syntax at 0"},
      {"[&a]", "null", "syntax at 1"},
      {"a \xFF", "null", "syntax at 2"},
      {"'\xC3'", "null", "syntax at 1"},
      {"\"\\ud800\"", "null", "syntax at 0"},
  });
  EXPECT_EQ(message_of("a[b]"), "a name where an index, a slice or '*' belongs");
  EXPECT_EQ(message_of("a ="), "'=' alone; equality is '=='");
  EXPECT_EQ(message_of("(a"), "the end of the expression where ')' belongs");
}

// Parser, evaluator and destructor recurse: the depth of what they walk must have a bound.
TEST(JmesPath, HostileDepthIsRefusedAndWidthIsNot) {
  constexpr std::size_t kMany = 10'000;
  for (const std::string_view open :
       {"(", "[", "!", "{a:", "a[?", "abs(", "[?", "[[", "*.[", "map(&"}) {
    EXPECT_THAT(message_of(repeated(open, kMany)), HasSubstr("deeper than 128 levels")) << open;
  }
  EXPECT_THAT(message_of("a" + repeated(" == a", kMany)), HasSubstr("deeper than 128 levels"));
  EXPECT_THAT(message_of("a" + repeated("[]", kMany)), HasSubstr("deeper than 128 levels"));
  for (const std::string_view more : {".a", "[0]", " | a", " || a", " && a", ".[a]"}) {
    EXPECT_EQ(message_of("a" + repeated(more, kMany)), "") << more;
  }
  EXPECT_EQ(searched(repeated("(", 100) + "@" + repeated(")", 100), "7"), "7");
}

// Twice as much with each step: 2^60 values from 600 characters.
TEST(JmesPath, AnAnswerThatExplodesIsRefused) {
  const Json small = *parse_json(R"(["a"])");
  for (const std::string_view step : {" | [@, @]", " | join('', [to_string(@), to_string(@)])",
                                      " | [@, @][]", " | {a: @, b: @}"}) {
    const auto found = JmesPath::parse("@" + repeated(step, 60))->search(small, {.steps = 10'000});
    ASSERT_FALSE(found.ok()) << step;
    EXPECT_EQ(found.error().kind, JmesPathError::Kind::kInvalidValue) << step;
  }
  const auto nested = JmesPath::parse("map(&map(&length(@), @), @)");
  const Json list = *parse_json("[[[],[],[]],[[],[]]]");
  EXPECT_TRUE(nested->search(list).ok());
  EXPECT_EQ(nested->search(list, {.steps = 5}).error().kind, JmesPathError::Kind::kInvalidValue);
}

TEST(JmesPath, PartsOfTheDocumentAreNotCopied) {
  const Json document = *parse_json(R"({"a":{"b":[{"c":"x","d":{"e":1}}]}})");
  const auto found = JmesPath::parse("a.b[?c=='x'].d | [0]")->search(document);
  EXPECT_TRUE(found->is_borrowed());
  EXPECT_EQ(&found->json(), document.find("a")->find("b")->as_array()->front().find("d"));
  const auto made = JmesPath::parse("a.b[*].d")->search(document);
  EXPECT_FALSE(made->is_borrowed());
  EXPECT_EQ(to_text(made->json()), R"([{"e":1}])");
  EXPECT_FALSE(JmesPath::parse("length(a.b)")->search(document)->is_borrowed());
}

TEST(JmesPath, ManyThreadsSearchWithOneExpression) {
  const auto expression = JmesPath::parse("sort_by([?a > `1`], &a)[*].{x: join('-', [b, 'y'])}");
  const Json document = *parse_json(R"([{"a":3,"b":"q"},{"a":2,"b":"p"},{"a":1,"b":"o"}])");
  std::vector<std::string> answers(4);
  std::vector<std::thread> threads;
  threads.reserve(answers.size());
  for (std::string& answer : answers) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) answer = to_text(expression->search(document)->json());
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& answer : answers) EXPECT_EQ(answer, R"([{"x":"p-y"},{"x":"q-y"}])");
}

TEST(JmesPath, ErrorsDoNotQuoteTheDocument) {
  constexpr std::string_view kSecret = R"({"a":"hunter2","b":["hunter2",1],"hunter2":{}})";
  for (const std::string_view expression :
       {"abs(a)", "sum(b)", "sort(b)", "join(a, b)", "keys(a)", "sort_by(b, &@)", "max_by(b, &a)",
        "a.length(b[1])", "merge(@, a)", "map(&@, a)"}) {
    const std::string message = message_of(expression, kSecret);
    EXPECT_THAT(message, Not(HasSubstr("hunter2"))) << expression;
    EXPECT_NE(message, "") << expression;
  }
}

}  // namespace
}  // namespace keyferry
