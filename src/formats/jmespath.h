#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "formats/json.h"

namespace keyferry {

namespace jmespath {
struct Node;
}

// Why an expression cannot be read or has no answer: the error names of the JMESPath specification.
struct JmesPathError {
  enum class Kind { kSyntax, kInvalidType, kInvalidValue, kInvalidArity, kUnknownFunction };

  Kind kind = Kind::kSyntax;
  std::size_t offset = 0;  // byte of the expression at which it goes wrong; its size: at the end
  std::string message;     // never quotes the document

  friend bool operator==(const JmesPathError&, const JmesPathError&) = default;
};

// "syntax", "invalid-type", "invalid-value", "invalid-arity", "unknown-function".
std::string_view name_of(JmesPathError::Kind kind);

// What a search gave: a part of the document or of the expression, which both must outlive it, or
// a value put together from such parts.
class JmesPathAnswer {
 public:
  explicit JmesPathAnswer(const Json* there) : there_(there) {}
  explicit JmesPathAnswer(Json made)
      : made_(std::make_unique<const Json>(std::move(made))), there_(made_.get()) {}

  const Json& json() const { return *there_; }
  // Whether it is a part of the document or the expression: nothing was copied.
  bool is_borrowed() const { return made_ == nullptr; }

 private:
  std::unique_ptr<const Json> made_;
  const Json* there_;
};

// A JMESPath expression (jmespath.org), read once and then never changed: any number of threads may
// search with it at the same time.
class JmesPath {
 public:
  struct Limits {
    // Values looked at or made, each of at most about 64 bytes: a short expression can ask for
    // 2^100 of them. kInvalidValue.
    std::size_t steps = 5'000'000;
  };

  // kSyntax where it is no expression, or one nested deeper than 128 levels.
  static Result<JmesPath, JmesPathError> parse(std::string_view expression);

  JmesPath(JmesPath&&) noexcept;
  JmesPath& operator=(JmesPath&&) noexcept;
  ~JmesPath();

  // Every other kind of error; functions are looked up when they are called, as the specification
  // has it.
  Result<JmesPathAnswer, JmesPathError> search(const Json& document, const Limits& limits) const;
  Result<JmesPathAnswer, JmesPathError> search(const Json& document) const;

 private:
  explicit JmesPath(std::unique_ptr<const jmespath::Node> root);

  std::unique_ptr<const jmespath::Node> root_;
};

}  // namespace keyferry
