#pragma once

#include "base/problem.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "formats/json.h"

namespace keyferry::cli {

// Every problem on stderr, one line each, sorted by file and line; then how many there are.
void complain_about(const Problems& problems, Terminal& terminal);

// {"severity","file","line","object","field","message","remedy"}; unknown parts left out.
Json to_json(const Problem& problem);

// An error that concerns no single line of a manifest.
void complain_about(const Error& error, Terminal& terminal);

}  // namespace keyferry::cli
