#include "formats/jmespath/functions.h"

#include <algorithm>

#include "base/strings.h"
#include "formats/jmespath/function_bodies.h"

namespace keyferry::jmespath {

namespace {

constexpr TypeSet bit(Type type) { return 1U << static_cast<unsigned>(type); }

constexpr TypeSet kNumber = bit(Type::kNumber);
constexpr TypeSet kString = bit(Type::kString);
constexpr TypeSet kArray = bit(Type::kArray);
constexpr TypeSet kObject = bit(Type::kObject);
constexpr TypeSet kExpression = bit(Type::kExpression);
constexpr TypeSet kAny =
    kNumber | kString | kArray | kObject | bit(Type::kNull) | bit(Type::kBoolean);
constexpr TypeSet kNumbers = kExpression << 1U;
constexpr TypeSet kStrings = kExpression << 2U;

constexpr auto kOnce = Function::Last::kOnce;
constexpr auto kOnceOrMore = Function::Last::kOnceOrMore;

constexpr Function kFunctions[] = {
    {"abs", {kNumber}, kOnce, run_abs},
    {"avg", {kNumbers}, kOnce, run_avg},
    {"ceil", {kNumber}, kOnce, run_ceil},
    {"contains", {kArray | kString, kAny}, kOnce, run_contains},
    {"ends_with", {kString, kString}, kOnce, run_ends_with},
    {"floor", {kNumber}, kOnce, run_floor},
    {"join", {kString, kStrings}, kOnce, run_join},
    {"keys", {kObject}, kOnce, run_keys},
    {"length", {kString | kArray | kObject}, kOnce, run_length},
    {"map", {kExpression, kArray}, kOnce, run_map},
    {"max", {kNumbers | kStrings}, kOnce, run_max},
    {"max_by", {kArray, kExpression}, kOnce, run_max_by},
    {"merge", {kObject}, kOnceOrMore, run_merge},
    {"min", {kNumbers | kStrings}, kOnce, run_min},
    {"min_by", {kArray, kExpression}, kOnce, run_min_by},
    {"not_null", {kAny}, kOnceOrMore, run_not_null},
    {"reverse", {kString | kArray}, kOnce, run_reverse},
    {"sort", {kNumbers | kStrings}, kOnce, run_sort},
    {"sort_by", {kArray, kExpression}, kOnce, run_sort_by},
    {"starts_with", {kString, kString}, kOnce, run_starts_with},
    {"sum", {kNumbers}, kOnce, run_sum},
    {"to_array", {kAny}, kOnce, run_to_array},
    {"to_number", {kAny}, kOnce, run_to_number},
    {"to_string", {kAny}, kOnce, run_to_string},
    {"type", {kAny}, kOnce, run_type},
    {"values", {kObject}, kOnce, run_values},
};

std::string words_for_set(TypeSet types) {
  if (types == kAny) return "a value";
  std::vector<std::string> words;
  for (const Type type : {Type::kNumber, Type::kString, Type::kArray, Type::kObject}) {
    if ((types & bit(type)) != 0) words.emplace_back(words_for(type));
  }
  if ((types & kNumbers) != 0) words.emplace_back("an array of numbers");
  if ((types & kStrings) != 0) words.emplace_back("an array of strings");
  if ((types & kExpression) != 0) words.emplace_back("an expression (&…)");
  return join(words, " or ");
}

// The first item that is not of the type of the set: of the one type allowed, or of the first item.
std::optional<std::size_t> stray_item(Value array, TypeSet types) {
  const Array items(array);
  if (items.empty()) return std::nullopt;
  const Type first = items[0].type();
  const bool fits = (first == Type::kNumber && (types & kNumbers) != 0) ||
                    (first == Type::kString && (types & kStrings) != 0);
  if (!fits) return 0;
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (items[i].type() != first) return i;
  }
  return std::nullopt;
}

Result<void, JmesPathError> check_type(const Call& call, std::size_t at, TypeSet types) {
  const Value value = call.arguments[at];
  if ((types & bit(value.type())) != 0) return {};
  if (value.type() != Type::kArray || (types & (kNumbers | kStrings)) == 0) {
    return call.invalid_type(at,
                             cat("is ", words_for(value.type()), ", not ", words_for_set(types)));
  }
  call.budget().take(Array(value).size());
  const auto stray = stray_item(value, types);
  if (!stray) return {};
  return call.invalid_type(at, cat("is not ", words_for_set(types), ": [", *stray, "] is ",
                                   words_for(Array(value)[*stray].type())));
}

Result<void, JmesPathError> check_arity(const Call& call, const Function& function) {
  const std::size_t given = call.arguments.size();
  const std::size_t wanted = function.arity();
  const bool more_is_good = function.last == Function::Last::kOnceOrMore;
  if (given == wanted || (given > wanted && more_is_good)) return {};
  return JmesPathError{JmesPathError::Kind::kInvalidArity, call.node.offset,
                       cat(function.name, "() takes ", more_is_good ? "at least " : "", wanted,
                           wanted == 1 ? " argument, not " : " arguments, not ", given)};
}

JmesPathError unknown_function(const Node& node) {
  std::vector<std::string_view> names;
  for (const Function& function : kFunctions) names.push_back(function.name);
  const std::string_view nearest = nearest_name(node.name, names);
  const std::string hint = nearest.empty() ? "" : cat("; did you mean ", nearest, "()?");
  return {JmesPathError::Kind::kUnknownFunction, node.offset,
          cat("there is no function ", node.name, "()", hint)};
}

}  // namespace

JmesPathError Call::invalid_type(std::size_t argument, std::string_view why) const {
  return {JmesPathError::Kind::kInvalidType, node.children[argument].offset,
          cat("argument ", argument + 1, " of ", node.name, "() ", why)};
}

JmesPathError Call::invalid_value(std::string_view why) const {
  return {JmesPathError::Kind::kInvalidValue, node.offset, cat(node.name, "(): ", why)};
}

const Function* find_function(std::string_view name) {
  const auto* found = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                   [&](const Function& known) { return known.name == name; });
  return found == std::end(kFunctions) ? nullptr : found;
}

Outcome<Value> call_function(const Call& call) {
  const Function* function = call.node.function;
  if (function == nullptr) return unknown_function(call.node);
  KF_TRY(check_arity(call, *function));
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    KF_TRY(check_type(call, i, function->parameters[std::min(i, function->arity() - 1)]));
  }
  return function->run(call);
}

}  // namespace keyferry::jmespath
