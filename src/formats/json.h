#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace keyferry {

// A JSON value (RFC 8259). Numbers keep their text, so that what was read is written back exactly;
// objects are sorted by key, as Go's encoder writes maps. The last of two equal keys wins.
class Json {
 public:
  struct Number {
    std::string text;
    friend bool operator==(const Number&, const Number&) = default;
  };
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json, std::less<>>;

  Json() = default;                    // null
  Json(bool value) : value_(value) {}  // NOLINT(google-explicit-constructor)
  Json(std::int64_t value) : value_(Number{std::to_string(value)}) {}  // NOLINT
  Json(int value) : Json(std::int64_t{value}) {}            // NOLINT(google-explicit-constructor)
  Json(Number number) : value_(std::move(number)) {}        // NOLINT(google-explicit-constructor)
  Json(std::string text) : value_(std::move(text)) {}       // NOLINT(google-explicit-constructor)
  Json(std::string_view text) : Json(std::string(text)) {}  // NOLINT(google-explicit-constructor)
  Json(const char* text) : Json(std::string(text)) {}       // NOLINT(google-explicit-constructor)
  Json(Array items) : value_(std::move(items)) {}           // NOLINT(google-explicit-constructor)
  Json(Object members) : value_(std::move(members)) {}      // NOLINT(google-explicit-constructor)

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  // Each is null when the value is of another type.
  const bool* as_bool() const { return std::get_if<bool>(&value_); }
  const Number* as_number() const { return std::get_if<Number>(&value_); }
  const std::string* as_string() const { return std::get_if<std::string>(&value_); }
  const Array* as_array() const { return std::get_if<Array>(&value_); }
  const Object* as_object() const { return std::get_if<Object>(&value_); }
  Array* as_array() { return std::get_if<Array>(&value_); }
  Object* as_object() { return std::get_if<Object>(&value_); }
  // The number when it is whole and fits.
  std::optional<std::int64_t> as_int() const;

  // Member of an object; null pointer when absent or not an object.
  const Json* find(std::string_view key) const;
  // Member that is a string; empty when absent or of another type.
  std::string_view text_of(std::string_view key) const;
  // Sets a member; a value that is not an object becomes one first.
  Json& set(std::string key, Json value);

  // "null", "true or false", "a number", "a string", "an array", "an object": for messages.
  std::string_view type_name() const;

  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::variant<std::monostate, bool, Number, std::string, Array, Object> value_;
};

// Whole text must be one JSON value, UTF-8, at most 64 levels deep. kInvalidArgument says what is
// wrong and at which byte, never quoting the text (it may hold secrets).
Result<Json> parse_json(std::string_view text);

enum class JsonEscapes { kMinimal, kHtmlSafe };  // kHtmlSafe: <, >, & and U+2028/9 as Go's encoder

enum class JsonLayout { kCompact, kIndented };  // kIndented: two blanks a level; [] and {} stay so

// Keys sorted.
std::string to_text(const Json& value, JsonEscapes escapes = JsonEscapes::kMinimal,
                    JsonLayout layout = JsonLayout::kCompact);

}  // namespace keyferry
