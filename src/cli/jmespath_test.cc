#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli.h"
#include "cli/jmespath_hint.h"
#include "cli/verb_run.h"

namespace keyferry::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A secret, and what `keyferry jmespath` says of it.
class JmesPathVerb : public ::testing::Test {
 protected:
  JmesPathVerb() {
    file = folder.write("secret.json",
                        R"({"db-password":"hunter2","users":[{"name":"é"}],"none":{}})");
  }
  trial::Said search(const std::string& expression, std::vector<std::string> flags = {}) const {
    std::vector<std::string> words = {"jmespath", expression, file};
    words.insert(words.end(), flags.begin(), flags.end());
    trial::Said said = trial::run_words(words);
    said.err = folder.without_path(said.err);
    return said;
  }
  trial::TempFolder folder;
  std::string file;
};

TEST_F(JmesPathVerb, TheAnswerIsIndentedJson) {
  const trial::Said said = search("{users: users, none: none, no: [none.x]}");
  EXPECT_EQ(said.status, kGood);
  EXPECT_EQ(said.err, "");
  EXPECT_EQ(said.out, R"({
  "no": [
    null
  ],
  "none": {},
  "users": [
    {
      "name": "é"
    }
  ]
}
)");
}

TEST_F(JmesPathVerb, FlagsMakeItCompactOrUnquoted) {
  EXPECT_EQ(search("users[*]", {"--compact"}).out, "[{\"name\":\"é\"}]\n");
  EXPECT_EQ(search("users[0].name", {"-u"}).out, "é\n");
  EXPECT_EQ(search("users[0].name").out, "\"é\"\n");
  EXPECT_EQ(search("users[*].name", {"-uc"}).out, "[\"é\"]\n");
}

// The library that reads the command line knows lists in brackets.
TEST_F(JmesPathVerb, AnExpressionInBracketsReachesTheVerb) {
  EXPECT_EQ(search("[none, users]", {"-c"}).out, "[{},[{\"name\":\"é\"}]]\n");
  EXPECT_EQ(search("[none]", {"-c"}).out, "[{}]\n");
}

TEST_F(JmesPathVerb, AnErrorHasItsNameAndACaret) {
  const std::pair<std::string, std::string_view> rows[] = {
      {"", "error: syntax: the expression is empty\n  \n  ^\n"},
      {"users[name]",
       "error: syntax: a name where an index, a slice or '*' belongs\n  users[name]\n        ^\n"},
      {"users.é[?a", "error: syntax: this character means nothing here\n  users.é[?a\n        ^\n"},
      {"abs(\"db-password\")",
       "error: invalid-type: argument 1 of abs() is a string, not a number\n"
       "  abs(\"db-password\")\n      ^\n"},
      {"abs()", "error: invalid-arity: abs() takes 1 argument, not 0\n  abs()\n  ^\n"},
      {"lenght(@)",
       "error: unknown-function: there is no function lenght(); did you mean "
       "length()?\n  lenght(@)\n  ^\n"},
      {"users[::0]", "error: invalid-value: the step of a slice is 0\n  users[::0]\n       ^\n"},
  };
  for (const auto& [expression, text] : rows) {
    const trial::Said said = search(expression);
    EXPECT_EQ(said.status, kProblems) << expression;
    EXPECT_EQ(said.out, "") << expression;
    EXPECT_EQ(said.err, text) << expression;
  }
}

TEST_F(JmesPathVerb, ANameWithAHyphenGetsToKnowItsQuotes) {
  EXPECT_EQ(search("db-password").err,
            "error: syntax: '-' without a number behind it\n  db-password\n    ^\n"
            "a name with a hyphen, or that begins with a digit, stands in double quotes: "
            "\"db-password\"\nand the whole in single quotes, for the shell takes quotes away:\n"
            "  keyferry jmespath '\"db-password\"'\n");
}

TEST_F(JmesPathVerb, WhatIsWrongWithTheDocumentDoesNotQuoteIt) {
  folder.write("secret.json", R"({"db-password": hunter2})");
  const trial::Said said = search("@");
  EXPECT_EQ(said.status, kProblems);
  EXPECT_THAT(said.err, HasSubstr("secret.json: not valid JSON at byte 17"));
  EXPECT_THAT(said.err, Not(HasSubstr("hunter2")));
  EXPECT_EQ(trial::run_words({"jmespath", "@", folder.path("missing")}).status, kProblems);
}

TEST_F(JmesPathVerb, WrongUsageIsStatusTwo) {
  EXPECT_EQ(trial::run_words({"jmespath"}).status, kWrongUsage);
  EXPECT_EQ(search("@", {"another"}).status, kWrongUsage);
  EXPECT_EQ(search("@", {"--pretty"}).status, kWrongUsage);
}

TEST(JmesPathHint, IsTheExpressionThatWasMeant) {
  struct {
    std::string_view expression;
    std::size_t offset;
    std::string_view last_line;
  } const rows[] = {
      {"a.db-1.c", 4, R"(  keyferry jmespath 'a."db-1".c')"},
      {"2fa", 0, R"(  keyferry jmespath '"2fa"')"},
      {"{x-y: a, z: b-c}", 2, R"(  keyferry jmespath '{"x-y": a, z: "b-c"}')"},
      {"[?a=='x-y'].b-c", 13, R"(  keyferry jmespath '[?a=='\''x-y'\'']."b-c"')"},
      {"a-b[", 1,
       R"(a name with a hyphen, or that begins with a digit, )"
       R"(stands in double quotes: "a-b")"},
      {"a - b", 2, ""},
      {"a[1", 3, ""},
      {"[1-2]", 2, ""},
      {"", 0, ""},
  };
  for (const auto& row : rows) {
    const std::string hint = quoting_hint(row.expression, row.offset);
    const std::string last = hint.substr(hint.rfind('\n') + 1);
    const std::string wanted(row.last_line);
    EXPECT_EQ(last, wanted) << row.expression;
  }
}

TEST(JmesPathHint, TheCaretStandsUnderThePlace) {
  const std::string blanks(70, 'x');
  EXPECT_EQ(line_with_caret("é.a", 3), "  é.a\n    ^");
  EXPECT_EQ(line_with_caret("a |\nbb |\nc", 6), "  bb |\n    ^");
  EXPECT_EQ(line_with_caret("a\n", 2), "  \n  ^");
  EXPECT_EQ(line_with_caret("\ta", 1), "  \\x09a\n      ^");
  EXPECT_EQ(line_with_caret(blanks + "é" + blanks, 70), "  …" + blanks.substr(0, 50) + "é" +
                                                            blanks.substr(0, 23) + "…\n" +
                                                            std::string(53, ' ') + "^");
}

}  // namespace
}  // namespace keyferry::cli
