#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/jmespath/evaluator.h"

// The built-in functions.
namespace keyferry::jmespath {

struct Call {
  Evaluator& evaluator;
  const Node& node;
  const std::vector<Value>& arguments;

  Made& made() const { return evaluator.made(); }
  Budget& budget() const { return evaluator.budget(); }
  // An error that points at an argument, or at the function's name.
  JmesPathError invalid_type(std::size_t argument, std::string_view why) const;
  JmesPathError invalid_value(std::string_view why) const;
};

// What an argument may be: one bit per Type, and two for arrays of one type.
using TypeSet = unsigned;

struct Function {
  enum class Last { kOnce, kOnceOrMore };

  std::string_view name;
  TypeSet parameters[2];  // of a second that is 0 there is one only
  Last last;              // how often the last may be given
  Outcome<Value> (*run)(const Call& call);

  std::size_t arity() const { return parameters[1] == 0 ? 1 : 2; }
};

// Null where there is none of that name.
const Function* find_function(std::string_view name);

// kUnknownFunction, kInvalidArity and kInvalidType before the function runs.
Outcome<Value> call_function(const Call& call);

}  // namespace keyferry::jmespath
