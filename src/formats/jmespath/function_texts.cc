#include <algorithm>

#include "formats/jmespath/function_bodies.h"

namespace keyferry::jmespath {

namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string reversed(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && is_continuation(text[start])) --start;
    out += text.substr(start);
    text.remove_suffix(text.size() - start);
  }
  return out;
}

Value text_value(const Call& call, std::string text) {
  call.budget().take(cost_of_text(text));
  return call.made().json(std::move(text));
}

Value count_value(const Call& call, std::size_t count) {
  return call.made().json(static_cast<std::int64_t>(count));
}

std::string_view type_name(Type type) {
  switch (type) {
    case Type::kNull:
      return "null";
    case Type::kBoolean:
      return "boolean";
    case Type::kNumber:
      return "number";
    case Type::kString:
      return "string";
    case Type::kArray:
      return "array";
    case Type::kObject:
      return "object";
    case Type::kExpression:
      return "expref";
  }
  return "";
}

}  // namespace

Outcome<Value> run_ends_with(const Call& call) {
  return Value(call.arguments[0].as_string()->ends_with(*call.arguments[1].as_string()));
}

Outcome<Value> run_starts_with(const Call& call) {
  return Value(call.arguments[0].as_string()->starts_with(*call.arguments[1].as_string()));
}

Outcome<Value> run_join(const Call& call) {
  const std::string& glue = *call.arguments[0].as_string();
  const Array pieces(call.arguments[1]);
  std::string joined;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::string& piece = *pieces[i].as_string();
    if (!call.budget().take(cost_of_text(glue) + cost_of_text(piece))) break;
    if (i > 0) joined += glue;
    joined += piece;
  }
  return call.made().json(std::move(joined));
}

Outcome<Value> run_length(const Call& call) {
  const Value subject = call.arguments[0];
  if (const std::string* text = subject.as_string()) {
    return count_value(call, character_count(*text));
  }
  const bool is_array = subject.type() == Type::kArray;
  return count_value(call, is_array ? Array(subject).size() : member_count(subject));
}

Outcome<Value> run_reverse(const Call& call) {
  const Value subject = call.arguments[0];
  if (const std::string* text = subject.as_string()) return text_value(call, reversed(*text));
  const Array items(subject);
  List backwards;
  if (!call.budget().take(items.size())) return Value();
  for (std::size_t i = items.size(); i-- > 0;) backwards.push_back(items[i]);
  return call.made().list(std::move(backwards));
}

// Numbers keep the text they were written with: "1.0" and "1e2", where Go has 1 and 100.
Outcome<Value> run_to_string(const Call& call) {
  if (call.arguments[0].as_string() != nullptr) return call.arguments[0];
  return text_value(call, to_text(json_of(call.arguments[0], call.budget())));
}

Outcome<Value> run_type(const Call& call) {
  return call.made().json(type_name(call.arguments[0].type()));
}

}  // namespace keyferry::jmespath
