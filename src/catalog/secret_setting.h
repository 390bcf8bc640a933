#pragma once

#include <string_view>

namespace keyferry::catalog {

// Whether a setting's, property's or member's name says that its value is secret.
bool is_secret_setting(std::string_view name);

// Whether a value is to be hidden: by its setting's name, or by what it holds: a member of such a
// name, a URL with user and password or with a parameter of such a name, a JDBC URL; also in JSON
// that stands in a text. `json` is the value as JSON text.
bool is_secret_value(std::string_view name, std::string_view json);

}  // namespace keyferry::catalog
