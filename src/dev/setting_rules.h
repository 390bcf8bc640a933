#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "formats/json.h"

namespace keyferry::dev {

// "10.24.14" as numbers, missing parts 0.
using RuntimeVersion = std::array<int, 3>;
RuntimeVersion runtime_version_of(std::string_view text);

// Why the runtime refuses this setting; nullopt when it takes it. Never quotes the value.
std::optional<std::string> setting_problem(std::string_view name, const Json& value);

// Whether a running runtime uses a new value of this setting at once: database credentials from
// Mendix 9.22, file storage credentials always (Mendix docs, secret store considerations).
bool is_live_setting(std::string_view name, const RuntimeVersion& version);

// Why an MxAdmin password is too weak for the app's policy; nullopt when it is good.
std::optional<std::string> password_problem(std::string_view password);

}  // namespace keyferry::dev
