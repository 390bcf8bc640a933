#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"

// Sets of files for tests, with the values of the documentation's samples.
namespace keyferry::catalog::example {

using Files = std::vector<StoreFile>;

inline Files database() {
  return {
      {"database-type", "PostgreSQL"},
      {"database-jdbc-url", "jdbc:postgresql://pg.example.com:5432/my-app-1?sslmode=prefer"},
      {"database-host", "pg.example.com:5432"},
      {"database-name", "my-app-1"},
      {"database-username", "my-app-user-1"},
      {"database-password", "Welc0me!"},
  };
}

inline Files s3() {
  return {
      {"storage-service-name", "com.mendix.storage.s3"},
      {"storage-endpoint", "https://my-app-bucket.s3.eu-west-1.amazonaws.com"},
      {"storage-access-key-id", "AKIA0123456789"},
      {"storage-secret-access-key", "A-secret-access-key"},
      {"storage-bucket-name", "subdirectory"},
      {"storage-use-ca-certificates", "true"},
      {"storage-perform-delete", "true"},
  };
}

inline Files azure_static() {
  return {
      {"storage-service-name", "com.mendix.storage.azure"},
      {"storage-azure-account-name", "example"},
      {"storage-azure-account-key", "aw=="},
      {"storage-azure-container", "examplecontainer"},
  };
}

inline Files azure_identity() {
  return {
      {"storage-service-name", "com.mendix.storage.azure"},
      {"storage-azure-container", "examplecontainer"},
      {"storage-azure-blob-endpoint", "https://example.blob.core.windows.net/"},
      {"storage-azure-use-default-azure-credential", "true"},
  };
}

inline Files without(Files files, std::initializer_list<std::string_view> names) {
  std::erase_if(files, [&](const StoreFile& file) {
    return std::find(names.begin(), names.end(), file.name) != names.end();
  });
  return files;
}

// Adds files; one of the same name is replaced.
inline Files with(Files files, const Files& more) {
  for (const StoreFile& file : more) {
    files = without(std::move(files), {file.name});
    files.push_back(file);
  }
  return files;
}

inline AppContext on(std::string_view version) { return {runtime_version_of(version), {}, {}}; }

inline AppContext with_model(std::vector<ModelConstant> constants) {
  return {std::nullopt, std::move(constants), {}};
}

}  // namespace keyferry::catalog::example
