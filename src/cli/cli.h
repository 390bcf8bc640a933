#pragma once

namespace keyferry::cli {

// Exit statuses of every verb.
enum ExitStatus : int { kGood = 0, kProblems = 1, kWrongUsage = 2 };

// The whole of the keyferry program: parses the command line and runs the verb it names.
int run(int argc, const char* const* argv);

}  // namespace keyferry::cli
