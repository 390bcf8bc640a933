#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/http.h"
#include "stores/azure/azure_config.h"

// Requests to Key Vault (REST API 7.4) and what it answers. Pure; requests still lack their token.
namespace keyferry::stores::azure {

// What is asked for; an empty version is the newest.
struct ObjectId {
  ObjectType type = ObjectType::kSecret;
  std::string name;
  std::string version;

  friend auto operator<=>(const ObjectId&, const ObjectId&) = default;
};
std::string to_text(const ObjectId& id);  // "secret shop-db", "key shop-key version 0123…"

// One version of an object as the vault gave it.
struct Bundle {
  std::string version;
  Secret value;                 // of a secret; PEM of a key's public half or of a certificate
  std::string content_type;     // of a secret
  bool of_certificate = false;  // a secret that is a certificate with its key
};

struct ListedVersion {
  std::string version;
  std::int64_t created = 0;  // seconds since 1970
  bool enabled = true;
};
struct VersionPage {
  std::vector<ListedVersion> versions;
  std::string next_link;  // "" after the last page
};

// `base` is the vault's address without a slash at the end.
Request object_request(const std::string& base, const ObjectId& id);
Request versions_request(const std::string& base, const ObjectId& id);

// kInternal: the answer is no such object; it is not quoted. kUnimplemented: a key of another kind.
Result<Bundle> read_object(const Response& response, ObjectType type);
Result<VersionPage> read_versions(const Response& response);

// The enabled ones, the newest first, from the wanted one on ("" for the newest); at most `count`.
std::vector<std::string> newest_first(std::vector<ListedVersion> versions,
                                      const std::string& wanted, int count);

// A refusal with its status, its words and what to do; `who` is the identity that asked.
Error vault_error(const Response& response, const ObjectId& id, const std::string& who,
                  WallTime now);
bool may_be_better_later(const Response& response);

}  // namespace keyferry::stores::azure
