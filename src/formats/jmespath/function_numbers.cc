#include <cmath>

#include "formats/jmespath/function_bodies.h"
#include "formats/jmespath/number.h"

namespace keyferry::jmespath {

namespace {

// JSON has no text for infinity (jmespath.py writes one all the same).
Outcome<Value> value_of(const Call& call, std::optional<Json::Number> number) {
  if (!number) return call.invalid_value("the result is too large for a number");
  return call.made().json(*std::move(number));
}

Sum sum_of(const Array& numbers) {
  Sum sum;
  for (std::size_t i = 0; i < numbers.size(); ++i) sum.add(*numbers[i].as_number());
  return sum;
}

}  // namespace

Outcome<Value> run_abs(const Call& call) {
  return call.made().json(absolute(*call.arguments[0].as_number()));
}

Outcome<Value> run_avg(const Call& call) {
  const Array numbers(call.arguments[0]);
  if (numbers.empty()) return Value();
  return value_of(call, number_of(sum_of(numbers).value() / static_cast<double>(numbers.size())));
}

Outcome<Value> run_ceil(const Call& call) {
  return value_of(call, ceiling_of(*call.arguments[0].as_number()));
}

Outcome<Value> run_floor(const Call& call) {
  return value_of(call, floor_of(*call.arguments[0].as_number()));
}

Outcome<Value> run_sum(const Call& call) {
  return value_of(call, sum_of(Array(call.arguments[0])).number());
}

// Of strings only what JSON takes for a number, as the specification has it; jmespath.py also takes
// " 1", "1_0" and "nan". One too large for a double is none: no reader would take our answer.
Outcome<Value> run_to_number(const Call& call) {
  if (call.arguments[0].as_number() != nullptr) return call.arguments[0];
  const std::string* text = call.arguments[0].as_string();
  if (text == nullptr || !is_json_number(*text)) return Value();
  Json::Number number{*text};
  if (std::isinf(double_of(number))) return Value();
  return call.made().json(std::move(number));
}

}  // namespace keyferry::jmespath
