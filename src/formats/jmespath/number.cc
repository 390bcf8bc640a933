#include "formats/jmespath/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

namespace keyferry::jmespath {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes the digits off the front; how many there were.
std::size_t take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto count = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(count);
  return count;
}

bool take_if(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

int sign_of(std::strong_ordering order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

// Of digits without leading zeros.
int compare_digits(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return sign_of(a <=> b);
}

int compare_whole(std::string_view a, std::string_view b) {
  const bool a_below = a.starts_with('-') && a != "-0";
  const bool b_below = b.starts_with('-') && b != "-0";
  if (a_below != b_below) return a_below ? -1 : 1;
  if (a.starts_with('-')) a.remove_prefix(1);
  if (b.starts_with('-')) b.remove_prefix(1);
  return a_below ? compare_digits(b, a) : compare_digits(a, b);
}

}  // namespace

bool is_whole(std::string_view text) { return text.find_first_of(".eE") == std::string_view::npos; }

bool is_json_number(std::string_view text) {
  take_if(text, "-");
  const bool leads_with_zero = text.starts_with('0');
  const std::size_t digits = take_digits(text);
  if (digits == 0 || (leads_with_zero && digits > 1)) return false;
  if (take_if(text, ".") && take_digits(text) == 0) return false;
  if (take_if(text, "eE")) {
    take_if(text, "+-");
    if (take_digits(text) == 0) return false;
  }
  return text.empty();
}

int compare(const Json::Number& a, const Json::Number& b) {
  if (is_whole(a.text) && is_whole(b.text)) return compare_whole(a.text, b.text);
  const double left = double_of(a);
  const double right = double_of(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

double double_of(const Json::Number& number) {
  double value = 0;
  const char* begin = number.text.data();
  const auto [stop, problem] = std::from_chars(begin, begin + number.text.size(), value);
  // Only strtod tells too large (infinite) from too small (0).
  return problem == std::errc() ? value : std::strtod(begin, nullptr);
}

std::optional<Json::Number> number_of(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (!std::isfinite(value)) return std::nullopt;
  if (std::trunc(value) == value && std::abs(value) <= kExact) {
    return Json::Number{std::to_string(static_cast<std::int64_t>(value))};
  }
  std::array<char, 32> text{};
  const auto [stop, problem] = std::to_chars(text.data(), text.data() + text.size(), value);
  return Json::Number{std::string(text.data(), stop)};
}

Json::Number absolute(const Json::Number& number) {
  return {number.text.starts_with('-') ? number.text.substr(1) : number.text};
}

std::optional<Json::Number> floor_of(const Json::Number& number) {
  return is_whole(number.text) ? number : number_of(std::floor(double_of(number)));
}

std::optional<Json::Number> ceiling_of(const Json::Number& number) {
  return is_whole(number.text) ? number : number_of(std::ceil(double_of(number)));
}

void Sum::add(const Json::Number& number) {
  const auto whole = Json(number).as_int();
  std::int64_t next = 0;
  if (exact_ && whole && !__builtin_add_overflow(whole_, *whole, &next)) {
    whole_ = next;
    return;
  }
  real_ = value() + double_of(number);
  exact_ = false;
}

std::optional<Json::Number> Sum::number() const {
  if (exact_) return Json::Number{std::to_string(whole_)};
  return number_of(real_);
}

}  // namespace keyferry::jmespath
