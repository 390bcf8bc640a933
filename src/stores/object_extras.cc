#include "stores/object_extras.h"

#include "base/mount_path.h"
#include "base/strings.h"

namespace keyferry::stores {

namespace {

std::vector<std::string> faults_of(const Json::Object& members) {
  std::vector<std::string_view> names;
  names.reserve(members.size());
  for (const auto& [name, value] : members) names.push_back(name);
  std::vector<std::string> faults;
  for (const MountPathFault& fault : mount_path_faults(names)) {
    faults.push_back(cat("key '", names[fault.path], "' ", fault.message));
  }
  return faults;
}

Secret text_of(const Json& value) {
  if (const std::string* text = value.as_string()) return Secret(*text);
  std::string json = to_text(value);
  return Secret::take(json);
}

}  // namespace

ObjectExtras read_extras(const ObjectEntry& entry) {
  return {entry.flag(kOptionalField), entry.flag(kExpandKeysField)};
}

std::string expanded_id(std::string_view object, std::string_view key) {
  return cat(object, '[', key, ']');
}

HeldExpansion held_expansion(std::string_view object,
                             const std::map<std::string, std::string>& held_versions) {
  HeldExpansion held;
  const std::string begin = cat(object, '[');
  bool all_the_same = true;
  for (auto at = held_versions.lower_bound(begin);
       at != held_versions.end() && at->first.starts_with(begin); ++at) {
    if (!at->first.ends_with(']')) continue;
    all_the_same = all_the_same && (held.ids.empty() || at->second == held.version);
    held.version = at->second;
    held.ids.push_back(at->first);
  }
  if (!all_the_same) held.version.clear();
  return held;
}

std::vector<FetchedObject> expand_keys(const Expansion& expansion, const Json& value) {
  std::vector<FetchedObject> files;
  const Json::Object* members = value.as_object();
  if (members == nullptr) {
    files.push_back(
        {std::string(expansion.object), not_an_object(expansion.object, value.type_name())});
    return files;
  }
  if (const auto faults = faults_of(*members); !faults.empty()) {
    files.push_back({std::string(expansion.object),
                     Error(ErrorCode::kInvalidArgument,
                           cat("expandKeys: ", join(faults, "; "),
                               "; rename the keys in the store, or list them one by one"))});
    return files;
  }
  for (const auto& [name, member] : *members) {
    Secret contents = text_of(member);
    std::string version = expansion.version(name, contents);
    files.push_back({expanded_id(expansion.object, name),
                     SecretFile{name, std::move(contents), expansion.mode, std::move(version)}});
  }
  return files;
}

Error not_an_object(std::string_view object, std::string_view what_it_is) {
  return {ErrorCode::kInvalidArgument,
          cat("expandKeys needs a JSON object, and the value of ", object, " is ", what_it_is,
              "; store {\"key\": \"value\", …} there, or remove expandKeys")};
}

}  // namespace keyferry::stores
