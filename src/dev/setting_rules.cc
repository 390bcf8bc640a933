#include "dev/setting_rules.h"

#include <algorithm>
#include <charconv>

#include "base/strings.h"

namespace keyferry::dev {
namespace {

enum class Shape { kText, kWhole, kBool, kObject, kArray, kDatabaseType };

struct Rule {
  std::string_view name;
  Shape shape;
};

constexpr Rule kRules[] = {
    {"ApplicationRootUrl", Shape::kText},
    {"ConnectionPoolingMaxActive", Shape::kWhole},
    {"ConnectionPoolingMaxIdle", Shape::kWhole},
    {"ConnectionPoolingMaxWait", Shape::kWhole},
    {"ConnectionPoolingMinIdle", Shape::kWhole},
    {"DatabaseHost", Shape::kText},
    {"DatabaseJdbcUrl", Shape::kText},
    {"DatabaseName", Shape::kText},
    {"DatabasePassword", Shape::kText},
    {"DatabaseType", Shape::kDatabaseType},
    {"DatabaseUseSsl", Shape::kBool},
    {"DatabaseUserName", Shape::kText},
    {"JdbcLoginTimeout", Shape::kWhole},
    {"MicroflowConstants", Shape::kObject},
    {"SessionTimeout", Shape::kWhole},
    {"com.mendix.core.StorageService", Shape::kText},
    {"com.mendix.core.isClusterSlave", Shape::kBool},
    {"com.mendix.storage.azure.AccountKey", Shape::kText},
    {"com.mendix.storage.azure.AccountName", Shape::kText},
    {"com.mendix.storage.azure.BlobEndpoint", Shape::kText},
    {"com.mendix.storage.azure.Container", Shape::kText},
    {"com.mendix.storage.azure.UseDefaultAzureCredential", Shape::kBool},
    {"com.mendix.storage.azure.UseHttps", Shape::kBool},
    {"com.mendix.storage.s3.AccessKeyId", Shape::kText},
    {"com.mendix.storage.s3.BucketName", Shape::kText},
    {"com.mendix.storage.s3.EncryptionKeys", Shape::kArray},
    {"com.mendix.storage.s3.EndPoint", Shape::kText},
    {"com.mendix.storage.s3.MaxConnections", Shape::kWhole},
    {"com.mendix.storage.s3.Region", Shape::kText},
    {"com.mendix.storage.s3.SecretAccessKey", Shape::kText},
    {"com.mendix.storage.s3.UseCACertificates", Shape::kBool},
};

constexpr std::string_view kDatabaseTypes[] = {"hsqldb",     "mysql",   "oracle",
                                               "postgresql", "saphana", "sqlserver"};

constexpr std::string_view kLiveDatabase[] = {"DatabasePassword", "DatabaseUserName"};
constexpr std::string_view kLiveStorage[] = {
    "com.mendix.storage.azure.AccountKey", "com.mendix.storage.azure.AccountName",
    "com.mendix.storage.s3.AccessKeyId", "com.mendix.storage.s3.SecretAccessKey"};

constexpr RuntimeVersion kLiveDatabaseSince = {9, 22, 0};
constexpr std::size_t kShortestPassword = 8;

template <class List>
bool has(const List& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

bool is_whole(const Json& value) {
  if (value.as_int()) return true;
  if (value.as_string() == nullptr) return false;
  std::int64_t number = 0;
  const std::string& text = *value.as_string();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool is_bool(const Json& value) {
  if (value.as_bool() != nullptr) return true;
  const std::string text = value.as_string() == nullptr ? "" : to_lower(*value.as_string());
  return text == "true" || text == "false";
}

bool fits(Shape shape, const Json& value) {
  switch (shape) {
    case Shape::kText:
      return value.as_string() != nullptr;
    case Shape::kWhole:
      return is_whole(value);
    case Shape::kBool:
      return is_bool(value);
    case Shape::kObject:
      return value.as_object() != nullptr;
    case Shape::kArray:
      return value.as_array() != nullptr;
    case Shape::kDatabaseType:
      return value.as_string() != nullptr && has(kDatabaseTypes, to_lower(*value.as_string()));
  }
  return false;
}

std::string_view wanted(Shape shape) {
  switch (shape) {
    case Shape::kText:
      return "a string";
    case Shape::kWhole:
      return "a whole number";
    case Shape::kBool:
      return "true or false";
    case Shape::kObject:
      return "an object";
    case Shape::kArray:
      return "an array";
    case Shape::kDatabaseType:
      return "one of HSQLDB, MYSQL, ORACLE, POSTGRESQL, SAPHANA, SQLSERVER";
  }
  return "";
}

template <class Predicate>
bool any_character(std::string_view text, Predicate predicate) {
  return std::any_of(text.begin(), text.end(), predicate);
}

}  // namespace

RuntimeVersion runtime_version_of(std::string_view text) {
  RuntimeVersion version{};
  const auto parts = split(text, '.');
  for (std::size_t i = 0; i < version.size() && i < parts.size(); ++i) {
    std::from_chars(parts[i].data(), parts[i].data() + parts[i].size(), version[i]);
  }
  return version;
}

std::optional<std::string> setting_problem(std::string_view name, const Json& value) {
  if (value.is_null()) return cat("Value of setting ", name, " is null");
  for (const Rule& rule : kRules) {
    if (rule.name != name || fits(rule.shape, value)) continue;
    return cat("Invalid value for setting ", name, ": expected ", wanted(rule.shape), ", got ",
               value.type_name());
  }
  if (name != "MicroflowConstants") return std::nullopt;
  for (const auto& [constant, constant_value] : *value.as_object()) {
    const bool scalar = constant_value.as_object() == nullptr &&
                        constant_value.as_array() == nullptr && !constant_value.is_null();
    if (!scalar)
      return cat("Invalid value for constant ", constant, ": expected a string, number or boolean");
  }
  return std::nullopt;
}

bool is_live_setting(std::string_view name, const RuntimeVersion& version) {
  if (has(kLiveStorage, name)) return true;
  return has(kLiveDatabase, name) && version >= kLiveDatabaseSince;
}

std::optional<std::string> password_problem(std::string_view password) {
  std::vector<std::string> missing;
  if (password.size() < kShortestPassword)
    missing.push_back(cat("at least ", kShortestPassword, " characters"));
  if (!any_character(password, [](char c) { return c >= '0' && c <= '9'; }))
    missing.emplace_back("a digit");
  if (!any_character(password, [](char c) { return c >= 'A' && c <= 'Z'; }))
    missing.emplace_back("an upper-case letter");
  if (!any_character(password, [](char c) { return c >= 'a' && c <= 'z'; }))
    missing.emplace_back("a lower-case letter");
  if (missing.empty()) return std::nullopt;
  return cat("The password does not comply with the password policy: it needs ",
             join(missing, ", "));
}

}  // namespace keyferry::dev
