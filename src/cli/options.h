#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log.h"
#include "base/result.h"

namespace keyferry::cli {

enum class OutputFormat { kText, kTable, kJson };

// "ns/name", or "name" alone.
struct ObjectName {
  std::string namespace_name;
  std::string name;
};

// How a store is reached on a pod's behalf; shared by the verbs that ask one.
struct IdentityOptions {
  std::optional<ObjectName> service_account;
  std::map<std::string, std::string> token_files;      // audience → path
  std::map<std::string, std::string> publish_secrets;  // key of nodePublishSecretRef's → path
};

// How much is asked of a store, and what outlives the program.
struct StoreUse {
  int requests_per_second = 0;  // 0: no limit
  std::string state_dir;        // "": nothing outlives it
};

struct LogOptions {
  log::Level level = log::Level::kInfo;
  log::Format format = log::Format::kText;
};

struct PullOptions {
  std::vector<std::string> files;
  std::string out;
  std::optional<ObjectName> spc;
  IdentityOptions identity;
  StoreUse store;
  bool revoke_on_exit = false;
  std::optional<std::chrono::milliseconds> watch;
  std::chrono::milliseconds timeout{120'000};
  std::uint32_t mode = 0644;
  bool allow_disk = false;
  LogOptions log;
};

struct CheckOptions {
  std::vector<std::string> files;
  bool live = false;
  IdentityOptions identity;
  std::chrono::milliseconds timeout{30'000};
  OutputFormat output = OutputFormat::kText;
  bool warnings_are_errors = false;
};

struct SettingsOptions {
  std::string app;
  std::string secrets;
  std::string model_metadata;
  OutputFormat output = OutputFormat::kTable;
};

struct JmesPathOptions {
  std::string expression;
  std::string file = "-";
  bool unquoted = false;
  bool compact = false;
};

struct CompletionOptions {
  std::string shell;
};

// Where a command line asks for no work: --help, --version, or it is wrong.
struct Leave {
  int status = 0;    // of the program: 0, or 2 for wrong usage
  std::string text;  // for stdout with status 0, else for stderr
};

// What the command line asks for.
using Command = std::variant<PullOptions, CheckOptions, SettingsOptions, JmesPathOptions,
                             CompletionOptions, Leave>;

Command parse_command_line(int argc, const char* const* argv);

}  // namespace keyferry::cli
