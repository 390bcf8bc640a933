#include "formats/jmespath/cursor.h"

#include "base/strings.h"
#include "formats/jmespath/tree.h"

namespace keyferry::jmespath {

const Token& Cursor::step() { return tokens_[kind() == Token::Kind::kEnd ? at_ : at_++]; }

bool Cursor::step_if(Token::Kind wanted) {
  if (kind() != wanted) return false;
  step();
  return true;
}

Result<void, JmesPathError> Cursor::must_step(Token::Kind wanted) {
  if (!step_if(wanted)) return unexpected(cat("where ", words_for(wanted), " belongs"));
  return {};
}

JmesPathError Cursor::unexpected(std::string_view where) const {
  return syntax_error(offset(), cat(words_for(kind()), " ", where));
}

int power_of(Token::Kind kind) {
  switch (kind) {
    case Token::Kind::kEnd:
    case Token::Kind::kName:
    case Token::Kind::kQuotedName:
    case Token::Kind::kNumber:
    case Token::Kind::kLiteral:
    case Token::Kind::kCurrent:
    case Token::Kind::kComma:
    case Token::Kind::kColon:
    case Token::Kind::kRightBracket:
    case Token::Kind::kRightBrace:
    case Token::Kind::kRightParen:
    case Token::Kind::kReference:
      return 0;
    case Token::Kind::kPipe:
      return 1;
    case Token::Kind::kOr:
      return 2;
    case Token::Kind::kAnd:
      return 3;
    case Token::Kind::kEqual:
    case Token::Kind::kNotEqual:
    case Token::Kind::kLess:
    case Token::Kind::kLessOrEqual:
    case Token::Kind::kGreater:
    case Token::Kind::kGreaterOrEqual:
      return 5;
    case Token::Kind::kFlatten:
      return kFlattenPower;
    case Token::Kind::kStar:
      return kStarPower;
    case Token::Kind::kFilter:
      return kFilterPower;
    case Token::Kind::kDot:
      return kDotPower;
    case Token::Kind::kNot:
      return kNotPower;
    case Token::Kind::kLeftBrace:
      return 50;
    case Token::Kind::kLeftBracket:
      return 55;
    case Token::Kind::kLeftParen:
      return 60;
  }
  return 0;
}

}  // namespace keyferry::jmespath
