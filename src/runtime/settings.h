#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "base/secret.h"

namespace keyferry::runtime {

// Where a value came from, the winner first (Mendix docs: the secret store overrides the MendixApp,
// its own fields override customConfiguration).
enum class Source { kStore, kStoreCustom, kMendixApp, kCustomConfiguration, kDefault };
// "store", "store", "MendixApp", "custom configuration", "default".
std::string_view name_of(Source source);

enum class Visibility { kOpen, kHidden };  // kHidden: shown to nobody

// One runtime setting or constant, with its source.
struct Setting {
  std::string name;
  Secret json;  // value as JSON text
  Source source = Source::kDefault;
  std::string origin;  // key of the store, field of the MendixApp, or why there is a default
  Visibility visibility = Visibility::kHidden;
};

// A password that is set by an admin action, not by a setting.
struct ActionPassword {
  Secret value;
  Source source = Source::kDefault;
  std::string origin;
};

// Everything a runtime is to be given; settings and constants sorted by name.
struct EffectiveSettings {
  std::vector<Setting> settings;
  std::vector<Setting> constants;
  std::optional<ActionPassword> admin_password;     // never empty; none: the admin stays as it is
  std::optional<ActionPassword> debugger_password;  // empty or none: debugging off
  Problems notes;                                   // found while merging; errors: must not be used

  const Setting* find(std::string_view name) const;
  const Setting* find_constant(std::string_view name) const;
};

Setting copy_of(const Setting& setting);
std::optional<ActionPassword> copy_of(const std::optional<ActionPassword>& password);
EffectiveSettings copy_of(const EffectiveSettings& settings);  // without the notes

// Adds a setting at its place, or replaces the one of that name.
void put(Setting setting, std::vector<Setting>& settings);

// The parameters of update_configuration: all settings as one JSON object, the constants in its
// MicroflowConstants.
Secret configuration_of(const EffectiveSettings& settings);
// The same of the settings named only, without constants.
Secret configuration_of(const EffectiveSettings& settings, const std::vector<std::string>& names);

// Every hidden value, for blot_out(); pointers into `settings`.
std::vector<const Secret*> hidden_values(const EffectiveSettings& settings);

}  // namespace keyferry::runtime
