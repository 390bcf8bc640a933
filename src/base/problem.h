#pragma once

#include <string>
#include <vector>

namespace keyferry {

enum class Severity { kError, kWarning };

// One complaint about what a user wrote: where, about which object and field, and what to do.
// Empty parts are left out of the text. Never holds a secret value.
struct Problem {
  Severity severity = Severity::kError;
  std::string file;     // as the user named it
  int line = 0;         // 1-based, 0 unknown
  std::string object;   // "SecretProviderClass shop/web"
  std::string field;    // "spec.parameters.objects[3].secretPath"
  std::string message;  // what is wrong
  std::string remedy;   // what to do next

  friend bool operator==(const Problem&, const Problem&) = default;
};

using Problems = std::vector<Problem>;

// "file:line: error: object: field: message; remedy", one printable line whatever was quoted.
std::string to_text(const Problem& problem);

bool has_errors(const Problems& problems);

}  // namespace keyferry
