#include "catalog/secret_setting.h"

#include "base/strings.h"
#include "formats/json.h"

namespace keyferry::catalog {

namespace {

constexpr int kDeepest = 8;  // JSON in a text in JSON …

// https://user:password@host
bool has_user_part(std::string_view text) {
  for (auto at = text.find("://"); at != text.npos; at = text.find("://", at + 3)) {
    const std::string_view rest = text.substr(at + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?# \n"));
    if (authority.find('@') != authority.npos) return true;
  }
  return false;
}

// NAME=VALUE behind ?, & or ;.
bool has_secret_parameter(std::string_view text) {
  for (auto at = text.find_first_of("?&;"); at != text.npos; at = text.find_first_of("?&;", at)) {
    const std::string_view rest = text.substr(++at);
    const std::string_view part = rest.substr(0, rest.find_first_of("?&; \n"));
    const auto equals = part.find('=');
    if (equals != part.npos && is_secret_setting(part.substr(0, equals))) return true;
  }
  return false;
}

bool holds_secret(const Json& value, int depth);

bool is_secret_text(std::string_view text, int depth) {
  if (text.starts_with("jdbc:") || has_user_part(text) || has_secret_parameter(text)) return true;
  const std::string_view trimmed = trim(text);
  if (!trimmed.starts_with('{') && !trimmed.starts_with('[')) return false;
  const auto inner = parse_json(trimmed);
  return inner.ok() && holds_secret(*inner, depth + 1);
}

bool holds_secret(const Json& value, int depth) {
  if (depth > kDeepest) return true;
  if (const std::string* text = value.as_string()) return is_secret_text(*text, depth);
  if (const Json::Array* items = value.as_array()) {
    for (const Json& item : *items) {
      if (holds_secret(item, depth)) return true;
    }
  }
  if (const Json::Object* members = value.as_object()) {
    for (const auto& [name, member] : *members) {
      if (is_secret_setting(name) || holds_secret(member, depth)) return true;
    }
  }
  return false;
}

}  // namespace

bool is_secret_setting(std::string_view setting) {
  const std::string name = to_lower(setting);
  for (const std::string_view word : {"password", "passphrase", "passwd", "pwd", "secret", "key",
                                      "token", "credential", "signature", "jdbcurl"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return name.ends_with("pass") || name == "sig" || name == "pw";
}

bool is_secret_value(std::string_view name, std::string_view json) {
  if (is_secret_setting(name)) return true;
  const auto value = parse_json(json);
  return !value.ok() || holds_secret(*value, 0);
}

}  // namespace keyferry::catalog
