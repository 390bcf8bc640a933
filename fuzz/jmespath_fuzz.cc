// JMESPath: an expression, a zero byte, a document. Whatever they are, the search ends with an
// answer or with an error of the specification's that points into the expression and does not quote
// the document.
#include "formats/jmespath.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"
#include "fuzz/promise.h"

namespace keyferry::fuzz {
namespace {

constexpr JmesPath::Limits kLimits{.steps = 20'000};

void check_error(const JmesPathError& error, std::string_view expression) {
  promise(!error.message.empty(), "an error has a message");
  promise(error.offset <= expression.size(), "an error points into the expression");
}

Result<JmesPathAnswer, JmesPathError> searched(std::string_view expression, const Json& document) {
  KF_ASSIGN(const JmesPath parsed, JmesPath::parse(expression));
  KF_ASSIGN(const auto found, parsed.search(document, kLimits));
  return JmesPathAnswer(Json(found.json()));
}

// The answer to an expression that must be none where `expression` is none.
std::string answer_to(std::string_view expression, const Json& document) {
  const auto found = searched(expression, document);
  return found.ok() ? to_text(found->json()) : std::string(name_of(found.error().kind));
}

void check_answer(const Json& answer) {
  const std::string text = to_text(answer);
  promise(is_utf8(text), "an answer is UTF-8");
  const auto again = parse_json(text);
  // It may be deeper than a document that is read.
  promise(!again.ok() || *again == answer, "an answer that was written reads the same");
}

// `@ | x` and `(x)` are x, `[(x)] | [0]` as well where there is something to search in.
void check_equivalents(std::string_view expression, const Json& document,
                       const std::string& answer) {
  promise(answer_to(cat("(", expression, ")"), document) == answer, "parentheses change nothing");
  promise(answer_to(cat("@ | (", expression, ")"), document) == answer, "@ is the document");
  if (document.is_null()) return;
  promise(answer_to(cat("[(", expression, ")] | [0]"), document) == answer,
          "a list keeps its item");
  promise(answer_to(cat("{a: ", expression, "}.a"), document) == answer, "so does an object");
}

void check_parsed(const JmesPath& parsed, std::string_view expression, const Json& document) {
  const auto found = parsed.search(document, kLimits);
  if (!found.ok()) {
    promise(found.error().kind != JmesPathError::Kind::kSyntax,
            "what was parsed has no wrong syntax");
    return check_error(found.error(), expression);
  }
  check_answer(found->json());
  // Those nest deeper and take more steps, so there must be some left.
  const bool has_room =
      expression.size() < 100 && parsed.search(document, {.steps = kLimits.steps / 2}).ok();
  if (has_room) check_equivalents(expression, document, to_text(found->json()));
}

void check_secrecy(std::string_view expression, std::string_view document, std::string_view input) {
  const Marked secret = marked(document, input);
  const auto json = parse_json(secret.text);
  if (!json.ok()) return;
  const auto found = searched(expression, *json);
  promise(found.ok() || !secret.is_shown_in(found.error().message),
          "why a search failed does not quote the document");
}

void check(std::string_view input) {
  const std::size_t zero = std::min(input.find('\0'), input.size());
  const std::string_view expression = input.substr(0, zero);
  const std::string_view text = input.substr(std::min(zero + 1, input.size()));
  const auto document = parse_json(text);
  const auto parsed = JmesPath::parse(expression);
  if (!parsed.ok()) {
    promise(parsed.error().kind == JmesPathError::Kind::kSyntax,
            "what is not parsed is wrong syntax");
    return check_error(parsed.error(), expression);
  }
  check_parsed(*parsed, expression, document.ok() ? *document : Json());
  check_secrecy(expression, text, input);
}

}  // namespace
}  // namespace keyferry::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keyferry::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
