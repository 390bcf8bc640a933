#pragma once

#include "cli/options.h"
#include "cli/terminal.h"

namespace keyferry::cli {

// One function per verb, each in the file of its name; the int is the exit status.
int run_verb(const PullOptions& options, Terminal& terminal);
int run_verb(const CheckOptions& options, Terminal& terminal);
int run_verb(const SettingsOptions& options, Terminal& terminal);
int run_verb(const JmesPathOptions& options, Terminal& terminal);
int run_verb(const CompletionOptions& options, Terminal& terminal);
int run_verb(const Leave& reason, Terminal& terminal);

}  // namespace keyferry::cli
