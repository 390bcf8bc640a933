#pragma once

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/jmespath/lexer.h"

namespace keyferry::jmespath {

// A place among the tokens of an expression; the kEnd at their end is never passed.
class Cursor {
 public:
  explicit Cursor(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token& now() const { return tokens_[at_]; }
  Token::Kind kind() const { return now().kind; }
  Token::Kind kind_after(std::size_t count) const {
    return tokens_[std::min(at_ + count, tokens_.size() - 1)].kind;
  }
  std::size_t offset() const { return now().offset; }

  // Returns the current token and goes to the next.
  const Token& step();
  // Only where the current token is of that kind.
  bool step_if(Token::Kind wanted);
  Result<void, JmesPathError> must_step(Token::Kind wanted);

  // "')' where an expression belongs".
  JmesPathError unexpected(std::string_view where) const;

 private:
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

// How strongly a token binds what follows to the expression before it; 0: it cannot follow one.
int power_of(Token::Kind kind);
inline constexpr int kFlattenPower = 9;
inline constexpr int kProjectionStop = 10;  // what is weaker ends the right side of a projection
inline constexpr int kStarPower = 20;
inline constexpr int kFilterPower = 21;
inline constexpr int kDotPower = 40;
inline constexpr int kNotPower = 45;

}  // namespace keyferry::jmespath
