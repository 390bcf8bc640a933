#include "kube/object_meta.h"

#include "base/strings.h"
#include "base/timestamp.h"

namespace keyferry::kube {

namespace {

bool truth_of(const Json& object, std::string_view key) {
  const Json* value = object.find(key);
  return value != nullptr && value->as_bool() != nullptr && *value->as_bool();
}

std::optional<WallTime> time_of(const Json& object, std::string_view key) {
  const auto time = parse_timestamp(object.text_of(key));
  return time.ok() ? std::optional(*time) : std::nullopt;
}

std::vector<OwnerReference> owners_of(const Json& meta) {
  std::vector<OwnerReference> owners;
  const Json* list = meta.find("ownerReferences");
  if (list == nullptr || list->as_array() == nullptr) return owners;
  for (const Json& owner : *list->as_array()) {
    owners.push_back({std::string(owner.text_of("apiVersion")), std::string(owner.text_of("kind")),
                      std::string(owner.text_of("name")), std::string(owner.text_of("uid")),
                      truth_of(owner, "controller"), truth_of(owner, "blockOwnerDeletion")});
  }
  return owners;
}

Json to_json(const OwnerReference& owner) {
  Json json;
  json.set("apiVersion", owner.api_version).set("kind", owner.kind);
  json.set("name", owner.name).set("uid", owner.uid);
  if (owner.controller) json.set("controller", true);
  if (owner.block_owner_deletion) json.set("blockOwnerDeletion", true);
  return json;
}

}  // namespace

TextMap text_map_of(const Json& object, std::string_view key) {
  TextMap texts;
  const Json* map = object.find(key);
  if (map == nullptr || map->as_object() == nullptr) return texts;
  for (const auto& [name, value] : *map->as_object()) {
    if (value.as_string() != nullptr) texts.emplace(name, *value.as_string());
  }
  return texts;
}

Json to_json(const TextMap& texts) {
  Json json{Json::Object()};
  for (const auto& [name, value] : texts) json.set(name, value);
  return json;
}

Result<ObjectMeta> parse_meta(const Json& object) {
  const Json* json = object.find("metadata");
  if (json == nullptr || json->text_of("name").empty()) {
    const std::string_view kind = object.text_of("kind");
    return Error(ErrorCode::kInvalidArgument,
                 cat(kind.empty() ? std::string_view("object") : kind, ": metadata.name is missing",
                     "; is this a Kubernetes object?"));
  }
  ObjectMeta meta;
  meta.name = json->text_of("name");
  meta.namespace_name = json->text_of("namespace");
  meta.uid = json->text_of("uid");
  meta.resource_version = json->text_of("resourceVersion");
  meta.labels = text_map_of(*json, "labels");
  meta.annotations = text_map_of(*json, "annotations");
  meta.owner_references = owners_of(*json);
  meta.creation_timestamp = time_of(*json, "creationTimestamp");
  meta.deletion_timestamp = time_of(*json, "deletionTimestamp");
  return meta;
}

Json to_json(const ObjectMeta& meta) {
  Json json{Json::Object()};
  const auto set = [&](const char* key, const std::string& text) {
    if (!text.empty()) json.set(key, text);
  };
  set("name", meta.name);
  set("namespace", meta.namespace_name);
  set("uid", meta.uid);
  set("resourceVersion", meta.resource_version);
  if (!meta.labels.empty()) json.set("labels", to_json(meta.labels));
  if (!meta.annotations.empty()) json.set("annotations", to_json(meta.annotations));
  if (meta.creation_timestamp) set("creationTimestamp", to_timestamp(*meta.creation_timestamp));
  if (meta.deletion_timestamp) set("deletionTimestamp", to_timestamp(*meta.deletion_timestamp));
  if (meta.owner_references.empty()) return json;
  Json::Array owners;
  for (const OwnerReference& owner : meta.owner_references) owners.push_back(to_json(owner));
  json.set("ownerReferences", std::move(owners));
  return json;
}

Json object_json(const Resource& resource, const ObjectMeta& meta) {
  Json json;
  json.set("apiVersion", resource.api_version()).set("kind", resource.kind);
  json.set("metadata", to_json(meta));
  return json;
}

OwnerReference owner_reference_to(const Resource& resource, const ObjectMeta& meta) {
  return {resource.api_version(), resource.kind, meta.name, meta.uid};
}

}  // namespace keyferry::kube
