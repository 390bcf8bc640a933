#include "catalog/groups.h"

#include <algorithm>

#include "base/strings.h"
#include "formats/jdbc_url.h"

namespace keyferry::catalog {

namespace {

// How SQL Server's driver logs in, as its URL says.
enum class UrlLogin { kNotSaid, kByIdentity, kByOwnPassword };

// mssql-jdbc takes MSI for ManagedIdentity, and reads these words without case (mendix.md 4.5).
UrlLogin login_of(std::string_view jdbc_url) {
  const auto url = parse_jdbc_url(trim(jdbc_url));
  if (!url.ok() || url->vendor != JdbcUrl::Vendor::kSqlServer) return UrlLogin::kNotSaid;
  const std::string* authentication = url->find("authentication");
  const std::string way = authentication == nullptr ? "" : to_lower(*authentication);
  for (const std::string_view identity :
       {"activedirectorymanagedidentity", "activedirectorymsi", "activedirectorydefault"}) {
    if (way == identity) return UrlLogin::kByIdentity;
  }
  return url->find("password") != nullptr ? UrlLogin::kByOwnPassword : UrlLogin::kNotSaid;
}

// The shape of the client id of an Azure identity.
bool is_client_id(std::string_view text) {
  constexpr std::string_view kShape = "00000000-0000-0000-0000-000000000000";
  return std::equal(text.begin(), text.end(), kShape.begin(), kShape.end(), [](char c, char shape) {
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    return shape == '-' ? c == '-' : hex;
  });
}

class Judge {
 public:
  Judge(const GroupInput& input, const AppContext& context) : input_(input), context_(context) {}

  GroupState judge() {
    judge_database();
    judge_storage();
    return std::move(state_);
  }

 private:
  bool has(std::string_view key) const { return input_.has(key); }

  bool has_any(std::initializer_list<Group> groups) const {
    for (const KeyRow& row : key_table()) {
      for (const Group group : groups) {
        if (row.group == group && has(row.key)) return true;
      }
    }
    return false;
  }

  void say(Severity severity, std::string_view key, std::string message, std::string remedy) {
    state_.problems.push_back(
        {severity, "", 0, "", std::string(key), std::move(message), std::move(remedy)});
  }
  void error(std::string_view key, std::string message, std::string remedy) {
    say(Severity::kError, key, std::move(message), std::move(remedy));
  }
  void warning(std::string_view key, std::string message, std::string remedy) {
    say(Severity::kWarning, key, std::move(message), std::move(remedy));
  }

  void need(std::string_view key, std::string_view why) {
    if (has(key)) return;
    state_.missing.emplace_back(key);
    error(key, cat("is missing; ", why), "add it to the store and to the SecretProviderClass");
  }

  void ignore(std::string_view key, std::string_view why, std::string remedy) {
    state_.ignored.emplace_back(key);
    warning(key, cat("is ignored: ", why), std::move(remedy));
  }

  void ignore_all(Group group, std::string_view why) {
    for (const KeyRow& row : key_table()) {
      if (row.group != group || !has(row.key)) continue;
      ignore(row.key, why, "remove it, or change storage-service-name");
    }
  }

  void need_version(std::string_view key, const RuntimeVersion& gate, std::string_view what) {
    if (!context_.version || *context_.version >= gate) return;
    error(key,
          cat(what, " needs runtime ", to_text(gate), "; this one is ", to_text(*context_.version)),
          "use a newer runtime, or give the static credentials");
  }

  void judge_database() {
    if (!has_any({Group::kDatabase})) return;
    need("database-type", "the store has other database keys");
    const bool sql_server = to_lower(input_.text("database-type")) == "sqlserver";
    const std::string url = input_.text("database-jdbc-url");
    const UrlLogin login = sql_server ? login_of(url) : UrlLogin::kNotSaid;
    if (login != UrlLogin::kByIdentity) judge_username();
    if (!has("database-jdbc-url")) {
      need("database-host", "without database-jdbc-url the runtime needs host and name");
      need("database-name", "without database-jdbc-url the runtime needs host and name");
    }
    state_.database =
        has("database-password") ? DatabaseMode::kPassword : DatabaseMode::kPasswordless;
    if (sql_server) judge_login(login, has("database-jdbc-url") && url.empty());
    if (has("database-password")) return;
    need_version("database-password", sql_server ? kAzureIdentitySince : kLiveDatabasePasswordSince,
                 "a database without password (identity instead)");
  }

  // A URL that was refused has its own problem, and what it says of the login is not known.
  void judge_login(UrlLogin login, bool url_was_refused) {
    if (login == UrlLogin::kByIdentity && has("database-username") &&
        !is_client_id(input_.text("database-username"))) {
      warning("database-username",
              "is taken for a client id, since database-jdbc-url logs in by identity",
              "remove it, or write the client id of the identity");
    }
    if (login == UrlLogin::kByIdentity && has("database-password")) {
      error("database-password", "is there while database-jdbc-url logs in by identity",
            "remove it, or authentication from the URL: the driver refuses both together");
    } else if (login == UrlLogin::kNotSaid && !has("database-password") && !url_was_refused) {
      state_.missing.emplace_back("database-password");
      error("database-password", "is missing, and database-jdbc-url names no identity",
            "add it, or authentication=ActiveDirectoryManagedIdentity to the URL");
    }
  }

