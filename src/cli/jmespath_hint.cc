#include "cli/jmespath_hint.h"

#include <algorithm>
#include <optional>

#include "base/encoding.h"
#include "base/strings.h"
#include "formats/jmespath.h"

namespace keyferry::cli {

namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_of_name(char c) { return is_letter(c) || is_digit(c) || c == '-'; }

// At most so many bytes of the end, beginning with a whole character.
std::string_view last_of(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  text.remove_prefix(text.size() - size);
  while (!text.empty() && is_continuation(text.front())) text.remove_prefix(1);
  return text;
}

std::string_view first_of(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && is_continuation(text[size])) --size;
  return text.substr(0, size);
}

// A name that is none without quotes, at or around the byte.
std::optional<std::string_view> unquoted_name(std::string_view expression, std::size_t offset) {
  std::size_t begin = offset;
  std::size_t end = offset;
  while (begin > 0 && is_of_name(expression[begin - 1])) --begin;
  while (end < expression.size() && is_of_name(expression[end])) ++end;
  const std::string_view name = expression.substr(begin, end - begin);
  const bool has_letter = std::any_of(name.begin(), name.end(), is_letter);
  const bool needs_quotes =
      name.find('-') != std::string_view::npos || (!name.empty() && is_digit(name.front()));
  if (!has_letter || !needs_quotes || name.front() == '-') return std::nullopt;
  return name;
}

// The expression with quotes around every such name; empty where that does not mend it.
std::string with_quotes(std::string expression) {
  constexpr int kMostNames = 16;
  for (int i = 0; i < kMostNames; ++i) {
    const auto parsed = JmesPath::parse(expression);
    if (parsed.ok()) return expression;
    const auto name = unquoted_name(expression, parsed.error().offset);
    if (!name) return "";
    const auto place = static_cast<std::size_t>(name->data() - expression.data());
    const std::size_t size = name->size();
    expression.insert(place + size, 1, '"').insert(place, 1, '"');
  }
  return "";
}

// In single quotes, as a shell takes them.
std::string for_shell(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string line_with_caret(std::string_view expression, std::size_t offset) {
  constexpr std::size_t kBefore = 50;
  constexpr std::size_t kBehind = 25;
  std::string_view before = expression.substr(0, offset);
  before.remove_prefix(before.rfind('\n') + 1);  // none: npos + 1 is 0
  std::string_view behind = expression.substr(offset);
  behind = behind.substr(0, behind.find('\n'));
  const std::string_view left = last_of(before, kBefore);
  const std::string_view right = first_of(behind, kBehind);
  const std::string shown_left = cat(left.size() < before.size() ? "…" : "", printable(left));
  const auto width = std::count_if(shown_left.begin(), shown_left.end(),
                                   [](char c) { return !is_continuation(c); });
  return cat("  ", shown_left, printable(right), right.size() < behind.size() ? "…" : "", "\n  ",
             std::string(static_cast<std::size_t>(width), ' '), "^");
}

std::string quoting_hint(std::string_view expression, std::size_t offset) {
  const auto name = unquoted_name(expression, offset);
  if (!name) return "";
  const std::string mended = with_quotes(std::string(expression));
  std::string why =
      cat("a name with a hyphen, or that begins with a digit, stands in double quotes: \"", *name,
          "\"");
  if (mended.empty()) return why;
  return cat(why, "\nand the whole in single quotes, for the shell takes quotes away:\n",
             "  keyferry jmespath ", printable(for_shell(mended)));
}

}  // namespace keyferry::cli
