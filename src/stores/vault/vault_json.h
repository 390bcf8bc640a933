#pragma once

#include <cstdint>
#include <string_view>

#include "formats/json.h"

// Members of JSON objects that may be missing or of another kind. Pure.
namespace keyferry::stores::vault {

// 0 where it is no whole number.
inline std::int64_t number_of(const Json& json, std::string_view name) {
  const Json* value = json.find(name);
  return value == nullptr ? 0 : value->as_int().value_or(0);
}

inline bool flag_of(const Json& json, std::string_view name) {
  const Json* value = json.find(name);
  return value != nullptr && value->as_bool() != nullptr && *value->as_bool();
}

// Empty where it is no list.
inline const Json::Array& list_of(const Json& json, std::string_view name) {
  static const Json::Array none;
  const Json* list = json.find(name);
  return list == nullptr || list->as_array() == nullptr ? none : *list->as_array();
}

}  // namespace keyferry::stores::vault
