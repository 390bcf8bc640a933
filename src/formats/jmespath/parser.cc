// A Pratt parser. Each token that can follow a complete expression has a power; an operand takes in
// what follows while that is stronger than the operator before it. The powers are those of
// jmespath.py and go-jmespath, which settle what the specification's grammar leaves open: `!a.b` is
// `(!a).b`, for '!' is stronger than '.'.
//
// A projection takes all that follows as its right side until a token weaker than kProjectionStop:
// `a[*].b[0] | c` asks `.b[0]` of each element and `c` of the list. So `a[].b[]` is two of them.
//
// Where those two take more than the grammar has, this parser does not: arguments without a comma
// between or with one behind the last, `(f)(x)`, `&a` elsewhere than as an argument.
#include "formats/jmespath/parser.h"

#include <optional>
#include <utility>

#include "formats/jmespath/cursor.h"
#include "formats/jmespath/functions.h"
#include "formats/jmespath/tree.h"

namespace keyferry::jmespath {

namespace {

using Kind = Node::Kind;
using Sign = Token::Kind;

std::optional<Comparator> comparator_of(Sign sign) {
  static constexpr std::pair<Sign, Comparator> kComparators[] = {
      {Sign::kEqual, Comparator::kEqual},     {Sign::kNotEqual, Comparator::kNotEqual},
      {Sign::kLess, Comparator::kLess},       {Sign::kLessOrEqual, Comparator::kLessOrEqual},
      {Sign::kGreater, Comparator::kGreater}, {Sign::kGreaterOrEqual, Comparator::kGreaterOrEqual}};
  for (const auto& [known, comparator] : kComparators) {
    if (known == sign) return comparator;
  }
  return std::nullopt;
}

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : at_(std::move(tokens)) {}

  Outcome<Node> whole() {
    KF_ASSIGN(Node root, expression(0));
    KF_TRY(at_.must_step(Sign::kEnd));
    return root;
  }

 private:
  Outcome<Node> expression(int power) {
    if (open_ >= kMaxDepth) return too_deep(at_.offset());
    ++open_;
    auto left = operand();
    while (left.ok() && power < power_of(at_.kind())) left = extended(*std::move(left));
    --open_;
    return left;
  }

  // What can stand at the start of an expression.
  Outcome<Node> operand() {
    const std::size_t offset = at_.offset();
    switch (at_.kind()) {
      case Sign::kName:
        return name_or_call();
      case Sign::kQuotedName:
        return quoted_name();
      case Sign::kLiteral: {
        Node node = leaf(Kind::kLiteral, offset);
        node.literal = at_.step().literal;
        return node;
      }
      case Sign::kCurrent:
        at_.step();
        return leaf(Kind::kCurrent, offset);
      case Sign::kNot: {
        at_.step();
        KF_ASSIGN(Node negated, expression(kNotPower));
        return parent_of(Kind::kNot, offset, std::move(negated));
      }
      case Sign::kLeftParen:
        return in_parentheses();
      case Sign::kLeftBrace:
        return multi_select_hash();
      case Sign::kLeftBracket:
        if (is_index_or_slice()) return index_or_slice(std::nullopt);
        if (is_list_wildcard()) return list_wildcard(leaf(Kind::kCurrent, offset));
        return multi_select_list();
      case Sign::kStar:
        return object_wildcard(leaf(Kind::kCurrent, offset), kStarPower);
      case Sign::kFlatten:
        return flatten(leaf(Kind::kCurrent, offset));
      case Sign::kFilter:
        return filter(leaf(Kind::kCurrent, offset));
      default:
        return at_.unexpected("where an expression belongs");
    }
  }

