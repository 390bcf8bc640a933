#include <algorithm>

#include "formats/jmespath/function_bodies.h"
#include "formats/jmespath/number.h"

namespace keyferry::jmespath {

namespace {

// The first item that no other comes before in `direction` (1: the least, -1: the greatest).
Value extreme_of(const Array& items, int direction) {
  if (items.empty()) return {};
  Value found = items[0];
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (compare_keys(items[i], found) * direction < 0) found = items[i];
  }
  return found;
}

bool is_among(const Array& items, Value wanted, Budget& budget) {
  for (std::size_t i = 0; i < items.size() && budget.take(); ++i) {
    if (are_equal(items[i], wanted, budget)) return true;
  }
  return false;
}

}  // namespace

int compare_keys(Value a, Value b) {
  if (const Json::Number* number = a.as_number()) return compare(*number, *b.as_number());
  return a.as_string()->compare(*b.as_string());
}

// In a string there is only a string, whatever else is asked for.
Outcome<Value> run_contains(const Call& call) {
  const Value subject = call.arguments[0];
  const Value wanted = call.arguments[1];
  const std::string* text = subject.as_string();
  if (text == nullptr) return Value(is_among(Array(subject), wanted, call.budget()));
  const std::string* part = wanted.as_string();
  return Value(part != nullptr && text->find(*part) != std::string::npos);
}

Outcome<Value> run_keys(const Call& call) {
  List keys;
  for_each_member(call.arguments[0], [&](const std::string& key, Value) {
    if (call.budget().take(cost_of_text(key))) keys.push_back(call.made().json(key));
  });
  return call.made().list(std::move(keys));
}

Outcome<Value> run_values(const Call& call) {
  List values;
  for_each_member(call.arguments[0], [&](const std::string&, Value member) {
    if (call.budget().take()) values.push_back(member);
  });
  return call.made().list(std::move(values));
}

Outcome<Value> run_merge(const Call& call) {
  Hash merged;
  for (const Value& object : call.arguments) {
    for_each_member(object, [&](const std::string& key, Value member) {
      if (call.budget().take(cost_of_text(key))) merged.insert_or_assign(key, member);
    });
  }
  return call.made().hash(std::move(merged));
}

Outcome<Value> run_max(const Call& call) { return extreme_of(Array(call.arguments[0]), -1); }

Outcome<Value> run_min(const Call& call) { return extreme_of(Array(call.arguments[0]), 1); }

Outcome<Value> run_sort(const Call& call) {
  const Array items(call.arguments[0]);
  List sorted;
  sorted.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) sorted.push_back(items[i]);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](Value a, Value b) { return compare_keys(a, b) < 0; });
  return call.made().list(std::move(sorted));
}

Outcome<Value> run_not_null(const Call& call) {
  for (const Value& value : call.arguments) {
    if (!value.is_null()) return value;
  }
  return Value();
}

Outcome<Value> run_to_array(const Call& call) {
  if (call.arguments[0].type() == Type::kArray) return call.arguments[0];
  return call.made().list({call.arguments[0]});
}

}  // namespace keyferry::jmespath
