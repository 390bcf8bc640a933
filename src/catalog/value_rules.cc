#include "catalog/value_rules.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/encoding.h"
#include "base/strings.h"
#include "catalog/settings_list.h"
#include "formats/jdbc_url.h"

namespace keyferry::catalog {

namespace {

Error refused(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message));
}

ReadValue plain(std::string_view text) { return {json_text(text), ""}; }

Result<ReadValue> read_database_type(std::string_view text) {
  // Canonical spellings; the runtime compares without case (Mendix docs, DatabaseType).
  static constexpr std::string_view kTypes[] = {"HSQLDB",  "MYSQL",     "ORACLE", "PostgreSQL",
                                                "SAPHANA", "SQLSERVER", "DB2"};
  const std::string wanted = to_lower(trim(text));
  if (wanted == "postgres") {
    return ReadValue{json_text("PostgreSQL"), "'postgres' is read as PostgreSQL; write PostgreSQL"};
  }
  for (const std::string_view type : kTypes) {
    if (to_lower(type) != wanted) continue;
    const bool supported = type == "PostgreSQL" || type == "SQLSERVER" || type == "HSQLDB";
    return ReadValue{json_text(type), supported ? ""
                                                : cat(type,
                                                      " is not supported on Kubernetes; "
                                                      "use PostgreSQL or SQLSERVER")};
  }
  return refused("is not a database type; write PostgreSQL or SQLSERVER");
}

Result<ReadValue> read_host(std::string_view text) {
  if (parse_jdbc_host(text, kPostgresqlPort).ok()) return plain(text);
  return refused("is not host, host:port or [IPv6]:port; no scheme, no path");
}

Result<ReadValue> read_service(std::string_view text) {
  for (const std::string_view name : {"s3", "azure"}) {
    const std::string full = cat("com.mendix.storage.", name);
    if (text == full) return plain(text);
    if (text == name) {
      return ReadValue{json_text(full), cat("'", name, "' is read as ", full, "; write that")};
    }
  }
  return refused("is not com.mendix.storage.s3 or com.mendix.storage.azure; write one of them");
}

Result<ReadValue> read_boolean(std::string_view text) {
  const std::string word = to_lower(trim(text));
  if (word == "true" || word == "false") return ReadValue{Secret(word), ""};
  return refused("is neither true nor false; write one of them");
}

// false still deletes temporary files; NoFiles came later (Mendix docs, PerformDeleteFromStorage).
Result<ReadValue> read_delete(std::string_view text, const AppContext& context) {
  const std::string_view word = trim(text);
  if (word == "AllFiles" || word == "TemporaryFiles" || word == "NoFiles") return plain(word);
  KF_ASSIGN(ReadValue value, read_boolean(text).ok()
                                 ? read_boolean(text)
                                 : Result<ReadValue>(refused("is not true, false, AllFiles, "
                                                             "TemporaryFiles or NoFiles; "
                                                             "write one of them")));
  const bool no_files = context.version && knows_no_files(*context.version);
  if (value.json.expose() == "false" && no_files) value.json = json_text("NoFiles");
  return value;
}

constexpr const char* kNoKeys =
    R"(is not a JSON array of keys; write [{"keyID":"…","algorithm":"AES","key":"BASE64"}])";

Status check_encryption_keys(const Json& keys, const AppContext& context) {
  if (keys.as_array() == nullptr) return refused(kNoKeys);
  std::set<std::string, std::less<>> ids;
  std::size_t index = 0;
  for (const Json& key : *keys.as_array()) {
    const std::string where = cat("entry ", index++);
    const std::string_view id = key.text_of("keyID");
    const std::string_view encoded = key.text_of("key");
    const std::string_view algorithm = key.text_of("algorithm");
    if (id.empty() || encoded.empty() || algorithm.empty()) {
      return refused(cat(where, " is not whole; give it keyID, algorithm and key"));
    }
    if (context.version && *context.version >= kAesOnlySince && algorithm != "AES") {
      return refused(cat(where, " has an algorithm that runtime ", to_text(*context.version),
                         " does not read; it reads AES only"));
    }
    if (!ids.emplace(id).second) {
      return refused(cat(where, " has a keyID that stands twice; give it one of its own"));
    }
    if (!base64_decode(encoded).ok()) {
      return refused(cat(where, ": its key is not base64; encode it"));
    }
  }
  return {};
}

