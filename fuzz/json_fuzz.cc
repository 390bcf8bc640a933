// JSON text: what was read is written so that it reads the same, in both ways of escaping.
#include "base/encoding.h"
#include "base/strings.h"
#include "fuzz/promise.h"

namespace keyferry::fuzz {
namespace {

void check_numbers(const Json& value) {
  if (const Json::Number* number = value.as_number()) {
    const auto whole = value.as_int();
    promise(!whole || std::to_string(*whole) == number->text || number->text == "-0",
            "a whole number is the number that was written");
  }
  if (const Json::Array* items = value.as_array()) {
    for (const Json& item : *items) check_numbers(item);
  }
  if (const Json::Object* members = value.as_object()) {
    for (const auto& member : *members) check_numbers(member.second);
  }
}

void check_round_trip(const Json& value, JsonEscapes escapes) {
  const std::string text = to_text(value, escapes);
  promise(is_utf8(text), "JSON is written as UTF-8");
  promise(text.find('\n') == std::string::npos, "JSON is written as one line");
  promise(escapes == JsonEscapes::kMinimal || text.find_first_of("<>&") == std::string::npos,
          "JSON that is safe for HTML has no markup");
  const auto again = parse_json(text);
  promise(again.ok() && *again == value, "JSON that was written reads the same");
}

void check(std::string_view text) {
  const auto value = parse_json(text);
  if (!value.ok()) {
    promise(value.error().code() == ErrorCode::kInvalidArgument, "text that is no JSON is refused");
    const Marked secret = marked(text);
    const auto refused = parse_json(secret.text);
    promise(refused.ok() || !secret.is_shown_in(refused.error().message()),
            "why JSON was refused does not quote it");
    return;
  }
  check_numbers(*value);
  check_round_trip(*value, JsonEscapes::kMinimal);
  check_round_trip(*value, JsonEscapes::kHtmlSafe);
}

}  // namespace
}  // namespace keyferry::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keyferry::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
