#include "catalog/key_name.h"

#include <algorithm>

#include "base/strings.h"
#include "catalog/settings_list.h"

namespace keyferry::catalog {

namespace {

// Keys of the Private Mendix Platform itself, mounted beside an app's own.
constexpr std::string_view kPlatformKeys[] = {"pclm-admin-username", "pclm-admin-password",
                                              "svix-db-dsn", "svix-redis-dsn"};

std::string with_dashes(std::string_view name) {
  std::string dashed(name);
  std::replace(dashed.begin(), dashed.end(), '.', '-');
  return dashed;
}

// The one candidate that reads `dashed` once its dots are dashes; empty when none or several do.
std::string undashed(std::string_view dashed, const std::vector<std::string_view>& candidates) {
  std::string found;
  for (const std::string_view candidate : candidates) {
    if (with_dashes(candidate) != dashed) continue;
    if (!found.empty()) return {};
    found = candidate;
  }
  return found;
}

std::vector<std::string_view> known_settings() {
  std::vector<std::string_view> names(other_settings().begin(), other_settings().end());
  for (const KeyRow& row : key_table()) {
    if (!row.setting.empty()) names.push_back(row.setting);
  }
  return names;
}

std::vector<std::string_view> model_constants(const AppContext& context) {
  std::vector<std::string_view> names;
  if (context.constants) {
    for (const ModelConstant& constant : *context.constants) names.push_back(constant.name);
  }
  return names;
}

bool is_known(std::string_view name, const std::vector<std::string_view>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void read_constant(KeyName& key, const AppContext& context) {
  const auto names = model_constants(context);
  if (key.suffix.find('.') == std::string::npos) {
    const std::string real = undashed(key.suffix, names);
    if (real.empty()) {
      key.row = nullptr;
      key.hint = cat("write the constant as Module.Name: '", kConstantPrefix,
                     "Module.Name'; with dashes it can be told only when the app's model is known");
      return;
    }
    key.warning = cat("read as '", kConstantPrefix, real, "'; alias the file to that name");
    key.suffix = real;
    key.name = cat(kConstantPrefix, real);
  } else if (context.constants && !is_known(key.suffix, names)) {
    const std::string_view nearest = nearest_name(key.suffix, names);
    key.warning = cat("the app's model has no constant '", key.suffix, "'",
                      nearest.empty() ? "; remove it, or check the spelling"
                                      : cat("; did you mean '", nearest, "'?"));
  }
}

void read_setting(KeyName& key) {
  if (key.suffix.find('.') != std::string::npos || key.suffix.find('-') == std::string::npos) {
    return;
  }
  const std::string real = undashed(key.suffix, known_settings());
  if (real.empty()) {
    // Mendix has no setting with dashes; one of somebody else's may have them.
    if (!key.suffix.starts_with("com-mendix-")) return;
    key.row = nullptr;
    key.hint = cat("a runtime setting is mounted with dots: '", kRuntimePrefix,
                   "com.mendix.…'; with dashes only well-known ones can be told");
    return;
  }
  key.warning = cat("read as '", kRuntimePrefix, real, "'; alias the file to that name");
  key.suffix = real;
  key.name = cat(kRuntimePrefix, real);
}

std::string hint_for(std::string_view name) {
  if (const KeyRow* row = row_of_setting(name)) {
    return cat("a runtime setting; its own key is '", row->key, "'");
  }
  if (is_known(name, known_settings())) {
    return cat("a runtime setting; name the file '", kRuntimePrefix, name, "'");
  }
  if (name.find('.') != std::string_view::npos && name.find('-') == std::string_view::npos) {
    return cat("a runtime setting is mounted as '", kRuntimePrefix, name, "', a constant as '",
               kConstantPrefix, name, "'");
  }
  if (name == "database-user") return "did you mean 'database-username'?";
  std::vector<std::string_view> keys;
  for (const KeyRow& row : key_table()) keys.push_back(row.key);
  const std::string_view nearest = nearest_name(name, keys);
  return nearest.empty() ? std::string() : cat("did you mean '", nearest, "'?");
}

}  // namespace

KeyName read_key_name(std::string_view file_name, const AppContext& context) {
  KeyName key;
  if (file_name.size() > 2 && file_name.starts_with('"') && file_name.ends_with('"')) {
    file_name = file_name.substr(1, file_name.size() - 2);
    key.warning = "the file's name has quotes in it; take them out of the alias";
  }
  key.name = file_name;
  key.row = row_of(file_name);
  if (file_name.find('/') != std::string_view::npos) {
    if (key.row != nullptr)
      key.hint = "no setting has a '/' in its name; alias the file without it";
    key.row = nullptr;
    return key;
  }
  if (key.row == nullptr) {
    key.quiet = std::find(std::begin(kPlatformKeys), std::end(kPlatformKeys), file_name) !=
                std::end(kPlatformKeys);
    key.hint = hint_for(file_name);
    return key;
  }
  if (key.row->group == Group::kConstant) {
    key.suffix = file_name.substr(kConstantPrefix.size());
    read_constant(key, context);
  } else if (key.row->group == Group::kRuntime) {
    key.suffix = file_name.substr(kRuntimePrefix.size());
    read_setting(key);
  }
  return key;
}

}  // namespace keyferry::catalog
