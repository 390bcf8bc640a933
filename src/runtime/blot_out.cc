// Secrets in words that are not ours.
//
// A runtime and the drivers below it quote what they were given: plain, as a part of the JSON that
// was sent, of a URL, of a page. Encoding the secret in every way and looking for each misses the
// ways that mix (a URL encodes only what it must, JSON may escape what it need not). So the text is
// walked with one character of the secret at a time, and each may stand there in any of its forms.
// Encodings that do not keep characters apart, hex and base64, are looked for as a whole; base64 at
// each of its three alignments, as "user:password" moves the password to any of them.
#include "runtime/blot_out.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/encoding.h"
#include "base/strings.h"
#include "catalog/secret_setting.h"
#include "formats/jdbc_url.h"
#include "formats/json.h"

namespace keyferry::runtime {

namespace {

constexpr std::size_t kShortest = 4;  // what is shorter must be a word of its own

// Of a JDBC URL whose driver we do not know: NAME=VALUE behind ?, & or ;.
void add_written_passwords(std::string_view url, std::vector<Secret>& texts) {
  for (std::size_t at = 0; at < url.size();) {
    const std::size_t end = std::min(url.find_first_of("?&;", at), url.size());
    const std::string_view part = url.substr(at, end - at);
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos && catalog::is_secret_setting(part.substr(0, equals))) {
      texts.emplace_back(part.substr(equals + 1));
    }
    at = end + 1;
  }
}

void add_text(std::string_view text, std::vector<Secret>& texts) {
  texts.emplace_back(text);
  if (!text.starts_with("jdbc:")) return;
  add_written_passwords(text, texts);
  const auto url = parse_jdbc_url(text);
  if (!url.ok()) return;
  for (const JdbcProperty& property : url->properties) {
    if (catalog::is_secret_setting(property.name)) texts.emplace_back(property.value);
  }
}

// The texts inside a JSON value, as they read without escapes.
void add_texts_in(const Json& json, std::vector<Secret>& texts) {
  if (const std::string* text = json.as_string()) add_text(*text, texts);
  if (const Json::Array* items = json.as_array()) {
    for (const Json& item : *items) add_texts_in(item, texts);
  }
  if (const Json::Object* members = json.as_object()) {
    for (const auto& member : *members) add_texts_in(member.second, texts);
  }
}

// Every text that gives one of the secrets away: as it was sent, without its quotes, and decoded.
std::vector<Secret> telling_texts(const std::vector<const Secret*>& secrets) {
  std::vector<Secret> texts;
  for (const Secret* secret : secrets) {
    const std::string_view value = secret->expose();
    add_text(value, texts);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      texts.emplace_back(value.substr(1, value.size() - 2));
    }
    if (const auto json = parse_json(value); json.ok()) add_texts_in(*json, texts);
  }
  std::erase_if(texts, [](const Secret& text) { return text.empty(); });
  return texts;
}

// One character: its bytes, and its code point; of a byte that is no UTF-8, the byte.
struct Character {
  std::string_view bytes;
  std::uint32_t code = 0;
};

std::vector<Character> characters_of(std::string_view text) {
  std::vector<Character> characters;
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t wanted = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const bool good = wanted <= text.size() && is_utf8(text.substr(0, wanted));
    Character next{text.substr(0, good ? wanted : 1), lead};
    if (good && wanted > 1) {
      next.code = lead & (0x7FU >> wanted);
      for (std::size_t i = 1; i < wanted; ++i) {
        next.code = next.code << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
      }
    }
    characters.push_back(next);
    text.remove_prefix(next.bytes.size());
  }
  return characters;
}

// Whether the digits at `at` are this number, whatever the case of hex letters.
bool is_number(std::string_view digits, int base, std::uint32_t number) {
  std::uint32_t read = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), read, base);
  return error == std::errc() && end == digits.data() + digits.size() && read == number;
}

// Ends of the forms in which one character begins at a place of the text.
class Forms {
 public:
  Forms(std::string_view text, std::vector<std::size_t>& ends) : text_(text), ends_(ends) {}

  void add(std::size_t at, const Character& character) {
    if (at >= text_.size()) return;
    if (text_.substr(at).starts_with(character.bytes)) ends_.push_back(at + character.bytes.size());
    if (text_[at] == '%') add_bytes(at, character, "%");
    if (text_[at] == '+' && character.code == ' ') ends_.push_back(at + 1);
    if (text_[at] == '\\') {
      add_short_escape(at, character);
      add_bytes(at, character, "\\x");
      add_units(at, character);
    }
    if (text_[at] == '&') add_entity(at, character);
  }

 private:
  // %C3%A9
  void add_bytes(std::size_t at, const Character& character, std::string_view sign) {
    for (const char byte : character.bytes) {
      if (!text_.substr(at).starts_with(sign)) return;
      const std::string_view digits = text_.substr(at + sign.size(), 2);
      if (digits.size() < 2 || !is_number(digits, 16, static_cast<unsigned char>(byte))) return;
      at += sign.size() + 2;
    }
    ends_.push_back(at);
  }

  void add_short_escape(std::size_t at, const Character& character) {
    constexpr std::string_view kLetters = "\"\\/'bfnrt";
    constexpr std::string_view kMeant = "\"\\/'\b\f\n\r\t";
    const std::size_t which = at + 1 < text_.size() ? kLetters.find(text_[at + 1]) : kLetters.npos;
    if (which != kLetters.npos && character.bytes == kMeant.substr(which, 1)) {
      ends_.push_back(at + 2);
    }
  }

