#include "fuzz/promise.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry::fuzz {

namespace {

bool is_one_line(std::string_view text) {
  return is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

}  // namespace

void promise(bool kept, std::string_view words) {
  if (kept) return;
  std::fprintf(stderr, "not kept: %.*s\n", static_cast<int>(words.size()), words.data());
  std::abort();
}

Marked marked(std::string_view text) { return marked(text, text); }

Marked marked(std::string_view text, std::string_view input) {
  constexpr std::size_t kLetters = 16;
  const std::size_t hash = std::hash<std::string_view>()(input);
  Marked out;
  for (std::size_t i = 0; i < kLetters; ++i) {
    out.word += static_cast<char>('a' + (hash >> (4 * i)) % 16);
  }
  const std::size_t place = hash % (text.size() + 1);
  out.text = cat(text.substr(0, place), out.word, text.substr(place));
  return out;
}

bool Marked::is_shown_in(std::string_view message) const {
  const std::string_view whole = word;
  return message.find(whole.substr(0, whole.size() / 2)) != std::string_view::npos ||
         message.find(whole.substr(whole.size() / 2)) != std::string_view::npos;
}

void promise_good(const Problems& problems, int lines) {
  for (const Problem& problem : problems) {
    promise(!problem.message.empty(), "a problem has a message");
    promise(problem.object.empty() || !problem.field.empty(), "a problem of an object has a field");
    promise(problem.line >= 0, "a problem's line is none or positive");
    promise(lines == 0 || problem.line <= lines, "a problem's line is in the file");
    promise(is_one_line(to_text(problem)), "a problem is one line of text");
  }
}

bool is_json_object(std::string_view text) {
  const auto value = parse_json(text);
  return value.ok() && value->as_object() != nullptr;
}

int line_count(std::string_view text) {
  return 1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace keyferry::fuzz
