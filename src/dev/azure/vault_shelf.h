#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "dev/azure/vault_grants.h"
#include "formats/json.h"

namespace keyferry::dev {

// One version: what Key Vault answers of it, without the ids, which depend on the vault's address.
struct VaultVersion {
  std::string id;  // 32 hexadecimal digits
  Json body;
};

struct VaultObject {
  std::string name;                        // as first written; found in any case
  std::vector<VaultVersion> versions;      // oldest first
  std::optional<std::int64_t> deleted_at;  // Unix seconds; can be recovered until purged
};

// The secrets, keys or certificates of one vault. Not thread-safe.
class VaultShelf {
 public:
  // The object that is not deleted, or null.
  VaultObject* find(std::string_view name);
  VaultObject* find_deleted(std::string_view name);
  // Empty version: the newest. Null when it is not there.
  static VaultVersion* version_of(VaultObject& object, std::string_view version);

  // The object with one more version. The name must not be that of a deleted one.
  VaultObject& add(std::string_view name, VaultVersion version);
  void purge(std::string_view name);

  std::vector<const VaultObject*> present() const;
  std::vector<const VaultObject*> deleted() const;

 private:
  std::map<std::string, VaultObject, std::less<>> objects_;  // by name in lower case
};

// {"enabled", "nbf", "exp", "created", "updated", ...} from what a client sent. Two versions of
// one object never share a second, so that their history has an order.
Json first_attributes(const Json* given, const VaultObject* before, WallTime now);
// Changes `attributes` by what a client sent.
void update_attributes(Json& attributes, const Json* given, WallTime now);

// What of a version is shown, with its ids. `base` is "https://shop.vault.azure.net".
Json bundle_of(VaultKind kind, std::string_view base, std::string_view name,
               const VaultVersion& version);
// The entry of a list: without the value; with the version in its id only in lists of versions.
enum class ItemId { kObject, kVersion };
Json item_of(VaultKind kind, std::string_view base, std::string_view name,
             const VaultVersion& version, ItemId id);
// Makes a bundle or an item one of a deleted object.
void add_deletion(Json& json, VaultKind kind, std::string_view base, const VaultObject& object);

}  // namespace keyferry::dev
