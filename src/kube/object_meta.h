#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "formats/json.h"
#include "kube/resource.h"

namespace keyferry::kube {

using TextMap = std::map<std::string, std::string, std::less<>>;

// An object on whose end this one ends too (metadata.ownerReferences[]).
struct OwnerReference {
  std::string api_version{};
  std::string kind{};
  std::string name{};
  std::string uid{};
  bool controller = false;
  bool block_owner_deletion = false;

  friend bool operator==(const OwnerReference&, const OwnerReference&) = default;
};

// metadata, as far as it is used here. What is left out of it is lost where an object is written
// back whole: change objects that others own by merge() or apply().
struct ObjectMeta {
  std::string name{};
  std::string namespace_name{};  // "" of the whole cluster
  std::string uid{};
  std::string resource_version{};
  TextMap labels{};
  TextMap annotations{};
  std::vector<OwnerReference> owner_references{};
  std::optional<WallTime> creation_timestamp{};
  std::optional<WallTime> deletion_timestamp{};  // set: it is on its way out

  ObjectName object_name() const { return {namespace_name, name}; }

  friend bool operator==(const ObjectMeta&, const ObjectMeta&) = default;
};

// `object` is a whole object. A field that is absent or of another type is empty, fields we do not
// know are passed over. kInvalidArgument: there is no metadata.name.
Result<ObjectMeta> parse_meta(const Json& object);
// The value of "metadata"; empty fields are left out.
Json to_json(const ObjectMeta& meta);

// apiVersion, kind and metadata: what every object begins with.
Json object_json(const Resource& resource, const ObjectMeta& meta);

// An object's reference in a dependent's metadata; neither controller nor blocking.
OwnerReference owner_reference_to(const Resource& resource, const ObjectMeta& meta);

// A {text: text} member; what is no text is left out.
TextMap text_map_of(const Json& object, std::string_view key);
Json to_json(const TextMap& texts);

}  // namespace keyferry::kube
