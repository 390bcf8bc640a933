#include "dev/azure/vault_shelf.h"

#include <algorithm>

#include "base/strings.h"
#include "dev/jwt.h"

namespace keyferry::dev {
namespace {

constexpr std::int64_t kRecoverableDays = 90;
constexpr std::int64_t kSecondsOfADay = 86400;

std::int64_t created_of(const VaultVersion& version) {
  const Json* attributes = version.body.find("attributes");
  const Json* created = attributes == nullptr ? nullptr : attributes->find("created");
  return created == nullptr ? 0 : created->as_int().value_or(0);
}

std::string id_of(VaultKind kind, std::string_view base, std::string_view name,
                  std::string_view version) {
  std::string id = cat(base, "/", plural_of(kind), "/", name);
  return version.empty() ? id : cat(id, "/", version);
}

}  // namespace

VaultObject* VaultShelf::find(std::string_view name) {
  const auto found = objects_.find(to_lower(name));
  return found == objects_.end() || found->second.deleted_at ? nullptr : &found->second;
}

VaultObject* VaultShelf::find_deleted(std::string_view name) {
  const auto found = objects_.find(to_lower(name));
  return found == objects_.end() || !found->second.deleted_at ? nullptr : &found->second;
}

VaultVersion* VaultShelf::version_of(VaultObject& object, std::string_view version) {
  if (object.versions.empty()) return nullptr;
  if (version.empty()) return &object.versions.back();
  const auto found =
      std::find_if(object.versions.begin(), object.versions.end(),
                   [&](const VaultVersion& each) { return each.id == to_lower(version); });
  return found == object.versions.end() ? nullptr : &*found;
}

VaultObject& VaultShelf::add(std::string_view name, VaultVersion version) {
  VaultObject& object = objects_[to_lower(name)];
  if (object.name.empty()) object.name = name;
  object.versions.push_back(std::move(version));
  return object;
}

void VaultShelf::purge(std::string_view name) { objects_.erase(to_lower(name)); }

std::vector<const VaultObject*> VaultShelf::present() const {
  std::vector<const VaultObject*> found;
  for (const auto& [key, object] : objects_) {
    if (!object.deleted_at) found.push_back(&object);
  }
  return found;
}

std::vector<const VaultObject*> VaultShelf::deleted() const {
  std::vector<const VaultObject*> found;
  for (const auto& [key, object] : objects_) {
    if (object.deleted_at) found.push_back(&object);
  }
  return found;
}

Json first_attributes(const Json* given, const VaultObject* before, WallTime now) {
  std::int64_t created = unix_seconds(now);
  if (before != nullptr && !before->versions.empty())
    created = std::max(created, created_of(before->versions.back()) + 1);
  Json attributes = Json::Object{{"enabled", Json(true)},
                                 {"created", Json(created)},
                                 {"recoveryLevel", Json("Recoverable+Purgeable")},
                                 {"recoverableDays", Json(kRecoverableDays)}};
  update_attributes(attributes, given, now);
  attributes.set("updated", Json(created));
  return attributes;
}

void update_attributes(Json& attributes, const Json* given, WallTime now) {
  for (const char* name : {"enabled", "nbf", "exp"}) {
    const Json* value = given == nullptr ? nullptr : given->find(name);
    if (value != nullptr && !value->is_null()) attributes.set(name, *value);
  }
  attributes.set("updated", Json(unix_seconds(now)));
}

Json bundle_of(VaultKind kind, std::string_view base, std::string_view name,
               const VaultVersion& version) {
  Json bundle = version.body;
  const std::string id = id_of(kind, base, name, version.id);
  const std::string key_id = id_of(VaultKind::kKey, base, name, version.id);
  switch (kind) {
    case VaultKind::kSecret:
      bundle.set("id", Json(id));
      if (bundle.find("managed") != nullptr) bundle.set("kid", Json(key_id));
      break;
    case VaultKind::kKey: {
      Json key = *bundle.find("key");
      key.set("kid", Json(id));
      bundle.set("key", std::move(key));
      break;
    }
    case VaultKind::kCertificate: {
      bundle.set("id", Json(id));
      bundle.set("kid", Json(key_id));
      bundle.set("sid", Json(id_of(VaultKind::kSecret, base, name, version.id)));
      Json policy = *bundle.find("policy");
      policy.set("id", Json(cat(id_of(kind, base, name, ""), "/policy")));
      bundle.set("policy", std::move(policy));
      break;
    }
  }
  return bundle;
}

Json item_of(VaultKind kind, std::string_view base, std::string_view name,
             const VaultVersion& version, ItemId id) {
  Json item = Json::Object{};
  item.set(kind == VaultKind::kKey ? "kid" : "id",
           Json(id_of(kind, base, name, id == ItemId::kVersion ? version.id : std::string())));
  for (const char* member : {"attributes", "tags", "contentType", "managed", "x5t"}) {
    if (const Json* value = version.body.find(member)) item.set(member, *value);
  }
  return item;
}

void add_deletion(Json& json, VaultKind kind, std::string_view base, const VaultObject& object) {
  const std::int64_t at = object.deleted_at.value_or(0);
  json.set("recoveryId", Json(cat(base, "/deleted", plural_of(kind), "/", object.name)));
  json.set("deletedDate", Json(at));
  json.set("scheduledPurgeDate", Json(at + kRecoverableDays * kSecondsOfADay));
}

}  // namespace keyferry::dev
