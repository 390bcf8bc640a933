#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace keyferry::cli {

// The line of a JMESPath expression that holds the byte, cut where it is long, and a line below it
// with a caret under the place.
std::string line_with_caret(std::string_view expression, std::size_t offset);

// What to write where a name needs quotes, as one with a hyphen does: in the expression and in the
// shell, which takes quotes away. Empty where a syntax error at that byte has another reason.
std::string quoting_hint(std::string_view expression, std::size_t offset);

}  // namespace keyferry::cli
