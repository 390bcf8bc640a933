#pragma once

#include <string>

#include "base/problem.h"

// For tests of every room that complains: what a complaint owes its reader.
namespace keyferry {

// The complaints that do not say what to do next, neither in their remedy nor after a semicolon of
// the message. "" when all do.
inline std::string without_advice(const Problems& problems) {
  std::string lacking;
  for (const Problem& problem : problems) {
    const bool advises = !problem.remedy.empty() || problem.message.find("; ") != std::string::npos;
    if (!advises) lacking += to_text(problem) + '\n';
  }
  return lacking;
}

// The complaints without file, line, object or field. "" when all have them.
inline std::string without_place(const Problems& problems) {
  std::string lacking;
  for (const Problem& problem : problems) {
    const bool placed = !problem.file.empty() && problem.line > 0 && !problem.object.empty() &&
                        !problem.field.empty();
    if (!placed) lacking += to_text(problem) + '\n';
  }
  return lacking;
}

}  // namespace keyferry
