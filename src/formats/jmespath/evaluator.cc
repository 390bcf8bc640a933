// The tree is walked as it is: no code is made from it, and nothing of the document is copied. A
// Value is a pointer into the document, into a literal, or into what Made holds for this search;
// projections collect such pointers. So `a.b[?c=='x'].d | [0]` touches the members it names, makes
// one list of pointers and ends with a pointer into the document.
//
// It ends for every expression: the depth of the tree bounds the recursion, and the budget bounds
// the width, for `[@, @] | [@, @] | …` and `map(&map(&…, @), @)` grow exponentially with the text.
#include "formats/jmespath/evaluator.h"

#include <algorithm>

#include "base/strings.h"
#include "formats/jmespath/functions.h"
#include "formats/jmespath/number.h"

namespace keyferry::jmespath {

namespace {

using Kind = Node::Kind;

Value item_at(Value value, std::int64_t index) {
  const Array items(value);
  const auto size = static_cast<std::int64_t>(items.size());
  if (index < 0) index += size;
  return index < 0 || index >= size ? Value() : items[static_cast<std::size_t>(index)];
}

// Python's rule: a place before the start counts from the end, one outside is moved to the edge.
std::int64_t place_of(std::optional<std::int64_t> written, std::int64_t otherwise,
                      std::int64_t size, std::int64_t step) {
  if (!written) return otherwise;
  const std::int64_t place = *written < 0 ? *written + size : *written;
  return step > 0 ? std::clamp<std::int64_t>(place, 0, size)
                  : std::clamp<std::int64_t>(place, -1, size - 1);
}

List sliced(const Array& items, const Slice& slice) {
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t step = slice.step.value_or(1);
  std::int64_t at = place_of(slice.start, step > 0 ? 0 : size - 1, size, step);
  const std::int64_t stop = place_of(slice.stop, step > 0 ? size : -1, size, step);
  List taken;
  for (; step > 0 ? at < stop : at > stop; at += step) {
    taken.push_back(items[static_cast<std::size_t>(at)]);
  }
  return taken;
}

// By number only: the specification gives null for strings, which jmespath.py compares.
Value ordered(Comparator comparator, Value left, Value right) {
  const Json::Number* a = left.as_number();
  const Json::Number* b = right.as_number();
  if (a == nullptr || b == nullptr) return {};
  const int order = compare(*a, *b);
  switch (comparator) {
    case Comparator::kLess:
      return Value(order < 0);
    case Comparator::kLessOrEqual:
      return Value(order <= 0);
    case Comparator::kGreater:
      return Value(order > 0);
    case Comparator::kGreaterOrEqual:
      return Value(order >= 0);
    case Comparator::kEqual:
    case Comparator::kNotEqual:
      break;
  }
  return {};
}

}  // namespace

JmesPathError too_many_steps(const Node& node) {
  return {JmesPathError::Kind::kInvalidValue, node.offset, "the search takes too many steps"};
}

Outcome<Value> Evaluator::evaluate(const Node& node, Value current) {
  if (!budget_.take()) return too_many_steps(node);
  switch (node.kind) {
    case Kind::kCurrent:
      return current;
    case Kind::kField:
      return current.find(node.name).value_or(Value());
    case Kind::kIndex:
      return item_at(current, node.index);
    case Kind::kSlice:
      return slice(node, current);
    case Kind::kLiteral:
      return Value(node.literal);
    case Kind::kChain:
      return chain(node, current);
    case Kind::kListProjection:
      return list_projection(node, current);
    case Kind::kObjectProjection:
      return object_projection(node, current);
    case Kind::kFilter:
      return filter(node, current);
    case Kind::kFlatten:
      return flatten(node, current);
    case Kind::kComparison:
      return comparison(node, current);
    case Kind::kOr:
      return first_that(false, node, current);
    case Kind::kAnd:
      return first_that(true, node, current);
    case Kind::kNot: {
      KF_ASSIGN(const Value value, evaluate(node.children[0], current));
      return Value(is_false_like(value));
    }
    case Kind::kMultiSelectList:
      return multi_select_list(node, current);
    case Kind::kMultiSelectHash:
      return multi_select_hash(node, current);
    case Kind::kCall:
      return call(node, current);
    case Kind::kReference:
      return Value(node.children[0]);
  }
  return Value();
}

Outcome<Value> Evaluator::chain(const Node& node, Value current) {
  for (const Node& link : node.children) {
    KF_ASSIGN(current, evaluate(link, current));
  }
  return current;
}

Outcome<Value> Evaluator::list_projection(const Node& node, Value current) {
  KF_ASSIGN(const Value base, evaluate(node.children[0], current));
  if (base.type() != Type::kArray) return Value();
  const Array items(base);
  List collected;
  for (std::size_t i = 0; i < items.size(); ++i) {
    KF_ASSIGN(const Value value, evaluate(node.children[1], items[i]));
    if (!value.is_null()) collected.push_back(value);
  }
  return made_.list(std::move(collected));
}

Outcome<Value> Evaluator::object_projection(const Node& node, Value current) {
  KF_ASSIGN(const Value base, evaluate(node.children[0], current));
  if (base.type() != Type::kObject) return Value();
  List collected;
  std::optional<JmesPathError> failure;
  for_each_member(base, [&](const std::string&, Value member) {
    if (failure) return;
    auto value = evaluate(node.children[1], member);
    if (!value.ok()) {
      failure = value.error();
    } else if (!value->is_null()) {
      collected.push_back(*value);
    }
  });
  if (failure) return *failure;
  return made_.list(std::move(collected));
}

Outcome<Value> Evaluator::filter(const Node& node, Value current) {
  KF_ASSIGN(const Value base, evaluate(node.children[0], current));
  if (base.type() != Type::kArray) return Value();
  const Array items(base);
  List collected;
  for (std::size_t i = 0; i < items.size(); ++i) {
    KF_ASSIGN(const Value condition, evaluate(node.children[2], items[i]));
    if (is_false_like(condition)) continue;
    KF_ASSIGN(const Value value, evaluate(node.children[1], items[i]));
    if (!value.is_null()) collected.push_back(value);
  }
  return made_.list(std::move(collected));
}

Outcome<Value> Evaluator::flatten(const Node& node, Value current) {
  KF_ASSIGN(const Value base, evaluate(node.children[0], current));
  if (base.type() != Type::kArray) return Value();
  const Array items(base);
  List flat;
  for (std::size_t i = 0; i < items.size() && !budget_.is_exhausted(); ++i) {
    if (items[i].type() != Type::kArray) {
      flat.push_back(items[i]);
      continue;
    }
    const Array inner(items[i]);
    if (!budget_.take(inner.size())) break;
    for (std::size_t j = 0; j < inner.size(); ++j) flat.push_back(inner[j]);
  }
  return made_.list(std::move(flat));
}

Outcome<Value> Evaluator::comparison(const Node& node, Value current) {
  KF_ASSIGN(const Value left, evaluate(node.children[0], current));
  KF_ASSIGN(const Value right, evaluate(node.children[1], current));
  if (node.comparator == Comparator::kEqual) return Value(are_equal(left, right, budget_));
  if (node.comparator == Comparator::kNotEqual) return Value(!are_equal(left, right, budget_));
  return ordered(node.comparator, left, right);
}

// `a || b` is the first that is not false-like, `a && b` the first that is; else the last.
Outcome<Value> Evaluator::first_that(bool is_false, const Node& node, Value current) {
  Value value;
  for (const Node& choice : node.children) {
    KF_ASSIGN(value, evaluate(choice, current));
    if (is_false_like(value) == is_false) break;
  }
  return value;
}

Outcome<Value> Evaluator::multi_select_list(const Node& node, Value current) {
  if (current.is_null()) return Value();
  List items;
  items.reserve(node.children.size());
  for (const Node& child : node.children) {
    KF_ASSIGN(const Value value, evaluate(child, current));
    items.push_back(value);
  }
  return made_.list(std::move(items));
}

Outcome<Value> Evaluator::multi_select_hash(const Node& node, Value current) {
  if (current.is_null()) return Value();
  Hash members;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    KF_ASSIGN(const Value value, evaluate(node.children[i], current));
    members.insert_or_assign(node.keys[i], value);
  }
  return made_.hash(std::move(members));
}

Outcome<Value> Evaluator::slice(const Node& node, Value current) {
  if (current.type() != Type::kArray) return Value();
  if (node.slice.step == 0) {
    return JmesPathError{JmesPathError::Kind::kInvalidValue, node.offset,
                         "the step of a slice is 0"};
  }
  const Array items(current);
  budget_.take(items.size());
  return made_.list(sliced(items, node.slice));
}

// Arguments first, then whether there is such a function: as jmespath.py does.
Outcome<Value> Evaluator::call(const Node& node, Value current) {
  std::vector<Value> arguments;
  arguments.reserve(node.children.size());
  for (const Node& child : node.children) {
    KF_ASSIGN(const Value value, evaluate(child, current));
    arguments.push_back(value);
  }
  return call_function({*this, node, arguments});
}

}  // namespace keyferry::jmespath
