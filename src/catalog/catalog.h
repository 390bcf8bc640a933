#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "base/secret.h"
#include "catalog/key_table.h"
#include "catalog/runtime_version.h"

namespace keyferry::catalog {

// A mounted file: its name is the key.
struct StoreFile {
  std::string name;
  std::string_view bytes;
};

// A constant as the app's model declares it.
struct ModelConstant {
  std::string name;  // "Module.Constant"
  std::string type;  // "String", "Integer", "Boolean", …
};

// What is known about the app beside its files; what is not known is left empty.
struct AppContext {
  std::optional<RuntimeVersion> version;
  std::optional<std::vector<ModelConstant>> constants;
  std::optional<std::string> bucket_region;  // what S3 said of a bucket whose endpoint names none
};

// A runtime setting that the store gives: its value as JSON text, ready to be sent.
struct StoreSetting {
  std::string name;
  Secret json;
  std::string key;  // the file it came from
};

enum class DatabaseMode { kAbsent, kPassword, kPasswordless };
enum class StorageMode { kAbsent, kS3Static, kS3ByRole, kAzureStatic, kAzureManagedIdentity };
std::string_view name_of(DatabaseMode mode);
std::string_view name_of(StorageMode mode);

// A file whose name is no key, and a hint which it may have been meant to be ("" when none is
// near).
struct UnknownKey {
  std::string name;
  std::string hint;
};

// A whole set of files, understood.
struct Resolved {
  std::vector<StoreSetting> settings;       // from dedicated keys
  std::vector<StoreSetting> custom;         // from mx-runtime-*
  std::vector<StoreSetting> constants;      // from mx-const-*; name "Module.Constant"
  std::optional<Secret> admin_password;     // never empty
  std::optional<Secret> debugger_password;  // empty: debugging off
  DatabaseMode database = DatabaseMode::kAbsent;
  StorageMode storage = StorageMode::kAbsent;
  std::vector<std::string> missing_keys;
  std::vector<std::string> ignored_keys;
  std::vector<UnknownKey> unknown_keys;
  Problems problems;  // errors: the set must not be used; field is the key

  // Value of a dedicated key's setting, decoded; for rules that span keys. Empty when absent.
  const StoreSetting* find(std::string_view setting) const;
};

// Turns files into settings by the key table: types, groups, gates, hints. Everything that is wrong
// is said at once; a key that is wrong gives no setting.
Resolved resolve(const std::vector<StoreFile>& files, const AppContext& context);

// A key name that will be mounted, and where the manifest says so.
struct PlannedKey {
  std::string name;
  int line = 0;
};

// What names alone tell before any value is known: misspelt, bare runtime settings, incomplete or
// mixed groups. Problem.line is the key's; object and file are the caller's to fill in.
Problems check_names(const std::vector<PlannedKey>& keys, const AppContext& context);

}  // namespace keyferry::catalog
