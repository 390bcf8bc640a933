#include "formats/jmespath/value.h"

#include "formats/jmespath/number.h"

namespace keyferry::jmespath {

namespace {

Type type_of(const Json& json) {
  if (json.as_string() != nullptr) return Type::kString;
  if (json.as_object() != nullptr) return Type::kObject;
  if (json.as_array() != nullptr) return Type::kArray;
  if (json.as_number() != nullptr) return Type::kNumber;
  return json.as_bool() != nullptr ? Type::kBoolean : Type::kNull;
}

bool is_true(Value value) { return *value.as_json()->as_bool(); }

bool are_equal_arrays(Value a, Value b, Budget& budget) {
  const Array left(a);
  const Array right(b);
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!are_equal(left[i], right[i], budget)) return false;
  }
  return true;
}

bool are_equal_objects(Value a, Value b, Budget& budget) {
  if (member_count(a) != member_count(b)) return false;
  bool equal = true;
  for_each_member(a, [&](const std::string& key, Value member) {
    if (!equal) return;
    const std::optional<Value> other = b.find(key);
    equal = other && are_equal(member, *other, budget);
  });
  return equal;
}

}  // namespace

std::string_view words_for(Type type) {
  switch (type) {
    case Type::kNull:
      return "null";
    case Type::kBoolean:
      return "a boolean";
    case Type::kNumber:
      return "a number";
    case Type::kString:
      return "a string";
    case Type::kArray:
      return "an array";
    case Type::kObject:
      return "an object";
    case Type::kExpression:
      return "an expression";
  }
  return "";
}

Value::Value() {
  static const Json null;
  what_ = &null;
}

Value::Value(bool value) {
  static const Json yes(true);
  static const Json no(false);
  what_ = value ? &yes : &no;
}

Type Value::type() const {
  if (const Json* json = as_json()) return type_of(*json);
  if (as_list() != nullptr) return Type::kArray;
  return as_hash() != nullptr ? Type::kObject : Type::kExpression;
}

const Json* Value::as_json() const {
  const auto* json = std::get_if<const Json*>(&what_);
  return json == nullptr ? nullptr : *json;
}

const List* Value::as_list() const {
  const auto* list = std::get_if<const List*>(&what_);
  return list == nullptr ? nullptr : *list;
}

const Hash* Value::as_hash() const {
  const auto* hash = std::get_if<const Hash*>(&what_);
  return hash == nullptr ? nullptr : *hash;
}

const Node* Value::as_expression() const {
  const auto* node = std::get_if<const Node*>(&what_);
  return node == nullptr ? nullptr : *node;
}

const Json::Number* Value::as_number() const {
  const Json* json = as_json();
  return json == nullptr ? nullptr : json->as_number();
}

const std::string* Value::as_string() const {
  const Json* json = as_json();
  return json == nullptr ? nullptr : json->as_string();
}

std::optional<Value> Value::find(std::string_view key) const {
  if (const Json* json = as_json()) {
    const Json* found = json->find(key);
    return found == nullptr ? std::nullopt : std::optional(Value(*found));
  }
  const Hash* hash = as_hash();
  if (hash == nullptr) return std::nullopt;
  const auto found = hash->find(key);
  return found == hash->end() ? std::nullopt : std::optional(found->second);
}

Array::Array(Value value) {
  static const List none;
  made_ = value.as_list();
  if (const Json* json = value.as_json()) there_ = json->as_array();
  if (there_ == nullptr && made_ == nullptr) made_ = &none;
}

std::size_t member_count(Value object) {
  if (const Hash* made = object.as_hash()) return made->size();
  const Json* there = object.as_json();
  return there == nullptr || there->as_object() == nullptr ? 0 : there->as_object()->size();
}

bool is_false_like(Value value) {
  switch (value.type()) {
    case Type::kNull:
      return true;
    case Type::kBoolean:
      return !is_true(value);
    case Type::kString:
      return value.as_string()->empty();
    case Type::kArray:
      return Array(value).empty();
    case Type::kObject:
      return member_count(value) == 0;
    case Type::kNumber:
    case Type::kExpression:
      return false;
  }
  return false;
}

bool are_equal(Value a, Value b, Budget& budget) {
  const Type type = a.type();
  if (type != b.type() || !budget.take()) return false;
  switch (type) {
    case Type::kNull:
      return true;
    case Type::kBoolean:
      return is_true(a) == is_true(b);
    case Type::kNumber:
      return compare(*a.as_number(), *b.as_number()) == 0;
    case Type::kString:
      return budget.take(cost_of_text(*a.as_string())) && *a.as_string() == *b.as_string();
    case Type::kArray:
      return are_equal_arrays(a, b, budget);
    case Type::kObject:
      return are_equal_objects(a, b, budget);
    case Type::kExpression:
      return a.as_expression() == b.as_expression();
  }
  return false;
}

std::size_t cost_of_text(std::string_view text) { return 1 + text.size() / 64; }

std::size_t cost_of(const Json& json) {
  if (const std::string* text = json.as_string()) return cost_of_text(*text);
  std::size_t cost = 1;
  if (const Json::Array* items = json.as_array()) {
    for (const Json& item : *items) cost += cost_of(item);
  } else if (const Json::Object* members = json.as_object()) {
    for (const auto& [key, member] : *members) cost += cost_of_text(key) + cost_of(member);
  }
  return cost;
}

Json json_of(Value value, Budget& budget) {
  if (const Json* json = value.as_json()) return budget.take(cost_of(*json)) ? *json : Json();
  if (!budget.take()) return {};
  if (const List* list = value.as_list()) {
    Json::Array items;
    for (const Value& item : *list) items.push_back(json_of(item, budget));
    return Json(std::move(items));
  }
  Json::Object members;
  for_each_member(value, [&](const std::string& key, Value member) {
    members.insert_or_assign(members.end(), key, json_of(member, budget));
  });
  return Json(std::move(members));
}

}  // namespace keyferry::jmespath
