#include "formats/jmespath/lexer.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/strings.h"
#include "formats/jmespath/tree.h"

namespace keyferry::jmespath {

namespace {

using Kind = Token::Kind;

struct Sign {
  std::string_view text;
  Kind kind;
};

// The longer of two that begin alike stands first.
constexpr Sign kSigns[] = {
    {"[]", Kind::kFlatten},
    {"[?", Kind::kFilter},
    {"[", Kind::kLeftBracket},
    {"]", Kind::kRightBracket},
    {"{", Kind::kLeftBrace},
    {"}", Kind::kRightBrace},
    {"(", Kind::kLeftParen},
    {")", Kind::kRightParen},
    {".", Kind::kDot},
    {",", Kind::kComma},
    {":", Kind::kColon},
    {"*", Kind::kStar},
    {"@", Kind::kCurrent},
    {"||", Kind::kOr},
    {"|", Kind::kPipe},
    {"&&", Kind::kAnd},
    {"&", Kind::kReference},
    {"!=", Kind::kNotEqual},
    {"!", Kind::kNot},
    {"==", Kind::kEqual},
    {"<=", Kind::kLessOrEqual},
    {"<", Kind::kLess},
    {">=", Kind::kGreaterOrEqual},
    {">", Kind::kGreater},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_name(char c) { return starts_name(c) || is_digit(c); }

// Far beyond any index, and far from where adding to it overflows.
std::int64_t number_of(std::string_view text) {
  constexpr std::int64_t kFarthest = 1'000'000'000'000'000'000;
  const bool negative = text.starts_with('-');
  std::int64_t value = 0;
  for (const char c : text.substr(negative ? 1 : 0)) {
    value = std::min(kFarthest, value >= kFarthest / 10 ? kFarthest : value * 10 + (c - '0'));
  }
  return negative ? -value : value;
}

// The text without the backslash before each `quote`; other backslashes stay.
std::string unescaped(std::string_view text, char quote) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      if (text[i + 1] != quote) out += '\\';
      ++i;
    }
    out += text[i];
  }
  return out;
}

// JSON that is refused for its depth is not the text of a string without quotes.
bool opens_too_much(std::string_view text) {
  return std::count(text.begin(), text.end(), '[') + std::count(text.begin(), text.end(), '{') > 64;
}

// How many bytes from the start are whole characters.
std::size_t utf8_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t length = 1;
    while (length <= 4 && !is_utf8(text.substr(at, length))) ++length;
    if (length > 4) return at;
    at += length;
  }
  return at;
}

class Lexer {
 public:
  explicit Lexer(std::string_view expression) : all_(expression) {}

  Outcome<std::vector<Token>> all() {
    std::vector<Token> tokens;
    for (;;) {
      KF_ASSIGN(Token token, next());
      const bool is_last = token.kind == Kind::kEnd;
      tokens.push_back(std::move(token));
      if (is_last) return tokens;
    }
  }

 private:
  Outcome<Token> next() {
    at_ = std::min(all_.find_first_not_of(" \t\r\n", at_), all_.size());
    if (at_ == all_.size()) return token(Kind::kEnd, at_);
    const char c = all_[at_];
    if (starts_name(c)) return name();
    if (c == '-' || is_digit(c)) return number();
    if (c == '"') return quoted_name();
    if (c == '`') return literal();
    if (c == '\'') return raw_string();
    return sign();
  }

  static Token token(Kind kind, std::size_t offset) {
    Token made;
    made.kind = kind;
    made.offset = offset;
    return made;
  }

  template <class Predicate>
  std::string_view take_while(std::size_t from, Predicate belongs) {
    at_ = from;
    while (at_ < all_.size() && belongs(all_[at_])) ++at_;
    return all_.substr(from, at_ - from);
  }

  Token name() {
    Token made = token(Kind::kName, at_);
    made.name = take_while(at_, continues_name);
    return made;
  }

  Outcome<Token> number() {
    Token made = token(Kind::kNumber, at_);
    const std::size_t sign = all_[at_] == '-' ? 1 : 0;
    if (take_while(at_ + sign, is_digit).empty()) {
      return syntax_error(made.offset, "'-' without a number behind it");
    }
    made.number = number_of(all_.substr(made.offset, at_ - made.offset));
    return made;
  }

  Outcome<Token> sign() {
    const std::string_view rest = all_.substr(at_);
    for (const Sign& known : kSigns) {
      if (!rest.starts_with(known.text)) continue;
      const std::size_t start = std::exchange(at_, at_ + known.text.size());
      return token(known.kind, start);
    }
    if (rest.starts_with('=')) return syntax_error(at_, "'=' alone; equality is '=='");
    return syntax_error(at_, "this character means nothing here");
  }

  // What stands between the quote at the current place and the next one that has no backslash.
  Outcome<std::string_view> quoted(std::string_view what) {
    const std::size_t start = at_;
    const char quote = all_[start];
    for (std::size_t i = start + 1; i < all_.size(); ++i) {
      if (all_[i] == '\\') {
        ++i;
      } else if (all_[i] == quote) {
        at_ = i + 1;
        return all_.substr(start + 1, i - start - 1);
      }
    }
    return syntax_error(start, cat(what, " is not closed"));
  }

  Outcome<Token> quoted_name() {
    Token made = token(Kind::kQuotedName, at_);
    KF_TRY(quoted("the name in double quotes"));
    const auto json = parse_json(all_.substr(made.offset, at_ - made.offset));
    if (!json.ok()) {
      return syntax_error(made.offset, "a name in double quotes is written as a JSON string");
    }
    made.name = *json->as_string();
    return made;
  }

  Outcome<Token> raw_string() {
    Token made = token(Kind::kLiteral, at_);
    KF_ASSIGN(const std::string_view text, quoted("the string in single quotes"));
    made.literal = unescaped(text, '\'');
    return made;
  }

  // What is no JSON is a string without its quotes (deprecated by JEP 12, still taken by all).
  Outcome<Token> literal() {
    Token made = token(Kind::kLiteral, at_);
    KF_ASSIGN(const std::string_view escaped, quoted("the literal"));
    const std::string text = unescaped(escaped, '`');
    auto json = parse_json(text);
    if (!json.ok() && opens_too_much(text)) {
      return syntax_error(made.offset, "the literal is nested deeper than 64 levels");
    }
    if (!json.ok()) {
      const std::size_t start = std::min(text.find_first_not_of(" \t\r\n\v\f"), text.size());
      json = parse_json(cat('"', std::string_view(text).substr(start), '"'));
    }
    if (!json.ok()) return syntax_error(made.offset, "the literal is not valid JSON");
    made.literal = *std::move(json);
    return made;
  }

  std::string_view all_;
  std::size_t at_ = 0;
};

}  // namespace

std::string words_for(Kind kind) {
  static constexpr Sign kWords[] = {{"the end of the expression", Kind::kEnd},
                                    {"a name", Kind::kName},
                                    {"a name in quotes", Kind::kQuotedName},
                                    {"a number", Kind::kNumber},
                                    {"a literal", Kind::kLiteral}};
  for (const Sign& word : kWords) {
    if (word.kind == kind) return std::string(word.text);
  }
  for (const Sign& sign : kSigns) {
    if (sign.kind == kind) return cat("'", sign.text, "'");
  }
  return "";
}

Outcome<std::vector<Token>> tokens_of(std::string_view expression) {
  if (const std::size_t good = utf8_prefix(expression); good != expression.size()) {
    return syntax_error(good, "the expression is not UTF-8");
  }
  return Lexer(expression).all();
}

}  // namespace keyferry::jmespath