  // `left` and what the current token makes of it.
  Outcome<Node> extended(Node left) {
    if (const auto comparator = comparator_of(at_.kind())) return comparison(std::move(left));
    switch (at_.kind()) {
      case Sign::kDot:
        return after_dot(std::move(left));
      case Sign::kPipe:
        return binary(Kind::kChain, std::move(left));
      case Sign::kOr:
        return binary(Kind::kOr, std::move(left));
      case Sign::kAnd:
        return binary(Kind::kAnd, std::move(left));
      case Sign::kFlatten:
        return flatten(std::move(left));
      case Sign::kFilter:
        return filter(std::move(left));
      case Sign::kLeftBracket:
        if (is_index_or_slice()) return index_or_slice(std::move(left));
        if (is_list_wildcard()) return list_wildcard(std::move(left));
        at_.step();
        return at_.unexpected("where an index, a slice or '*' belongs");
      case Sign::kLeftParen:
        return at_.unexpected("behind what is not a function's name");
      default:
        return at_.unexpected("where the expression could end");
    }
  }

  Outcome<Node> binary(Kind kind, Node left) {
    const int power = power_of(at_.step().kind);
    KF_ASSIGN(Node right, expression(power));
    return joined(kind, std::move(left), std::move(right));
  }

  Outcome<Node> comparison(Node left) {
    const Token& token = at_.step();
    KF_ASSIGN(Node right, expression(power_of(token.kind)));
    KF_ASSIGN(Node node,
              parent_of(Kind::kComparison, token.offset, std::move(left), std::move(right)));
    node.comparator = *comparator_of(token.kind);
    return node;
  }

  Outcome<Node> in_parentheses() {
    at_.step();
    KF_ASSIGN(Node inner, expression(0));
    KF_TRY(at_.must_step(Sign::kRightParen));
    return inner;
  }

  Node field() {
    const Token& token = at_.step();
    Node node = leaf(Kind::kField, token.offset);
    node.name = token.name;
    return node;
  }

  Outcome<Node> quoted_name() {
    Node node = field();
    if (at_.kind() == Sign::kLeftParen)
      return at_.unexpected("behind a name in quotes: no function's name");
    return node;
  }

  Outcome<Node> name_or_call() {
    Node node = field();
    if (!at_.step_if(Sign::kLeftParen)) return node;
    std::vector<Node> arguments;
    if (!at_.step_if(Sign::kRightParen)) {
      do {
        KF_ASSIGN(Node one, argument());
        arguments.push_back(std::move(one));
      } while (at_.step_if(Sign::kComma));
      KF_TRY(at_.must_step(Sign::kRightParen));
    }
    KF_ASSIGN(Node call, parent(Kind::kCall, node.offset, std::move(arguments)));
    call.function = find_function(node.name);
    call.name = std::move(node.name);
    return call;
  }

  Outcome<Node> argument() {
    const std::size_t offset = at_.offset();
    if (!at_.step_if(Sign::kReference)) return expression(0);
    KF_ASSIGN(Node referred, expression(0));
    return parent_of(Kind::kReference, offset, std::move(referred));
  }

  Outcome<Node> multi_select_list() {
    const std::size_t offset = at_.step().offset;
    std::vector<Node> items;
    do {
      KF_ASSIGN(Node item, expression(0));
      items.push_back(std::move(item));
    } while (at_.step_if(Sign::kComma));
    KF_TRY(at_.must_step(Sign::kRightBracket));
    return parent(Kind::kMultiSelectList, offset, std::move(items));
  }

  Outcome<Node> multi_select_hash() {
    const std::size_t offset = at_.step().offset;
    std::vector<std::string> keys;
    std::vector<Node> values;
    do {
      if (at_.kind() != Sign::kName && at_.kind() != Sign::kQuotedName) {
        return at_.unexpected("where a key belongs");
      }
      keys.push_back(at_.step().name);
      KF_TRY(at_.must_step(Sign::kColon));
      KF_ASSIGN(Node value, expression(0));
      values.push_back(std::move(value));
    } while (at_.step_if(Sign::kComma));
    KF_TRY(at_.must_step(Sign::kRightBrace));
    KF_ASSIGN(Node node, parent(Kind::kMultiSelectHash, offset, std::move(values)));
    node.keys = std::move(keys);
    return node;
  }

  // --- brackets and projections -----------------------------------------------------------------

  bool is_index_or_slice() const {
    return at_.kind_after(1) == Sign::kNumber || at_.kind_after(1) == Sign::kColon;
  }
  bool is_list_wildcard() const {
    return at_.kind_after(1) == Sign::kStar && at_.kind_after(2) == Sign::kRightBracket;
  }

