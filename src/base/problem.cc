#include "base/problem.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry {

std::string to_text(const Problem& problem) {
  std::string text;
  if (!problem.file.empty()) {
    text = problem.line > 0 ? cat(problem.file, ":", problem.line, ": ") : cat(problem.file, ": ");
  }
  text += problem.severity == Severity::kError ? "error: " : "warning: ";
  if (!problem.object.empty()) text += cat(problem.object, ": ");
  if (!problem.field.empty()) text += cat(problem.field, ": ");
  text += problem.message;
  if (!problem.remedy.empty()) text += cat("; ", problem.remedy);
  return printable(text);
}

bool has_errors(const Problems& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& p) { return p.severity == Severity::kError; });
}

}  // namespace keyferry
