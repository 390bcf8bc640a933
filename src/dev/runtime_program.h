#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace keyferry::dev {

struct RuntimeOptions {
  std::string admin_address = "127.0.0.1";
  std::uint16_t admin_port = 9000;  // 0: any
  std::string admin_password_file;
  std::string runtime_version = "10.24.14";
  std::string constants_file;  // model/metadata.json
  std::string script_file;     // see RuntimeScript
  std::string event_file;      // JSON lines are appended
  int ddl_commands = 0;
  int pool_workers = 4;
  double connects_per_second = 20;
};

// Serves until `stop` or the shutdown action; prints "listening on URL" as the first line of
// stdout.
Status run_runtime(const RuntimeOptions& options, Clock& clock, const std::stop_token& stop);

}  // namespace keyferry::dev
