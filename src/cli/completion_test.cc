#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli.h"
#include "cli/verb_run.h"

namespace keyferry::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Completion, EveryShellHasAScriptThatRegistersItself) {
  const std::pair<std::string, std::string_view> rows[] = {
      {"bash", "complete -o filenames -F _keyferry keyferry"},
      {"zsh", "compdef _keyferry keyferry"},
      {"fish", "complete -c keyferry"},
  };
  for (const auto& [shell, line] : rows) {
    const trial::Said said = trial::run_words({"completion", shell});
    EXPECT_EQ(said.status, kGood);
    EXPECT_EQ(said.err, "");
    EXPECT_THAT(said.out, StartsWith("# keyferry completion for " + shell));
    EXPECT_THAT(said.out, HasSubstr(std::string(line)));
  }
}

TEST(Completion, NoOtherShellHasOne) {
  const trial::Said said = trial::run_words({"completion", "csh"});
  EXPECT_EQ(said.status, kWrongUsage);
  EXPECT_EQ(said.out, "");
  EXPECT_THAT(said.err, HasSubstr("csh"));
}

// The scripts read the verbs from there: lines of two blanks, verb, blanks below that heading.
TEST(Completion, TheHelpHasTheShapeThatTheScriptsRead) {
  const std::string help = trial::run_words({"--help"}).out;
  const auto heading = help.find("\nSubcommands:\n");
  ASSERT_NE(heading, std::string::npos);
  const auto lines = trial::lines_of(std::string_view(help).substr(heading + 1));
  for (const char* verb : {"pull", "check", "settings", "jmespath", "completion"}) {
    EXPECT_THAT(lines, Contains(StartsWith(cat("  ", verb, " "))));
  }
}

}  // namespace
}  // namespace keyferry::cli
