#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "catalog/catalog.h"
#include "catalog/key_name.h"
#include "formats/json.h"

namespace keyferry::catalog {

// A value as the runtime takes it.
struct ReadValue {
  Secret json;  // JSON text
  std::string warning;
};

// The text of a file: UTF-8, one trailing line end taken off (values are often made with echo).
// kInvalidArgument never shows the value.
Result<std::string_view> text_of(std::string_view bytes);

// Reads one value by its row's type. kInvalidArgument says what is allowed, never the value.
Result<ReadValue> read_value(const KeyName& key, std::string_view text, const AppContext& context);

// What a value of this type looks like, to be written instead of a refused one; "" where the error
// says all.
std::string_view remedy_of(ValueType type);

// The text as a JSON string.
Secret json_text(std::string_view text);

// A JSON value of a setting as the runtime takes it: where it wants one text with commas, an array
// of texts becomes that; anything else stays.
Json setting_value(std::string_view setting, Json value);

}  // namespace keyferry::catalog
