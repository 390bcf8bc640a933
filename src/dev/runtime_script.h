#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/json.h"

namespace keyferry::dev {

// What a test wants the stand-in runtime to do wrong. As JSON:
// {"refuse": {"DatabaseName": "cause"},     update_configuration with it: result 1 and this cause
//  "start_results": [12, 0],                results of the next starts; 0 starts for real
//  "delay_ms": {"start": 2000},             wait before that action
//  "drop": {"start": 1},                    that often close the connection instead of answering
//  "die_on": "update_configuration",        the process ends when that action arrives
//  "critical_errors": ["text"],             echo reports them instead of pong
//  "health": {"health": "sick", "diagnosis": "text"},
//  "weak_admin_users": ["MxAdmin"]}         start gives 5 until each has a new password
struct RuntimeScript {
  std::map<std::string, std::string, std::less<>> refuse;
  std::vector<int> start_results;
  std::map<std::string, std::chrono::milliseconds, std::less<>> delays;
  std::map<std::string, int, std::less<>> drops;
  std::string die_on;
  std::vector<std::string> critical_errors;
  std::string health = "healthy";
  std::string diagnosis;
  std::vector<std::string> weak_admin_users;
};

// kInvalidArgument names the member that is unknown or wrong.
Result<RuntimeScript> parse_runtime_script(const Json& json);

}  // namespace keyferry::dev
