#pragma once

#include <span>
#include <string_view>

#include "catalog/runtime_version.h"

namespace keyferry::catalog {

// Which things a key belongs to; a group in the store must be complete and then wins whole.
enum class Group { kDatabase, kStorage, kS3, kAzure, kAdmin, kDebugger, kConstant, kRuntime };

enum class ValueType {
  kText,
  kDatabaseType,  // one of the runtime's spellings
  kJdbcUrl,
  kHost,     // host[:port], [v6][:port]
  kService,  // com.mendix.storage.s3 or com.mendix.storage.azure
  kBucket,   // no '/'
  kBoolean,
  kDelete,  // true, false, AllFiles, TemporaryFiles, NoFiles
  kSecret,  // text, never empty, blanks kept
  kAny,     // mx-runtime-*: text, or a JSON array or object
};

enum class Requirement {
  kRequired,        // wherever its group is used
  kRequiredOrUrl,   // unless database-jdbc-url is there
  kRequiredOrHost,  // unless host and name are there
  kPasswordOnly,    // absent: the database is reached by identity
  kBothOrNone,      // S3 keys: absent, the bucket is reached by role
  kStaticOnly,      // Azure account name and key: absent with a managed identity
  kIdentityOnly,    // Azure endpoint and switch of a managed identity
  kOptional,
};

enum class Effect { kSetting, kAdminUser, kDebugger, kConstant };

// Whether a running runtime takes a new value (Mendix docs, "Additional Considerations").
enum class Live { kYes, kFromLivePassword, kRestart };

struct KeyRow {
  std::string_view key;      // file name; ends in '-' for the two families
  std::string_view setting;  // runtime setting; "" where the effect is an action or a family
  ValueType type;
  Group group;
  Requirement requirement;
  Effect effect;
  Live live;
  std::string_view operator_gate;  // first Mendix Operator that reads it
  RuntimeVersion runtime_gate;     // first runtime that can use it; 0.0.0 any
};

inline constexpr std::string_view kConstantPrefix = "mx-const-";
inline constexpr std::string_view kRuntimePrefix = "mx-runtime-";

// All keys a SecretProviderClass may give, in the order of the documentation's table.
std::span<const KeyRow> key_table();

// The row of a file name, the families by their prefix; null when there is none.
const KeyRow* row_of(std::string_view key);

// The row that owns a runtime setting; null when no dedicated key does.
const KeyRow* row_of_setting(std::string_view setting);

}  // namespace keyferry::catalog
