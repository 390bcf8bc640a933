#include "catalog/key_table.h"

namespace keyferry::catalog {

namespace {

constexpr RuntimeVersion kAnyRuntime{};

// clang-format off
constexpr KeyRow kRows[] = {
    {"database-type", "DatabaseType", ValueType::kDatabaseType, Group::kDatabase, Requirement::kRequired, Effect::kSetting, Live::kRestart, "2.9.0", kAnyRuntime},
    {"database-jdbc-url", "DatabaseJdbcUrl", ValueType::kJdbcUrl, Group::kDatabase, Requirement::kRequiredOrHost, Effect::kSetting, Live::kRestart, "2.9.0", kAnyRuntime},
    {"database-host", "DatabaseHost", ValueType::kHost, Group::kDatabase, Requirement::kRequiredOrUrl, Effect::kSetting, Live::kRestart, "2.9.0", kAnyRuntime},
    {"database-name", "DatabaseName", ValueType::kText, Group::kDatabase, Requirement::kRequiredOrUrl, Effect::kSetting, Live::kRestart, "2.9.0", kAnyRuntime},
    {"database-username", "DatabaseUserName", ValueType::kText, Group::kDatabase, Requirement::kRequired, Effect::kSetting, Live::kRestart, "2.9.0", kAnyRuntime},
    {"database-password", "DatabasePassword", ValueType::kSecret, Group::kDatabase, Requirement::kPasswordOnly, Effect::kSetting, Live::kFromLivePassword, "2.9.0", kAnyRuntime},
    {"storage-service-name", "com.mendix.core.StorageService", ValueType::kService, Group::kStorage, Requirement::kRequired, Effect::kSetting, Live::kRestart, "2.9.0", kAnyRuntime},
    {"storage-endpoint", "com.mendix.storage.s3.EndPoint", ValueType::kText, Group::kS3, Requirement::kRequired, Effect::kSetting, Live::kRestart, "2.9.0", kAnyRuntime},
    {"storage-access-key-id", "com.mendix.storage.s3.AccessKeyId", ValueType::kText, Group::kS3, Requirement::kBothOrNone, Effect::kSetting, Live::kYes, "2.9.0", kAnyRuntime},
    {"storage-secret-access-key", "com.mendix.storage.s3.SecretAccessKey", ValueType::kSecret, Group::kS3, Requirement::kBothOrNone, Effect::kSetting, Live::kYes, "2.9.0", kAnyRuntime},
    {"storage-bucket-name", "com.mendix.storage.s3.BucketName", ValueType::kBucket, Group::kS3, Requirement::kRequired, Effect::kSetting, Live::kRestart, "2.9.0", kAnyRuntime},
    {"storage-azure-account-name", "com.mendix.storage.azure.AccountName", ValueType::kText, Group::kAzure, Requirement::kStaticOnly, Effect::kSetting, Live::kYes, "2.10.0", kAnyRuntime},
    {"storage-azure-account-key", "com.mendix.storage.azure.AccountKey", ValueType::kSecret, Group::kAzure, Requirement::kStaticOnly, Effect::kSetting, Live::kYes, "2.10.0", kAnyRuntime},
    {"storage-azure-container", "com.mendix.storage.azure.Container", ValueType::kText, Group::kAzure, Requirement::kRequired, Effect::kSetting, Live::kRestart, "2.10.0", kAnyRuntime},
    {"storage-azure-blob-endpoint", "com.mendix.storage.azure.BlobEndpoint", ValueType::kText, Group::kAzure, Requirement::kIdentityOnly, Effect::kSetting, Live::kRestart, "2.17.0", kAnyRuntime},
    {"storage-azure-use-default-azure-credential", "com.mendix.storage.azure.UseDefaultAzureCredential", ValueType::kBoolean, Group::kAzure, Requirement::kIdentityOnly, Effect::kSetting, Live::kRestart, "2.17.0", kAzureIdentitySince},
    {"storage-azure-use-https", "com.mendix.storage.azure.UseHttps", ValueType::kBoolean, Group::kAzure, Requirement::kOptional, Effect::kSetting, Live::kRestart, "2.10.0", kAnyRuntime},
    {"storage-use-ca-certificates", "com.mendix.storage.s3.UseCACertificates", ValueType::kBoolean, Group::kStorage, Requirement::kOptional, Effect::kSetting, Live::kRestart, "2.9.0", kAnyRuntime},
    {"storage-perform-delete", "com.mendix.storage.PerformDeleteFromStorage", ValueType::kDelete, Group::kStorage, Requirement::kOptional, Effect::kSetting, Live::kRestart, "2.9.0", kAnyRuntime},
    {"mx-admin-password", "", ValueType::kSecret, Group::kAdmin, Requirement::kOptional, Effect::kAdminUser, Live::kYes, "2.9.0", kAnyRuntime},
    {"mx-debugger-password", "", ValueType::kSecret, Group::kDebugger, Requirement::kOptional, Effect::kDebugger, Live::kYes, "2.15.0", kAnyRuntime},
    {kConstantPrefix, "", ValueType::kText, Group::kConstant, Requirement::kOptional, Effect::kConstant, Live::kRestart, "2.10.0", kAnyRuntime},
    {kRuntimePrefix, "", ValueType::kAny, Group::kRuntime, Requirement::kOptional, Effect::kSetting, Live::kRestart, "2.10.0", kAnyRuntime},
};
// clang-format on

bool is_family(const KeyRow& row) { return row.key.ends_with('-'); }

}  // namespace

std::span<const KeyRow> key_table() { return kRows; }

const KeyRow* row_of(std::string_view key) {
  for (const KeyRow& row : kRows) {
    if (is_family(row) ? key.starts_with(row.key) && key.size() > row.key.size() : key == row.key) {
      return &row;
    }
  }
  return nullptr;
}

const KeyRow* row_of_setting(std::string_view setting) {
  for (const KeyRow& row : kRows) {
    if (!row.setting.empty() && row.setting == setting) return &row;
  }
  return nullptr;
}

}  // namespace keyferry::catalog
