#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/jmespath/syntax.h"

namespace keyferry::jmespath {

struct Token {
  enum class Kind {
    kEnd,
    kName,
    kQuotedName,
    kNumber,
    kLiteral,
    kCurrent,
    kStar,
    kDot,
    kComma,
    kColon,
    kLeftBracket,
    kRightBracket,
    kFlatten,  // []
    kFilter,   // [?
    kLeftBrace,
    kRightBrace,
    kLeftParen,
    kRightParen,
    kPipe,
    kOr,
    kAnd,
    kReference,  // &
    kNot,
    kEqual,
    kNotEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
  };

  Kind kind = Kind::kEnd;
  std::size_t offset = 0;
  std::string name;         // of kName and kQuotedName
  std::int64_t number = 0;  // of kNumber; beyond ±10^18 it is that
  Json literal;
};

// For messages: "a name", "'['", "the end of the expression".
std::string words_for(Token::Kind kind);

// All tokens, kEnd last.
Outcome<std::vector<Token>> tokens_of(std::string_view expression);

}  // namespace keyferry::jmespath
