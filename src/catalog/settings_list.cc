#include "catalog/settings_list.h"

#include <algorithm>

#include "base/strings.h"

namespace keyferry::catalog {

namespace {

constexpr std::string_view kOther[] = {
    "ApplicationRootUrl",
    "CACertificates",
    "ClientCertificatePasswords",
    "ClientCertificateUsages",
    "ClientCertificates",
    "ConnectionPoolingMaxActive",
    "ConnectionPoolingMaxIdle",
    "ConnectionPoolingMaxWait",
    "ConnectionPoolingMinIdle",
    "ConnectionPoolingNumTestsPerEvictionRun",
    "ConnectionPoolingSoftMinEvictableIdleTimeMillis",
    "ConnectionPoolingTestOnBorrow",
    "ConnectionPoolingTestOnCreate",
    "ConnectionPoolingTestOnReturn",
    "ConnectionPoolingTestWhileIdle",
    "ConnectionPoolingTimeBetweenEvictionRunsMillis",
    "DatabaseUseIntegratedSecurity",
    "DatabaseUseSsl",
    "JdbcLoginTimeout",
    "MyScheduledEvents",
    "NoClientCertificateUsages",
    "OracleServiceName",
    "ScheduledEventExecution",
    "UseNetworkTimeout",
    "WebServiceClientCertificates",
    "com.mendix.core.SessionIdCookieName",
    "com.mendix.core.isClusterSlave",
    "com.mendix.storage.azure.CreateContainerIfNotExists",
    "com.mendix.storage.azure.SharedAccessSignature",
    "com.mendix.storage.s3.ClientExecutionTimeout",
    "com.mendix.storage.s3.ConnectionTimeout",
    "com.mendix.storage.s3.EncryptionKeys",
    "com.mendix.storage.s3.ForceGlobalBucketAccessEnabled",
    "com.mendix.storage.s3.MaxConnections",
    "com.mendix.storage.s3.Region",
    "com.mendix.storage.s3.RequestTimeout",
    "com.mendix.storage.s3.ResourceNamePrefix",
    "com.mendix.storage.s3.ResourceNameSuffix",
    "com.mendix.storage.s3.SocketTimeout",
    "com.mendix.storage.s3.UseSSE",
    "com.mendix.storage.s3.UseV2Auth",
    "com.mendix.webui.HybridAppLoginTimeOut",
};

constexpr std::string_view kOwned[] = {
    "BasePath",         "RuntimePath", "DTAPMode",  "com.mendix.core.isClusterSlave",
    "AppContainerPort", "RuntimePort", "AdminPort", "MicroflowConstants"};

}  // namespace

std::span<const std::string_view> other_settings() { return kOther; }

bool is_owned_by_operator(std::string_view setting) {
  return std::find(std::begin(kOwned), std::end(kOwned), setting) != std::end(kOwned);
}

bool is_comma_list(std::string_view setting) {
  return setting == "CACertificates" || setting == "ClientCertificates" ||
         setting == "ClientCertificatePasswords" || setting == "MyScheduledEvents";
}

}  // namespace keyferry::catalog
