#include "runtime/settings.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry::runtime {

namespace {

const Setting* find_in(const std::vector<Setting>& settings, std::string_view name) {
  const auto found = std::lower_bound(
      settings.begin(), settings.end(), name,
      [](const Setting& setting, std::string_view wanted) { return setting.name < wanted; });
  return found != settings.end() && found->name == name ? &*found : nullptr;
}

// Writes one JSON object, member by member, into wiped memory.
class ObjectText {
 public:
  void add(std::string_view name, std::string_view json) {
    text_.append(text_.empty() ? "{" : ",");
    text_.append(cat('"', json_escape(name), "\":"));
    text_.append(json);
  }
  Secret finish() && {
    text_.append(text_.empty() ? "{}" : "}");
    return std::move(text_);
  }

 private:
  Secret text_;
};

}  // namespace

std::string_view name_of(Source source) {
  switch (source) {
    case Source::kStore:
    case Source::kStoreCustom:
      return "store";
    case Source::kMendixApp:
      return "MendixApp";
    case Source::kCustomConfiguration:
      return "custom configuration";
    case Source::kDefault:
      return "default";
  }
  return "default";
}

const Setting* EffectiveSettings::find(std::string_view name) const {
  return find_in(settings, name);
}

const Setting* EffectiveSettings::find_constant(std::string_view name) const {
  return find_in(constants, name);
}

Setting copy_of(const Setting& setting) {
  return {setting.name, setting.json.copy(), setting.source, setting.origin, setting.visibility};
}

std::optional<ActionPassword> copy_of(const std::optional<ActionPassword>& password) {
  if (!password) return std::nullopt;
  return ActionPassword{password->value.copy(), password->source, password->origin};
}

EffectiveSettings copy_of(const EffectiveSettings& settings) {
  EffectiveSettings copy;
  for (const Setting& setting : settings.settings) copy.settings.push_back(copy_of(setting));
  for (const Setting& constant : settings.constants) copy.constants.push_back(copy_of(constant));
  copy.admin_password = copy_of(settings.admin_password);
  copy.debugger_password = copy_of(settings.debugger_password);
  return copy;
}

void put(Setting setting, std::vector<Setting>& settings) {
  const auto place = std::lower_bound(
      settings.begin(), settings.end(), setting.name,
      [](const Setting& other, const std::string& name) { return other.name < name; });
  if (place != settings.end() && place->name == setting.name) {
    *place = std::move(setting);
  } else {
    settings.insert(place, std::move(setting));
  }
}

Secret configuration_of(const EffectiveSettings& settings) {
  ObjectText object;
  for (const Setting& setting : settings.settings) object.add(setting.name, setting.json.expose());
  if (!settings.constants.empty()) {
    ObjectText constants;
    for (const Setting& constant : settings.constants) {
      constants.add(constant.name, constant.json.expose());
    }
    object.add("MicroflowConstants", std::move(constants).finish().expose());
  }
  return std::move(object).finish();
}

Secret configuration_of(const EffectiveSettings& settings, const std::vector<std::string>& names) {
  ObjectText object;
  for (const std::string& name : names) {
    if (const Setting* setting = settings.find(name)) object.add(name, setting->json.expose());
  }
  return std::move(object).finish();
}

std::vector<const Secret*> hidden_values(const EffectiveSettings& settings) {
  std::vector<const Secret*> values;
  for (const auto* list : {&settings.settings, &settings.constants}) {
    for (const Setting& setting : *list) {
      if (setting.visibility == Visibility::kHidden) values.push_back(&setting.json);
    }
  }
  for (const auto* password : {&settings.admin_password, &settings.debugger_password}) {
    if (password->has_value()) values.push_back(&(*password)->value);
  }
  return values;
}

}  // namespace keyferry::runtime
