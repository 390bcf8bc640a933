#include "base/strings.h"
#include "formats/yaml.h"

namespace keyferry {

namespace {

bool is_null_word(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A YAML fraction written as JSON wants it: "+1.5", ".5", "1.", "08" → "1.5", "0.5", "1", "8". A
// text that is no number is no JSON number afterwards either.
std::string json_number_of(std::string_view text) {
  std::string out;
  if (text.starts_with('-')) out += '-';
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with('.') && text.size() > 1 && is_digit(text[1])) out += '0';
  while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) text.remove_prefix(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool after_digit = i > 0 && is_digit(text[i - 1]);
    const bool before_digit = i + 1 < text.size() && is_digit(text[i + 1]);
    if (text[i] == '.' && after_digit && !before_digit) continue;
    if (text[i] != '_') out += text[i];
  }
  return out;
}

Json scalar_of(const Yaml& node) {
  if (node.style == Yaml::Style::kQuoted) return Json(node.scalar);
  if (is_null_word(node.scalar)) return {};
  if (const auto truth = yaml_bool(node); truth.ok()) return Json(*truth);
  if (const auto whole = yaml_int(node); whole.ok()) return Json(std::int64_t{*whole});
  const auto number = parse_json(json_number_of(node.scalar));
  if (number.ok() && number->as_number() != nullptr) return *number;
  return Json(node.scalar);
}

Yaml scalar_node(std::string text, Yaml::Style style) {
  Yaml node;
  node.kind = Yaml::Kind::kScalar;
  node.style = style;
  node.scalar = std::move(text);
  return node;
}

}  // namespace

Result<Json> to_json(const Yaml& node) {
  switch (node.kind) {
    case Yaml::Kind::kNull:
      return Json();
    case Yaml::Kind::kScalar:
      return scalar_of(node);
    case Yaml::Kind::kSequence: {
      Json::Array items;
      for (const Yaml& item : node.items) {
        KF_ASSIGN(Json value, to_json(item));
        items.push_back(std::move(value));
      }
      return Json(std::move(items));
    }
    case Yaml::Kind::kMapping: {
      Json::Object members;
      for (const auto& [key, item] : node.members) {
        if (key.kind != Yaml::Kind::kScalar) {
          return Error(ErrorCode::kInvalidArgument,
                       cat("line ", key.line, ": a key is ", key.type_name(), ", not a text"));
        }
        KF_ASSIGN(Json value, to_json(item));
        members.insert_or_assign(key.scalar, std::move(value));
      }
      return Json(std::move(members));
    }
  }
  return Json();
}

Yaml to_yaml(const Json& value) {
  if (const std::string* text = value.as_string()) return scalar_node(*text, Yaml::Style::kQuoted);
  if (value.as_bool() != nullptr || value.as_number() != nullptr) {
    return scalar_node(to_text(value), Yaml::Style::kPlain);
  }
  Yaml node;
  if (const Json::Array* items = value.as_array()) {
    node.kind = Yaml::Kind::kSequence;
    for (const Json& item : *items) node.items.push_back(to_yaml(item));
  } else if (const Json::Object* members = value.as_object()) {
    node.kind = Yaml::Kind::kMapping;
    for (const auto& [key, member] : *members) {
      node.members.push_back({scalar_node(key, Yaml::Style::kQuoted), to_yaml(member)});
    }
  }
  return node;
}

}  // namespace keyferry
