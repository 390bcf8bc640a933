#include <gtest/gtest.h>

#include "base/duration.h"
#include "cli/options.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace keyferry::cli {
namespace {

Command parse(std::vector<const char*> words) {
  words.insert(words.begin(), "keyferry");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

// What is said to wrong usage; "" where it is none.
std::string usage_error(const std::vector<const char*>& words) {
  const Command command = parse(words);
  const auto* leave = std::get_if<Leave>(&command);
  return leave == nullptr || leave->status != 2 ? "" : leave->text;
}

TEST(CommandLine, PullTakesFilesTokensAndAWatchInterval) {
  const Command command =
      parse({"pull", "-f", "a.yaml", "-f", "b.yaml", "--out", "/dev/shm/x", "--watch", "500ms",
             "--token-file", "vault=/t/v", "--token-file", "sts.amazonaws.com=/t/s",
             "--service-account", "shop/web", "--publish-secret", "clientid=/s/i"});
  const auto* pull = std::get_if<PullOptions>(&command);
  ASSERT_NE(pull, nullptr);
  EXPECT_EQ(pull->files, (std::vector<std::string>{"a.yaml", "b.yaml"}));
  EXPECT_EQ(pull->watch, std::chrono::milliseconds(500));
  EXPECT_EQ(pull->identity.token_files.at("vault"), "/t/v");
  EXPECT_EQ(pull->identity.token_files.at("sts.amazonaws.com"), "/t/s");
  EXPECT_EQ(pull->identity.publish_secrets.at("clientid"), "/s/i");
  EXPECT_EQ(pull->identity.service_account->namespace_name, "shop");
  EXPECT_EQ(pull->identity.service_account->name, "web");
  EXPECT_FALSE(pull->allow_disk);
}

TEST(CommandLine, WrongUsageNamesTheWordThatIsWrong) {
  const struct {
    std::vector<const char*> words;
    const char* said;
  } rows[] = {
      {{}, "a verb is missing; there are: check, completion, jmespath, pull, settings"},
      {{"pul"}, "'pul' is not a verb; did you mean 'pull'?"},
      {{"fetch"}, "'fetch' is not a verb; there are: check,"},
      {{"--bogus"}, "'--bogus' is not a flag of 'keyferry'"},
      {{"pull", "--bogus"}, "'--bogus' is not a flag of 'keyferry pull'\n'keyferry pull --help'"},
      {{"pull", "--wach", "2m"},
       "'--wach' is not a flag of 'keyferry pull'; did you mean '--watch'?"},
      {{"pull", "--tokn-file=vault=secret"}, "'--tokn-file' is not a flag"},
      {{"pull", "-f", "x", "--out", "y", "z"}, "'z' is a word too many for 'keyferry pull'"},
      {{"pull", "--out", "x"}, "--file is required"},
      {{"pull", "-f", "x"}, "--out is required"},
      {{"pull", "-f", "x", "--out", "y", "--out", "z"}, "--out is given 2 times; give it once"},
      {{"pull", "-f", "x", "--out", "y", "--watch", "1s", "--watch", "2s"}, "--watch is given 2"},
      {{"pull", "-f", "x", "--out", "y", "--watch", "often"}, "--watch: 'often'"},
      {{"pull", "-f", "x", "--out"}, "--out needs a value"},
      {{"pull", "-f", "x", "--out", "y", "--token-file", "x"}, "'x' is not AUDIENCE=PATH"},
      {{"pull", "-f", "x", "--out", "y", "--publish-secret", "x="}, "'x=' is not KEY=PATH"},
      {{"check", "-f", "x", "--output", "xml"}, "--output: 'xml' is none of text, json"},
      {{"check", "-f", "x", "--output", "jsn"}, "did you mean 'json'?"},
      {{"check", "-f", "x", "-o", "2"}, "'2' is none of"},
      {{"pull", "-f", "x", "--out", "y", "--log-level", "0"}, "--log-level: '0' is none of debug,"},
      {{"check", "-f", "x", "--service-account", "a/b/c"}, "'a/b/c' is neither"},
      {{"pull", "-f", "x", "--out", "y", "--file-mode", "0999"}, "'0999' is not a file mode"},
      {{"pull", "-f", "x", "--out", "y", "--file-mode", "0200"}, "the owner may read"},
      {{"completion", "ksh"}, "ksh"},
  };
  for (const auto& row : rows) {
    const std::string said = usage_error(row.words);
    EXPECT_NE(said.find(row.said), std::string::npos) << row.said << "\n--- but\n" << said;
    EXPECT_NE(said.find("--help' shows what is possible"), std::string::npos) << said;
  }
  // What follows "=" may be a secret.
  EXPECT_EQ(usage_error({"pull", "--pasword=hunter2"}).find("hunter2"), std::string::npos);
}

TEST(CommandLine, HelpShowsExamplesAndVersionTheVersion) {
  for (const char* verb : {"pull", "check", "settings", "jmespath", "completion"}) {
    const Command command = parse({verb, "--help"});
    const auto* help = std::get_if<Leave>(&command);
    ASSERT_NE(help, nullptr) << verb;
    EXPECT_EQ(help->status, 0);
    EXPECT_NE(help->text.find("Example"), std::string::npos) << verb;
  }
  const Command command = parse({"--version"});
  EXPECT_EQ(std::get<Leave>(command).text, "keyferry " KEYFERRY_VERSION "\n");
}

TEST(Terminal, KnowsWhenItsWordsAreLost) {
  std::FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  Terminal terminal(full, stderr);
  EXPECT_FALSE(terminal.has_lost_output());
  terminal.print_line("an answer");
  EXPECT_TRUE(terminal.has_lost_output());
  std::fclose(full);
}

TEST(Duration, TakesMillisecondsToHoursAndNothingElse) {
  EXPECT_EQ(*duration_of("500ms"), std::chrono::milliseconds(500));
  EXPECT_EQ(*duration_of("2s"), std::chrono::seconds(2));
  EXPECT_EQ(*duration_of("5m"), std::chrono::minutes(5));
  EXPECT_EQ(*duration_of("1h"), std::chrono::hours(1));
  for (const char* bad : {"", "5", "0s", "-1s", "s", "1.5s", "1d", " 1s", "99999999999999999h",
                          "9000000000000000000ms"}) {
    EXPECT_FALSE(duration_of(bad).ok()) << bad;
  }
}

TEST(Table, PadsByCharactersAndLeavesNoTrailingBlanks) {
  EXPECT_EQ(render_table({{"name", "value"}, {"é", "x"}, {"longer", ""}}),
            "name    value\né       x\nlonger\n");
}

}  // namespace
}  // namespace keyferry::cli
