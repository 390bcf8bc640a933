#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace keyferry::manifest {

// What documentation leaves for the reader to fill in, and where it stands.
struct Placeholder {
  std::string field;  // "spec.sourceURL"
  int line = 0;
  std::string text;  // "<image>"
};

// <…>, and braces where no value has any; "" when there is none.
std::string placeholder_in(std::string_view text);

// Those in one text, which begins in `line`: the first one of each of its lines.
std::vector<Placeholder> placeholders_in(std::string_view text, int line, const std::string& field);

}  // namespace keyferry::manifest
