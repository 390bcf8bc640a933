#include "formats/jmespath.h"

#include "base/encoding.h"
#include "base/strings.h"
#include "cli/cli.h"
#include "cli/jmespath_hint.h"
#include "cli/problem_output.h"
#include "cli/verbs.h"
#include "os/dir.h"

namespace keyferry::cli {

namespace {

constexpr std::size_t kLargestDocument = std::size_t{64} << 20;
constexpr JmesPath::Limits kLimits{.steps = 50'000'000};  // the expression is the user's own

Result<Json> read_document(const std::string& file) {
  const bool is_stdin = file == "-";
  const std::string name = is_stdin ? "standard input" : file;
  KF_ASSIGN(const Secret text, read_file(is_stdin ? "/dev/stdin" : file, kLargestDocument));
  return parse_json(text.expose()).with_context(name);
}

int complain(const JmesPathOptions& options, const JmesPathError& error, Terminal& terminal) {
  terminal.complain(cat(terminal.paint_error("error:", Colour::kRed), " ", name_of(error.kind),
                        ": ", printable(error.message), "\n",
                        line_with_caret(options.expression, error.offset)));
  if (error.kind == JmesPathError::Kind::kSyntax) {
    const std::string hint = quoting_hint(options.expression, error.offset);
    if (!hint.empty()) terminal.complain(hint);
  }
  return kProblems;
}

int complain(const Error& error, Terminal& terminal) {
  complain_about(error, terminal);
  return kProblems;
}

std::string shown(const Json& answer, const JmesPathOptions& options) {
  const std::string* text = answer.as_string();
  if (options.unquoted && text != nullptr) return *text;
  return to_text(answer, JsonEscapes::kMinimal,
                 options.compact ? JsonLayout::kCompact : JsonLayout::kIndented);
}

}  // namespace

int run_verb(const JmesPathOptions& options, Terminal& terminal) {
  const auto expression = JmesPath::parse(options.expression);
  if (!expression.ok()) return complain(options, expression.error(), terminal);
  const auto document = read_document(options.file);
  if (!document.ok()) return complain(document.error(), terminal);
  const auto answer = expression->search(*document, kLimits);
  if (!answer.ok()) return complain(options, answer.error(), terminal);
  terminal.print_line(shown(answer->json(), options));
  return kGood;
}

}  // namespace keyferry::cli