  // \u00e9, two of them for what is beyond the first plane.
  void add_units(std::size_t at, const Character& character) {
    const std::uint32_t code = character.code;
    std::vector<std::uint32_t> units = {code};
    if (code > 0xFFFF) {
      units = {0xD800 + ((code - 0x10000) >> 10), 0xDC00 + ((code - 0x10000) & 0x3FF)};
    }
    for (const std::uint32_t unit : units) {
      const std::string_view escape = text_.substr(std::min(at, text_.size()), 6);
      if (escape.size() < 6 || !escape.starts_with("\\u")) return;
      if (!is_number(escape.substr(2), 16, unit)) return;
      at += 6;
    }
    ends_.push_back(at);
  }

  // &#39; &#x27; &apos;
  void add_entity(std::size_t at, const Character& character) {
    constexpr std::pair<std::string_view, char> kNames[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    constexpr std::size_t kLongest = 12;
    const std::size_t end = text_.substr(at, kLongest).find(';');
    if (end == std::string_view::npos || end < 3) return;
    const std::string_view name = text_.substr(at + 1, end - 1);
    bool meant = false;
    for (const auto& [word, letter] : kNames) {
      meant = meant || (name == word && character.bytes == std::string_view(&letter, 1));
    }
    if (name.starts_with("#x") || name.starts_with("#X")) {
      meant = is_number(name.substr(2), 16, character.code);
    } else if (name.starts_with("#")) {
      meant = is_number(name.substr(1), 10, character.code);
    }
    if (meant) ends_.push_back(at + end + 1);
  }

  std::string_view text_;
  std::vector<std::size_t>& ends_;
};

// The furthest end of the secret where it begins at `at`; `at` where it does not. Forms are
// ambiguous ("&amp;" may be five characters), so all are followed.
std::size_t end_of(std::string_view text, std::size_t at, const std::vector<Character>& secret) {
  std::vector<std::size_t> places = {at};
  for (const Character& character : secret) {
    std::vector<std::size_t> next;
    Forms forms(text, next);
    for (const std::size_t place : places) forms.add(place, character);
    std::sort(next.begin(), next.end());
    next.erase(std::unique(next.begin(), next.end()), next.end());
    if (next.empty()) return at;
    places = std::move(next);
  }
  return places.back();
}

bool is_word_character(char letter) {
  return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
         (letter >= 'A' && letter <= 'Z') || letter == '_' ||
         static_cast<unsigned char>(letter) >= 0x80;
}

bool is_whole_word(std::string_view text, std::size_t begin, std::size_t end) {
  return (begin == 0 || !is_word_character(text[begin - 1])) &&
         (end == text.size() || !is_word_character(text[end]));
}

enum class Place { kAnywhere, kWholeWord };

void mark(std::string_view text, std::size_t begin, std::size_t end, Place place,
          std::vector<bool>& covered) {
  if (place == Place::kWholeWord && !is_whole_word(text, begin, end)) return;
  for (std::size_t i = begin; i < end; ++i) covered[i] = true;
}

// Marks every place of the secret in the text, those that overlap too.
void cover_characters(std::string_view text, std::string_view secret, std::vector<bool>& covered) {
  const std::vector<Character> characters = characters_of(secret);
  const Place place = secret.size() < kShortest ? Place::kWholeWord : Place::kAnywhere;
  const std::string starts = cat(secret.substr(0, 1), "%+\\&");
  for (auto at = text.find_first_of(starts); at != text.npos;
       at = text.find_first_of(starts, at + 1)) {
    const std::size_t end = end_of(text, at, characters);
    if (end > at) mark(text, at, end, place, covered);
  }
}

void cover_word(std::string_view text, const Secret& word, Place place,
                std::vector<bool>& covered) {
  const std::string_view wanted = word.expose();
  if (wanted.size() < kShortest) return;
  for (auto at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1)) {
    mark(text, at, at + wanted.size(), place, covered);
  }
}

// The digits that only the secret decides, where `before` bytes stand before it; and as it ends.
std::string base64_at(std::string_view secret, std::size_t before) {
  std::string bytes(before, '\0');
  bytes += secret;
  const std::string digits = base64_encode(bytes);
  const std::size_t begin = (before * 8 + 5) / 6;
  const std::size_t end = bytes.size() * 8 / 6;
  wipe(bytes.data(), bytes.size());
  return end > begin ? digits.substr(begin, end - begin) : std::string();
}

void cover_encoded(std::string_view text, std::string_view secret, std::vector<bool>& covered) {
  const Place place = secret.size() < kShortest ? Place::kWholeWord : Place::kAnywhere;
  const auto cover = [&](std::string word) {
    cover_word(text, Secret::take(word), place, covered);
  };
  std::string hex = hex_encode(secret);
  std::string upper = hex;
  for (char& digit : upper) {
    if (digit >= 'a') digit = static_cast<char>(digit - 'a' + 'A');
  }
  cover(std::move(hex));
  cover(std::move(upper));
  cover(base64_encode(secret));
  cover(base64url_encode(secret));
  for (std::size_t before = 0; before < 3; ++before) {
    std::string digits = base64_at(secret, before);
    std::string of_urls = digits;
    std::replace(of_urls.begin(), of_urls.end(), '+', '-');
    std::replace(of_urls.begin(), of_urls.end(), '/', '_');
    cover(std::move(digits));
    cover(std::move(of_urls));
  }
}

}  // namespace

std::string blot_out(std::string text, const std::vector<const Secret*>& secrets) {
  // All are found in the text as it came, and blotted afterwards: two secrets may overlap.
  std::vector<bool> covered(text.size());
  for (const Secret& telling : telling_texts(secrets)) {
    cover_characters(text, telling.expose(), covered);
    cover_encoded(text, telling.expose(), covered);
  }
  std::string blotted;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!covered[i]) {
      blotted += text[i];
    } else if (i == 0 || !covered[i - 1]) {
      blotted += "***";
    }
  }
  return blotted;
}

}  // namespace keyferry::runtime
