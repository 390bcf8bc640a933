#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/json.h"
#include "stores/object_list.h"
#include "stores/store.h"

namespace keyferry::stores {

// Keyferry's own fields of an object, the same in every store; no stock provider has them.
struct ObjectExtras {
  bool optional = false;     // the store may not have it: then there is no file, and no error
  bool expand_keys = false;  // a file for each key of its JSON value, none for the value itself
};

inline constexpr std::string_view kOptionalField = "optional";
inline constexpr std::string_view kExpandKeysField = "expandKeys";

ObjectExtras read_extras(const ObjectEntry& entry);

// One of the files that an object with expandKeys gives; keys are the files' names.
std::string expanded_id(std::string_view object, std::string_view key);
// Those of an object among the versions that are held, and the one version that all of them have
// ("" where there is none, or they differ).
struct HeldExpansion {
  std::vector<std::string> ids;
  std::string version;
};
HeldExpansion held_expansion(std::string_view object,
                             const std::map<std::string, std::string>& held_versions);

// What the files of an expanded object have in common.
struct Expansion {
  std::string_view object;  // for ids and messages
  std::optional<std::uint32_t> mode;
  std::function<std::string(const std::string& path, const Secret& contents)> version;
};

// A file for each member of a JSON object, by name: texts as they are, anything else as JSON
// text. What is no object, or has a key that no file can be named, gives one entry with an Error
// that names every such key.
std::vector<FetchedObject> expand_keys(const Expansion& expansion, const Json& value);

// What expandKeys makes of a value that is no JSON object.
Error not_an_object(std::string_view object, std::string_view what_it_is);

}  // namespace keyferry::stores
