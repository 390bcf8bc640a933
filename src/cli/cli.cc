#include "cli/cli.h"

#include "base/strings.h"
#include "cli/verbs.h"

namespace keyferry::cli {

int run_verb(const PrintedText& printed, Terminal& terminal) {
  terminal.print(printed.text);
  return kGood;
}

int run_verb(const UsageError& error, Terminal& terminal) {
  terminal.complain(cat("keyferry: ", error.message));
  terminal.complain("'keyferry --help' and 'keyferry VERB --help' show what is possible");
  return kWrongUsage;
}

int run(int argc, const char* const* argv) {
  Terminal terminal(stdout, stderr);
  const Command command = parse_command_line(argc, argv);
  return std::visit([&](const auto& options) { return run_verb(options, terminal); }, command);
}

}  // namespace keyferry::cli
