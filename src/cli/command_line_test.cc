#include <gtest/gtest.h>

#include "base/duration.h"
#include "cli/options.h"
#include "cli/table.h"

namespace keyferry::cli {
namespace {

Command parse(std::vector<const char*> words) {
  words.insert(words.begin(), "keyferry");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

std::string usage_error(const std::vector<const char*>& words) {
  const Command command = parse(words);
  const auto* error = std::get_if<UsageError>(&command);
  return error == nullptr ? "" : error->message;
}

TEST(CommandLine, PullTakesFilesTokensAndAWatchInterval) {
  const Command command = parse({"pull", "-f", "a.yaml", "-f", "b.yaml", "--out", "/dev/shm/x",
                                 "--watch", "500ms", "--token-file", "vault=/t/v", "--token-file",
                                 "sts.amazonaws.com=/t/s", "--service-account", "shop/web"});
  const auto* pull = std::get_if<PullOptions>(&command);
  ASSERT_NE(pull, nullptr);
  EXPECT_EQ(pull->files, (std::vector<std::string>{"a.yaml", "b.yaml"}));
  EXPECT_EQ(pull->watch, std::chrono::milliseconds(500));
  EXPECT_EQ(pull->identity.token_files.at("vault"), "/t/v");
  EXPECT_EQ(pull->identity.token_files.at("sts.amazonaws.com"), "/t/s");
  EXPECT_EQ(pull->identity.service_account->namespace_name, "shop");
  EXPECT_EQ(pull->identity.service_account->name, "web");
  EXPECT_FALSE(pull->allow_disk);
}

TEST(CommandLine, WrongUsageNamesTheFlag) {
  EXPECT_NE(usage_error({"pull", "--out", "x"}).find("--file"), std::string::npos);
  EXPECT_NE(usage_error({"pull", "-f", "x"}).find("--out"), std::string::npos);
  EXPECT_NE(usage_error({"pull", "-f", "x", "--out", "y", "--watch", "often"}).find("often"),
            std::string::npos);
  EXPECT_NE(usage_error({"pull", "-f", "x", "--out", "y", "--token-file", "x"}).find("AUDIENCE"),
            std::string::npos);
  EXPECT_NE(usage_error({"check", "-f", "x", "--output", "xml"}).find("xml"), std::string::npos);
  EXPECT_NE(usage_error({"check", "-f", "x", "--service-account", "a/b/c"}).find("a/b/c"),
            std::string::npos);
  EXPECT_FALSE(usage_error({}).empty());
  EXPECT_FALSE(usage_error({"fetch"}).empty());
}

TEST(CommandLine, HelpShowsExamplesAndVersionTheVersion) {
  for (const char* verb : {"pull", "check", "settings", "completion"}) {
    const Command command = parse({verb, "--help"});
    const auto* help = std::get_if<PrintedText>(&command);
    ASSERT_NE(help, nullptr) << verb;
    EXPECT_NE(help->text.find("Example"), std::string::npos) << verb;
  }
  const Command command = parse({"--version"});
  EXPECT_EQ(std::get<PrintedText>(command).text, "keyferry " KEYFERRY_VERSION "\n");
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
