#include "cli/problem_output.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry::cli {

namespace {

// "1 error", "2 errors".
std::string counted(std::size_t count, std::string_view noun) {
  return cat(count, " ", noun, count == 1 ? "" : "s");
}

}  // namespace

void complain_about(const Problems& problems, Terminal& terminal) {
  Problems sorted = problems;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.file, a.line) < std::tie(b.file, b.line);
  });
  std::size_t errors = 0;
  for (const Problem& problem : sorted) {
    const bool is_error = problem.severity == Severity::kError;
    errors += is_error ? 1 : 0;
    std::string text = to_text(problem);
    const std::string_view word = is_error ? "error:" : "warning:";
    const auto at = text.find(word);
    text.replace(at, word.size(),
                 terminal.paint_error(word, is_error ? Colour::kRed : Colour::kYellow));
    terminal.complain(text);
  }
  if (!sorted.empty()) {
    terminal.complain(
        cat(counted(errors, "error"), ", ", counted(sorted.size() - errors, "warning")));
  }
}

Json to_json(const Problem& problem) {
  Json json(Json::Object{});
  json.set("severity", problem.severity == Severity::kError ? "error" : "warning");
  if (!problem.file.empty()) json.set("file", problem.file);
  if (problem.line > 0) json.set("line", problem.line);
  if (!problem.object.empty()) json.set("object", problem.object);
  if (!problem.field.empty()) json.set("field", problem.field);
  json.set("message", problem.message);
  if (!problem.remedy.empty()) json.set("remedy", problem.remedy);
  return json;
}

void complain_about(const Error& error, Terminal& terminal) {
  // Some errors list several things, a line each.
  for (const std::string_view line : split(error.message(), '\n')) {
    terminal.complain(cat(terminal.paint_error("error:", Colour::kRed), " ", printable(line)));
  }
}

}  // namespace keyferry::cli
