#include "manifest/placeholder.h"

#include <utility>

#include "base/strings.h"

namespace keyferry::manifest {

std::string placeholder_in(std::string_view text) {
  for (const auto& [open, close] : {std::pair('<', '>'), std::pair('{', '}')}) {
    const auto begin = text.find(open);
    const auto end = begin == std::string_view::npos ? begin : text.find(close, begin);
    if (end != std::string_view::npos) return std::string(text.substr(begin, end - begin + 1));
  }
  return {};
}

std::vector<Placeholder> placeholders_in(std::string_view text, int line,
                                         const std::string& field) {
  std::vector<Placeholder> found;
  for (const std::string_view one : split(text, '\n')) {
    if (std::string placeholder = placeholder_in(one); !placeholder.empty()) {
      found.push_back({field, line, std::move(placeholder)});
    }
    ++line;
  }
  return found;
}

}  // namespace keyferry::manifest
