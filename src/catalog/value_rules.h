#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "catalog/catalog.h"
#include "catalog/key_name.h"

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

}  // namespace keyferry::catalog
