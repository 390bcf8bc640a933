#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "dev/vault_reply.h"
#include "formats/json.h"

namespace keyferry::dev {

// The two key-value engines of the Vault API, paths relative to their mount. Not thread-safe.

// Version 1: a path holds an object.
class KvV1 {
 public:
  bool exists(std::string_view path) const { return secrets_.contains(path); }
  VaultReply handle(const VaultCall& call);

 private:
  VaultReply read(std::string_view path) const;
  std::map<std::string, Json, std::less<>> secrets_;
};

// Version 2: a path holds versions; data/, metadata/, delete/, undelete/, destroy/ and config.
class KvV2 {
 public:
  // Whether a write to this path updates (true) or creates.
  bool exists(std::string_view path) const;
  VaultReply handle(const VaultCall& call);
  // Writes a new version as a seed does; `path` without data/.
  void put(const std::string& path, Json data, WallTime now);

 private:
  struct Version {
    Json data;
    WallTime created;
    std::optional<WallTime> deleted;
    bool destroyed = false;
  };
  struct Secret {
    std::map<std::int64_t, Version> versions;
    std::int64_t current = 0;
    std::int64_t max_versions = 0;
    bool cas_required = false;
    Json custom_metadata;
    WallTime created, updated;
  };

  VaultReply handle_data(const VaultCall& call, const std::string& path);
  VaultReply read_data(const VaultCall& call, const std::string& path) const;
  VaultReply write_data(const VaultCall& call, const std::string& path);
  VaultReply handle_metadata(const VaultCall& call, const std::string& path);
  VaultReply handle_config(const VaultCall& call);
  // `change` is delete, undelete or destroy.
  VaultReply change_versions(const VaultCall& call, const std::string& path,
                             std::string_view change);
  void drop_old_versions(Secret& secret) const;
  static Json version_metadata(const Secret& secret, std::int64_t number, const Version& version);
  static Json metadata_of(const Secret& secret);

  std::map<std::string, Secret, std::less<>> secrets_;
  std::int64_t max_versions_ = 0;  // 0: the engine's own limit of 10
  bool cas_required_ = false;
};

}  // namespace keyferry::dev
