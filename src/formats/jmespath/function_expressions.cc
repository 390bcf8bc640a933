#include <algorithm>

#include "base/strings.h"
#include "formats/jmespath/function_bodies.h"

namespace keyferry::jmespath {

namespace {

// An item with what the expression gave for it.
struct Keyed {
  Value key;
  Value item;
};

// Keys are all numbers or all strings; the first decides.
Outcome<std::vector<Keyed>> keyed(const Call& call) {
  const Array items(call.arguments[0]);
  const Node& expression = *call.arguments[1].as_expression();
  std::vector<Keyed> all;
  for (std::size_t i = 0; i < items.size(); ++i) {
    KF_ASSIGN(const Value key, call.evaluator.evaluate(expression, items[i]));
    const Type type = key.type();
    if (type != Type::kNumber && type != Type::kString) {
      return call.invalid_type(
          1, cat("gives ", words_for(type), " for [", i, "], not a number or a string"));
    }
    if (i > 0 && type != all.front().key.type()) {
      return call.invalid_type(1, cat("gives ", words_for(type), " for [", i, "], but ",
                                      words_for(all.front().key.type()), " for [0]"));
    }
    all.push_back({key, items[i]});
  }
  return all;
}

Outcome<Value> extreme_by(const Call& call, int direction) {
  KF_ASSIGN(const auto all, keyed(call));
  if (all.empty()) return Value();
  const Keyed* found = &all.front();
  for (const Keyed& one : all) {
    if (compare_keys(one.key, found->key) * direction < 0) found = &one;
  }
  return found->item;
}

}  // namespace

// Unlike a projection it keeps null.
Outcome<Value> run_map(const Call& call) {
  const Node& expression = *call.arguments[0].as_expression();
  const Array items(call.arguments[1]);
  List mapped;
  for (std::size_t i = 0; i < items.size(); ++i) {
    KF_ASSIGN(const Value value, call.evaluator.evaluate(expression, items[i]));
    mapped.push_back(value);
  }
  return call.made().list(std::move(mapped));
}

Outcome<Value> run_max_by(const Call& call) { return extreme_by(call, -1); }

Outcome<Value> run_min_by(const Call& call) { return extreme_by(call, 1); }

Outcome<Value> run_sort_by(const Call& call) {
  KF_ASSIGN(auto all, keyed(call));
  std::stable_sort(all.begin(), all.end(),
                   [](const Keyed& a, const Keyed& b) { return compare_keys(a.key, b.key) < 0; });
  List sorted;
  sorted.reserve(all.size());
  for (const Keyed& one : all) sorted.push_back(one.item);
  return call.made().list(std::move(sorted));
}

}  // namespace keyferry::jmespath
