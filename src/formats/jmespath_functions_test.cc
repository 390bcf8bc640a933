#include <gtest/gtest.h>

#include "formats/jmespath/number.h"
#include "formats/jmespath_trial.h"

namespace keyferry {
namespace {

using trial::expect_answers;

TEST(JmesPathFunctions, OfNumbers) {
  expect_answers({
      {"abs(@)", "-1.50", "1.50"},
      {"abs(@)", "-0", "0"},
      {"avg(@)", "[10,15,20]", "15"},
      {"avg(@)", "[1,2]", "1.5"},
      {"avg(@)", "[]", "null"},
      {"ceil(@)", "1.001", "2"},
      {"ceil(@)", "-0.5", "0"},
      {"ceil(@)", "123456789012345678901", "123456789012345678901"},
      {"floor(@)", "1e2", "100"},
      {"floor(@)", "-1.5", "-2"},
      {"floor(@)", "1e300", "1e+300"},
      {"sum(@)", "[]", "0"},
      {"sum(@)", "[1,2,9007199254740993]", "9007199254740996"},
      {"sum(@)", "[0.1,0.2,0.3]", "0.6000000000000001"},
      {"sum(@)", "[9223372036854775807,1]", "9223372036854775808"},
      {"sum(@)", "[1e308,1e308]", "invalid-value at 0"},
      {"to_number(@)", "1.50", "1.50"},
      {"to_number(@)", R"("-1e5")", "-1e5"},
      {"to_number(@)", R"("0x10")", "null"},
      {"to_number(@)", R"(" 1")", "null"},
      {"to_number(@)", R"("01")", "null"},
      {"to_number(@)", R"("nan")", "null"},
      {"to_number(@)", R"("1e999")", "null"},
      {"to_number(@)", "[1]", "null"},
      {"to_number(@)", "true", "null"},
  });
}

TEST(JmesPathFunctions, OfTexts) {
  expect_answers({
      {"starts_with(@, 'ab')", R"("abc")", "true"},
      {"ends_with(@, 'ab')", R"("abc")", "false"},
      {"contains(@, 'bc')", R"("abc")", "true"},
      {"contains(@, `1`)", R"("1")", "false"},
      {"join(', ', @)", R"(["a","b","c"])", R"("a, b, c")"},
      {"join(', ', @)", "[]", R"("")"},
      {"length(@)", R"("aé€😀")", "4"},
      {"reverse(@)", R"("aé€😀")", R"("😀€éa")"},
      {"to_string(@)", R"("x")", R"("x")"},
      {"to_string(@)", R"({"b":[1.0,null],"a":"é\""})", R"("{\"a\":\"é\\\"\",\"b\":[1.0,null]}")"},
      {"to_string([a, a])", R"({"a":1})", R"("[1,1]")"},
      {"[type(a), type(b), type(c), type(d), type(e), type(f)]",
       R"({"a":1,"b":"","c":[],"d":{},"e":true})",
       R"(["number","string","array","object","boolean","null"])"},
  });
}

TEST(JmesPathFunctions, OfListsAndObjects) {
  expect_answers({
      {"contains(@, `1.0`)", "[2,1]", "true"},
      {"contains(@, `false`)", "[0]", "false"},
      {"contains(@, `[1]`)", "[[1]]", "true"},
      {"keys(@)", R"({"b":1,"a":2})", R"(["a","b"])"},
      {"values(@)", R"({"b":1,"a":2})", "[2,1]"},
      {"length(@)", R"({"b":1,"a":2})", "2"},
      {"length([a, b, c])", "{}", "3"},
      {"merge(@, `{\"b\": 3, \"c\": 4}`)", R"({"b":1,"a":2})", R"({"a":2,"b":3,"c":4})"},
      {"merge(@)", "{}", "{}"},
      {"max(@)", "[1,3.0,3,2]", "3.0"},
      {"min(@)", R"(["b","a","é"])", R"("a")"},
      {"max(@)", R"(["b","a","é"])", R"("é")"},
      {"[max(@), min(@)]", "[]", "[null,null]"},
      {"sort(@)", "[10,9.5,-1,9.50]", "[-1,9.5,9.50,10]"},
      {"sort(@)", R"(["b","A","a"])", R"(["A","a","b"])"},
      {"reverse(@)", "[1,2]", "[2,1]"},
      {"not_null(a, b, c)", R"({"b":false,"c":1})", "false"},
      {"not_null(a)", "{}", "null"},
      {"to_array(@)", "1", "[1]"},
      {"to_array(@)", "[1]", "[1]"},
  });
}

TEST(JmesPathFunctions, OfExpressions) {
  constexpr std::string_view kPeople =
      R"([{"n":"c","a":2},{"n":"a","a":3},{"n":"b","a":2.0},{"n":"d","a":1}])";
  expect_answers({
      {"map(&a, @)", R"([{"a":1},{}])", "[1,null]"},
      {"map(&@ > `1`, @)", "[1,2]", "[false,true]"},
      {"sort_by(@, &a)[*].n", kPeople, R"(["d","c","b","a"])"},
      {"sort_by(@, &n)[*].a", kPeople, "[3,2.0,2,1]"},
      {"max_by(@, &a).n", kPeople, R"("a")"},
      {"min_by(@, &n).n", kPeople, R"("a")"},
      {"[max_by(@, &a), min_by(@, &a), sort_by(@, &a)]", "[]", "[null,null,[]]"},
      {"sort_by(@, &b)", kPeople, "invalid-type at 11"},
      {"sort_by(@, &a)", R"([{"a":1},{"a":"x"}])", "invalid-type at 11"},
      {"max_by(@, &a)", R"([{"a":"x"},{"a":1}])", "invalid-type at 10"},
  });
}

TEST(JmesPathFunctions, ArityTypeAndNameAreChecked) {
  expect_answers({
      {"nothing(@)", "1", "unknown-function at 0"},
      {"a || nothing(@)", R"({"a":1})", "1"},
      {"[*].nothing(@)", "[]", "[]"},
      {"  abs()", "1", "invalid-arity at 2"},
      {"abs(@, @)", "1", "invalid-arity at 0"},
      {"not_null()", "1", "invalid-arity at 0"},
      {"merge()", "1", "invalid-arity at 0"},
      {"abs('x')", "1", "invalid-type at 4"},
      {"merge(@, `1`)", "{}", "invalid-type at 9"},
      {"contains(`1`, @)", "1", "invalid-type at 9"},
      {"join(',', @)", R"(["a",1])", "invalid-type at 10"},
      {"sort(@)", R"([1,"a"])", "invalid-type at 5"},
      {"max(@)", "[true]", "invalid-type at 4"},
      {"sort_by(@, a)", "[]", "invalid-type at 11"},
      {"type(&a)", "1", "invalid-type at 5"},
      {"not_null(@, &a)", "null", "invalid-type at 12"},
      {"length(`1`)", "1", "invalid-type at 7"},
  });
  EXPECT_EQ(JmesPath::parse("lenght(@)")->search(Json()).error().message,
            "there is no function lenght(); did you mean length()?");
  EXPECT_EQ(JmesPath::parse("sum(@)")->search(*parse_json("[1,null]")).error().message,
            "argument 1 of sum() is not an array of numbers: [1] is null");
  EXPECT_EQ(JmesPath::parse("max(@)")->search(Json("x")).error().message,
            "argument 1 of max() is a string, not an array of numbers or an array of strings");
  EXPECT_EQ(JmesPath::parse("contains(@)")->search(Json("x")).error().message,
            "contains() takes 2 arguments, not 1");
}

TEST(JmesPathNumber, TextsAreWholeOrNot) {
  using jmespath::is_json_number;
  for (const std::string_view good : {"0", "-0", "10", "1.5", "-1.5e+10", "1E5"}) {
    EXPECT_TRUE(is_json_number(good)) << good;
  }
  for (const std::string_view bad : {"", "-", "01", "1.", ".5", "1e", "+1", "1 ", "0x1", "1.5.2"}) {
    EXPECT_FALSE(is_json_number(bad)) << bad;
  }
}

}  // namespace
}  // namespace keyferry
