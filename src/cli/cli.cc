#include "cli/cli.h"

#include "base/strings.h"
#include "cli/verbs.h"

namespace keyferry::cli {

int run_verb(const Leave& reason, Terminal& terminal) {
  if (reason.status == kGood) {
    terminal.print(reason.text);
  } else {
    terminal.complain(trim(reason.text));
  }
  return reason.status;
}

int run(int argc, const char* const* argv) {
  Terminal terminal(stdout, stderr);
  const Command command = parse_command_line(argc, argv);
  const int status =
      std::visit([&](const auto& options) { return run_verb(options, terminal); }, command);
  if (terminal.has_lost_output()) {
    terminal.complain("keyferry: the answer could not be written to standard output");
    return kProblems;
  }
  return status;
}

}  // namespace keyferry::cli
