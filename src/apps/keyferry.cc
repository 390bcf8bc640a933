// keyferry: what a person, a pipeline or an init container runs.
#include <cstdio>

#include "cli/cli.h"
#include "os/process.h"

int main(int argc, char** argv) {
  if (auto hardened = keyferry::harden_process(); !hardened.ok()) {
    std::fprintf(stderr, "keyferry: %s\n", hardened.error().message().c_str());
    return keyferry::cli::kProblems;
  }
  return keyferry::cli::run(argc, argv);
}
