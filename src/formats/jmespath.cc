#include "formats/jmespath.h"

#include "formats/jmespath/evaluator.h"
#include "formats/jmespath/parser.h"

namespace keyferry {

std::string_view name_of(JmesPathError::Kind kind) {
  switch (kind) {
    case JmesPathError::Kind::kSyntax:
      return "syntax";
    case JmesPathError::Kind::kInvalidType:
      return "invalid-type";
    case JmesPathError::Kind::kInvalidValue:
      return "invalid-value";
    case JmesPathError::Kind::kInvalidArity:
      return "invalid-arity";
    case JmesPathError::Kind::kUnknownFunction:
      return "unknown-function";
  }
  return "";
}

JmesPath::JmesPath(std::unique_ptr<const jmespath::Node> root) : root_(std::move(root)) {}
JmesPath::JmesPath(JmesPath&&) noexcept = default;
JmesPath& JmesPath::operator=(JmesPath&&) noexcept = default;
JmesPath::~JmesPath() = default;

Result<JmesPath, JmesPathError> JmesPath::parse(std::string_view expression) {
  KF_ASSIGN(jmespath::Node root, jmespath::parse_expression(expression));
  return JmesPath(std::make_unique<const jmespath::Node>(std::move(root)));
}

Result<JmesPathAnswer, JmesPathError> JmesPath::search(const Json& document) const {
  return search(document, Limits());
}

Result<JmesPathAnswer, JmesPathError> JmesPath::search(const Json& document,
                                                       const Limits& limits) const {
  jmespath::Made made;
  jmespath::Budget budget(limits.steps);
  jmespath::Evaluator evaluator(made, budget);
  KF_ASSIGN(const jmespath::Value value, evaluator.evaluate(*root_, jmespath::Value(document)));
  const Json* there = value.as_json();
  if (!budget.is_exhausted() && there != nullptr && !made.holds(*there)) {
    return JmesPathAnswer(there);
  }
  Json copy = jmespath::json_of(value, budget);
  if (budget.is_exhausted()) return jmespath::too_many_steps(*root_);
  return JmesPathAnswer(std::move(copy));
}

}  // namespace keyferry
