#pragma once

#include <algorithm>
#include <cstdint>
#include <forward_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "formats/jmespath/syntax.h"
#include "formats/json.h"

// What expressions are evaluated on and to: pointers into the document, into the literals of the
// expression, and into what was made on the way. A Value is as cheap to copy as a pointer.
namespace keyferry::jmespath {

class Value;
using List = std::vector<Value>;
using Hash = std::map<std::string, Value, std::less<>>;

enum class Type { kNull, kBoolean, kNumber, kString, kArray, kObject, kExpression };
// "a string", for messages.
std::string_view words_for(Type type);

class Value {
 public:
  Value();  // null
  explicit Value(bool value);
  explicit Value(const Json& there) : what_(&there) {}
  explicit Value(const List& made) : what_(&made) {}
  explicit Value(const Hash& made) : what_(&made) {}
  explicit Value(const Node& expression) : what_(&expression) {}

  Type type() const;
  bool is_null() const { return type() == Type::kNull; }
  // Null unless it is of that type.
  const Json::Number* as_number() const;
  const std::string* as_string() const;
  const Node* as_expression() const;
  // Null unless it is of that kind.
  const Json* as_json() const;
  const List* as_list() const;
  const Hash* as_hash() const;

  // Empty when absent, or where this is no object.
  std::optional<Value> find(std::string_view key) const;

 private:
  std::variant<const Json*, const List*, const Hash*, const Node*> what_;
};

// An array wherever its items stand.
class Array {
 public:
  // Of what is not an array: no items.
  explicit Array(Value value);

  std::size_t size() const { return there_ != nullptr ? there_->size() : made_->size(); }
  bool empty() const { return size() == 0; }
  Value operator[](std::size_t at) const {
    return there_ != nullptr ? Value((*there_)[at]) : (*made_)[at];
  }

 private:
  const Json::Array* there_ = nullptr;
  const List* made_ = nullptr;
};

// Calls visit(key, value) for every member in the order of the keys; none of what is no object.
template <class Visit>
void for_each_member(Value object, const Visit& visit) {
  if (const Hash* made = object.as_hash()) {
    for (const auto& [key, member] : *made) visit(key, member);
  } else if (const Json* there = object.as_json(); there != nullptr && there->as_object()) {
    for (const auto& [key, member] : *there->as_object()) visit(key, Value(member));
  }
}
std::size_t member_count(Value object);

// How much one search may still do. Once exhausted it stays so, and what is then worked out is
// wrong: whoever started the search looks at the end.
class Budget {
 public:
  explicit Budget(std::size_t steps) : left_(steps) {}

  // False when there was not as much left.
  bool take(std::size_t steps = 1) {
    if (steps > left_) exhausted_ = true;
    left_ -= exhausted_ ? left_ : steps;
    return !exhausted_;
  }
  bool is_exhausted() const { return exhausted_; }

 private:
  std::size_t left_;
  bool exhausted_ = false;
};

// Owns what is made during one search.
class Made {
 public:
  Value json(Json value) { return Value(scalars_.emplace_front(std::move(value))); }
  Value list(List items) { return Value(lists_.emplace_front(std::move(items))); }
  Value hash(Hash members) { return Value(hashes_.emplace_front(std::move(members))); }

  // Whether it ends with this search.
  bool holds(const Json& json) const {
    return std::any_of(scalars_.begin(), scalars_.end(),
                       [&](const Json& made) { return &made == &json; });
  }

 private:
  std::forward_list<Json> scalars_;
  std::forward_list<List> lists_;
  std::forward_list<Hash> hashes_;
};

// Empty string, array and object, false and null. 0 is none of them.
bool is_false_like(Value value);

// Of the same type and equal, numbers by value. Here a number is never a boolean, not in an array
// either, as the specification has it (Python: [0] == [False]).
bool are_equal(Value a, Value b, Budget& budget);

// How many steps of a budget it takes to copy this, or to make such a text.
std::size_t cost_of(const Json& json);
std::size_t cost_of_text(std::string_view text);

// A copy that stands for itself.
Json json_of(Value value, Budget& budget);

}  // namespace keyferry::jmespath