// Structured settings travel as JSON, everything else as text: never a guess from "true" or "123".
Result<ReadValue> read_any(const std::string& setting, std::string_view text,
                           const AppContext& context) {
  const std::string_view trimmed = trim(text);
  const bool structured = trimmed.starts_with('{') || trimmed.starts_with('[');
  auto parsed = structured ? parse_json(trimmed) : Result<Json>(Json(text));
  constexpr std::string_view kEncryptionKeys = "com.mendix.storage.s3.EncryptionKeys";
  if (setting == kEncryptionKeys) {
    if (!structured || !parsed.ok()) return refused(kNoKeys);
    KF_TRY(check_encryption_keys(*parsed, context));
  }
  if (!structured) {
    const bool gone = setting == "com.mendix.storage.s3.UseV2Auth" && context.version &&
                      *context.version >= kAesOnlySince;
    return ReadValue{json_text(text), gone ? cat("runtime ", to_text(*context.version),
                                                 " no longer has ", setting, "; remove the key")
                                           : ""};
  }
  if (!parsed.ok()) {
    return ReadValue{json_text(text),
                     "begins like JSON but is not, and is sent as text; mend it if JSON is meant"};
  }
  std::string json = to_text(setting_value(setting, std::move(parsed).value()));
  return ReadValue{Secret::take(json), ""};
}

Result<ReadValue> read_constant(const std::string& name, std::string_view text,
                                const AppContext& context) {
  if (!context.constants) return plain(text);
  const auto& all = *context.constants;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const ModelConstant& c) { return c.name == name; });
  if (found == all.end() || (found->type != "Integer" && found->type != "Long")) {
    return plain(text);
  }
  std::int64_t number = 0;
  const std::string_view digits = trim(text);
  const auto [stop, problem] = std::from_chars(digits.begin(), digits.end(), number);
  if (problem != std::errc() || stop != digits.end()) {
    return refused(cat("constant ", name, " is ", found->type, " in the model; write digits"));
  }
  return ReadValue{Secret(std::to_string(number)), ""};
}

// A place is shown to everybody, so that nothing secret may come along with it.
Status check_place(std::string_view key, std::string_view text) {
  const bool is_endpoint = key == "storage-endpoint" || key == "storage-azure-blob-endpoint";
  if (is_endpoint && text.find_first_of("@?#") != std::string_view::npos) {
    return refused(
        "must be an address without user, '?' and '#'; credentials have keys of their own, a "
        "shared "
        "access signature is mx-runtime-com.mendix.storage.azure.SharedAccessSignature");
  }
  if (key == "database-name" && text.find_first_of("?;") != std::string_view::npos) {
    return refused("must be the name alone; put properties into database-jdbc-url");
  }
  return {};
}

Result<ReadValue> read_text(const KeyName& key, std::string_view text) {
  if (text.empty()) return refused("is empty; give it a value, or leave the key out");
  KF_TRY(check_place(key.row->key, text));
  ReadValue value = plain(text);
  if (trim(text) != text) {
    value.warning = "begins or ends with a blank, which is kept; remove it if not meant";
  }
  if (key.row->type == ValueType::kJdbcUrl) {
    KF_TRY(parse_jdbc_url(trim(text)));
  }
  if (key.row->type == ValueType::kBucket && text.find('/') != std::string_view::npos) {
    return refused("must not hold '/'; with a bucket in the endpoint it is one folder name");
  }
  return value;
}

}  // namespace

Secret json_text(std::string_view text) {
  std::string json = cat('"', json_escape(text), '"');
  return Secret::take(json);
}

std::string_view remedy_of(ValueType type) {
  if (type != ValueType::kJdbcUrl) return "";
  return "write jdbc:postgresql://HOST[:PORT]/DATABASE[?NAME=VALUE&...] or "
         "jdbc:sqlserver://HOST[:PORT];databaseName=DATABASE[;NAME=VALUE...]";
}

Json setting_value(std::string_view setting, Json value) {
  const Json::Array* items = value.as_array();
  if (items == nullptr || !is_comma_list(setting)) return value;
  std::vector<std::string> texts;
  for (const Json& item : *items) {
    if (item.as_string() == nullptr) return value;
    texts.push_back(*item.as_string());
  }
  return Json(join(texts, ","));
}

Result<std::string_view> text_of(std::string_view bytes) {
  if (!is_utf8(bytes)) {
    return refused("is not UTF-8 text; store text, or encode binary data with base64");
  }
  if (bytes.find('\0') != std::string_view::npos) return refused("holds a NUL byte; store text");
  if (bytes.ends_with("\r\n")) {
    bytes.remove_suffix(2);
  } else if (bytes.ends_with('\n')) {
    bytes.remove_suffix(1);
  }
  return bytes;
}

Result<ReadValue> read_value(const KeyName& key, std::string_view text, const AppContext& context) {
  switch (key.row->type) {
    case ValueType::kDatabaseType:
      return read_database_type(text);
    case ValueType::kHost:
      return read_host(text);
    case ValueType::kService:
      return read_service(trim(text));
    case ValueType::kBoolean:
      return read_boolean(text);
    case ValueType::kDelete:
      return read_delete(text, context);
    case ValueType::kAny:
      return read_any(key.suffix, text, context);
    case ValueType::kText:
      if (key.row->group == Group::kConstant) return read_constant(key.suffix, text, context);
      return read_text(key, text);
    case ValueType::kJdbcUrl:
    case ValueType::kBucket:
    case ValueType::kSecret:
      return read_text(key, text);
  }
  return refused("has no type");
}

}  // namespace keyferry::catalog
