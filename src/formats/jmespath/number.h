#pragma once

#include <optional>
#include <string_view>

#include "formats/json.h"

// Numbers as JSON texts: whole ones are exact however long they are, others are doubles. What no
// function changed is written as it was read.
namespace keyferry::jmespath {

// Digits with or without a minus: no fraction, no exponent.
bool is_whole(std::string_view text);
// The number production of RFC 8259.
bool is_json_number(std::string_view text);

// Below 0, 0, above 0, by value: 1, 1.0 and 10e-1 are equal.
int compare(const Json::Number& a, const Json::Number& b);

double double_of(const Json::Number& number);
// The shortest text that reads the same, a whole number without a fraction: the specification shows
// avg([10, 15, 20]) as 15, and Go prints it so (Python: 15.0). Empty where it is infinite.
std::optional<Json::Number> number_of(double value);

Json::Number absolute(const Json::Number& number);
// Empty where the number is too large for a double.
std::optional<Json::Number> floor_of(const Json::Number& number);
std::optional<Json::Number> ceiling_of(const Json::Number& number);

// Exact while every addend is whole and the sum fits 64 bits, else of doubles from left to right.
class Sum {
 public:
  void add(const Json::Number& number);
  double value() const { return exact_ ? static_cast<double>(whole_) : real_; }
  std::optional<Json::Number> number() const;

 private:
  bool exact_ = true;
  std::int64_t whole_ = 0;
  double real_ = 0;
};

}  // namespace keyferry::jmespath