  // [1] and [1:2:3] of `left`, or of the current node.
  Outcome<Node> index_or_slice(std::optional<Node> left) {
    const std::size_t offset = at_.step().offset;
    const bool is_index = at_.kind() == Sign::kNumber && at_.kind_after(1) != Sign::kColon;
    Node node = leaf(is_index ? Kind::kIndex : Kind::kSlice, offset);
    if (is_index) {
      node.index = at_.step().number;
    } else {
      node.slice = slice();
    }
    KF_TRY(at_.must_step(Sign::kRightBracket));
    if (left) {
      KF_ASSIGN(node, joined(Kind::kChain, *std::move(left), std::move(node)));
    }
    if (is_index) return node;
    return projected(Kind::kListProjection, std::move(node), kStarPower);
  }

  Slice slice() {
    Slice slice;
    slice.start = number_if_there();
    at_.step_if(Sign::kColon);
    slice.stop = number_if_there();
    if (at_.step_if(Sign::kColon)) slice.step = number_if_there();
    return slice;
  }

  std::optional<std::int64_t> number_if_there() {
    if (at_.kind() != Sign::kNumber) return std::nullopt;
    return at_.step().number;
  }

  Outcome<Node> list_wildcard(Node left) {
    at_.step();
    at_.step();
    at_.step();
    return projected(Kind::kListProjection, std::move(left), kStarPower);
  }

  Outcome<Node> object_wildcard(Node left, int power) {
    at_.step();
    return projected(Kind::kObjectProjection, std::move(left), power);
  }

  Outcome<Node> flatten(Node left) {
    const std::size_t offset = at_.step().offset;
    KF_ASSIGN(Node flat, parent_of(Kind::kFlatten, offset, std::move(left)));
    return projected(Kind::kListProjection, std::move(flat), kFlattenPower);
  }

  Outcome<Node> filter(Node left) {
    const std::size_t offset = at_.step().offset;
    KF_ASSIGN(Node condition, expression(0));
    KF_TRY(at_.must_step(Sign::kRightBracket));
    KF_ASSIGN(Node right, asked_of_each(kFilterPower));
    return parent_of(Kind::kFilter, offset, std::move(left), std::move(right),
                     std::move(condition));
  }

  Outcome<Node> projected(Kind kind, Node left, int power) {
    const std::size_t offset = left.offset;
    KF_ASSIGN(Node right, asked_of_each(power));
    return parent_of(kind, offset, std::move(left), std::move(right));
  }

  Outcome<Node> asked_of_each(int power) {
    if (power_of(at_.kind()) < kProjectionStop) return leaf(Kind::kCurrent, at_.offset());
    if (at_.kind() == Sign::kLeftBracket || at_.kind() == Sign::kFilter) return expression(power);
    if (at_.kind() != Sign::kDot) return at_.unexpected("behind a projection");
    at_.step();
    return dotted(power);
  }

  Outcome<Node> after_dot(Node left) {
    at_.step();
    if (at_.kind() == Sign::kStar) return object_wildcard(std::move(left), kDotPower);
    KF_ASSIGN(Node right, dotted(kDotPower));
    return joined(Kind::kChain, std::move(left), std::move(right));
  }

  // What may stand behind a dot.
  Outcome<Node> dotted(int power) {
    switch (at_.kind()) {
      case Sign::kName:
      case Sign::kQuotedName:
      case Sign::kStar:
        return expression(power);
      case Sign::kLeftBracket:
        return multi_select_list();
      case Sign::kLeftBrace:
        return multi_select_hash();
      default:
        return at_.unexpected("where a name, '*', '[' or '{' belongs");
    }
  }

  Cursor at_;
  std::size_t open_ = 0;  // expressions that are being read, one in another
};

}  // namespace

Outcome<Node> parse_expression(std::string_view expression) {
  KF_ASSIGN(std::vector<Token> tokens, tokens_of(expression));
  if (tokens.size() == 1) {
    return syntax_error(0, "the expression is empty");
  }
  return Parser(std::move(tokens)).whole();
}

}  // namespace keyferry::jmespath