  void judge_username() {
    const bool may_be_azure_sql = input_.values == GroupInput::Values::kUnknown &&
                                  has("database-jdbc-url") && !has("database-password");
    if (!may_be_azure_sql) {
      need("database-username", "the runtime cannot log in without it");
    } else if (!has("database-username")) {
      warning("database-username", "is missing; only Azure SQL by managed identity does without it",
              "add it for any other database");
    }
  }

  void judge_storage() {
    if (!has_any({Group::kStorage, Group::kS3, Group::kAzure})) return;
    const bool any_s3 = has_any({Group::kS3});
    const bool any_azure = has_any({Group::kAzure});
    need("storage-service-name", "it decides which storage keys are read");
    const std::string service = input_.text("storage-service-name");
    if (service.ends_with(".s3")) {
      if (any_azure) ignore_all(Group::kAzure, "storage-service-name says S3");
      judge_s3();
    } else if (service.ends_with(".azure")) {
      if (any_s3) ignore_all(Group::kS3, "storage-service-name says Azure");
      judge_azure();
    } else if (input_.values == GroupInput::Values::kUnknown) {
      if (any_s3 && any_azure) {
        warning("storage-service-name", "keys of S3 and of Azure are both listed",
                "keep those of the storage in use; the others are ignored");
      } else if (any_s3) {
        judge_s3();
      } else if (any_azure) {
        judge_azure();
      }
    }
  }

  void judge_s3() {
    need("storage-endpoint", "S3 needs it");
    need("storage-bucket-name", "S3 needs it");
    const bool id = has("storage-access-key-id");
    const bool secret = has("storage-secret-access-key");
    if (id != secret) {
      const std::string_view absent = id ? "storage-secret-access-key" : "storage-access-key-id";
      state_.missing.emplace_back(absent);
      error(absent, "is missing while the other half of the key pair is there",
            "give both, or none to use the pod's role");
    }
    state_.storage = id || secret ? StorageMode::kS3Static : StorageMode::kS3ByRole;
    if (!id && !secret) {
      need_version("storage-access-key-id", kS3ByRoleSince, "S3 without access keys (by role)");
    }
  }

  void judge_azure() {
    need("storage-azure-container", "Azure Blob Storage needs it");
    if (has("storage-use-ca-certificates")) {
      ignore("storage-use-ca-certificates", "Azure Blob Storage has no such setting", "remove it");
    }
    const bool names_static = has("storage-azure-account-name") || has("storage-azure-account-key");
    const bool known = input_.values == GroupInput::Values::kKnown;
    const bool switched_on =
        has("storage-azure-use-default-azure-credential") &&
        (!known || input_.text("storage-azure-use-default-azure-credential") == "true");
    if (switched_on && names_static) {
      say(known ? Severity::kError : Severity::kWarning, "storage-azure-account-key",
          "and storage-azure-use-default-azure-credential contradict",
          "keep the account name and key, or the managed identity, not both");
      return;
    }
    if (switched_on) {
      state_.storage = StorageMode::kAzureManagedIdentity;
      need("storage-azure-blob-endpoint", "a managed identity needs it");
      need_version("storage-azure-use-default-azure-credential", kAzureIdentitySince,
                   "Azure Blob Storage by managed identity");
    } else {
      state_.storage = StorageMode::kAzureStatic;
      need("storage-azure-account-name", "without a managed identity the account is needed");
      need("storage-azure-account-key", "without a managed identity the account key is needed");
    }
    check_scheme();
  }

  void check_scheme() {
    const std::string endpoint = input_.text("storage-azure-blob-endpoint");
    if (input_.text("storage-azure-use-https") == "false" && endpoint.starts_with("https://")) {
      warning("storage-azure-use-https", "is false while storage-azure-blob-endpoint is https",
              "the endpoint's scheme wins; make them agree");
    }
  }

  const GroupInput& input_;
  const AppContext& context_;
  GroupState state_;
};

}  // namespace

std::string_view name_of(DatabaseMode mode) {
  switch (mode) {
    case DatabaseMode::kAbsent:
      return "absent";
    case DatabaseMode::kPassword:
      return "password";
    case DatabaseMode::kPasswordless:
      return "identity";
  }
  return "absent";
}

std::string_view name_of(StorageMode mode) {
  switch (mode) {
    case StorageMode::kAbsent:
      return "absent";
    case StorageMode::kS3Static:
      return "s3-static";
    case StorageMode::kS3ByRole:
      return "s3-role";
    case StorageMode::kAzureStatic:
      return "azure-static";
    case StorageMode::kAzureManagedIdentity:
      return "azure-managed-identity";
  }
  return "absent";
}

GroupState judge_groups(const GroupInput& input, const AppContext& context) {
  return Judge(input, context).judge();
}

}  // namespace keyferry::catalog
