#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace keyferry {

inline void cat_one(std::string& out, std::string_view piece) { out += piece; }
inline void cat_one(std::string& out, char piece) { out += piece; }
template <std::integral T>
requires(!std::same_as<T, char> && !std::same_as<T, bool>) void cat_one(std::string& out,
                                                                        T number) {
  out += std::to_string(number);
}

// Joins texts, characters and whole numbers: cat("object '", name, "': line ", 7).
template <class... Pieces>
std::string cat(const Pieces&... pieces) {
  std::string out;
  (cat_one(out, pieces), ...);
  return out;
}

// The pieces with `separator` between them.
std::string join(const std::vector<std::string>& pieces, std::string_view separator);

// The pieces between the separators, empty ones too; one piece when there is no separator.
std::vector<std::string_view> split(std::string_view text, char separator);

// Without ASCII white space at both ends.
std::string_view trim(std::string_view text);

// At most `bytes` of the beginning; of UTF-8 no half character.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);

// A byte no terminal, log or header should see: ASCII control characters, line ends among them.
// "0755": the permission bits of a file.
std::string octal(unsigned mode);

constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }

// ASCII letters in lower case.
std::string to_lower(std::string_view text);

// How many single-character edits (insert, delete, replace, swap neighbours) lead from a to b.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate nearest to `name`, for "did you mean" hints; empty when none is near enough
// (at most a third of the name's length, at least one, ignoring case).
std::string_view nearest_name(std::string_view name,
                              const std::vector<std::string_view>& candidates);

}  // namespace keyferry
