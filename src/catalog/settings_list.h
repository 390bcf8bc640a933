#pragma once

#include <span>
#include <string_view>

namespace keyferry::catalog {

// Runtime settings that a store or a MendixApp may name beside those of the key table: for hints,
// for names written with dashes, and for what must not be set (Mendix docs, custom settings).
std::span<const std::string_view> other_settings();

// Settings that the operator and the sidecar own; setting them from a store breaks the app.
bool is_owned_by_operator(std::string_view setting);

// Settings whose value is one text with commas; people also write a JSON array.
bool is_comma_list(std::string_view setting);

}  // namespace keyferry::catalog
