#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/strings.h"
#include "formats/json.h"

// What the fake API server does to objects: JSON merge patch, and server-side apply in a simple
// sense: a field belongs to whoever applied it last, a list is one field.
namespace keyferry::kube {

// RFC 7386.
inline void merge_into(Json& target, const Json& patch) {
  if (patch.as_object() == nullptr) {
    target = patch;
    return;
  }
  if (target.as_object() == nullptr) target = Json(Json::Object());
  for (const auto& [key, value] : *patch.as_object()) {
    Json::Object& members = *target.as_object();
    if (value.is_null()) {
      members.erase(key);
    } else {
      merge_into(members[key], value);
    }
  }
}

using FieldPath = std::vector<std::string>;

// The fields of an object that can have an owner.
inline void add_fields(const Json& value, const FieldPath& path, std::map<FieldPath, Json>& into) {
  const Json::Object* members = value.as_object();
  if (members == nullptr) {
    into.emplace(path, value);
    return;
  }
  for (const auto& [key, member] : *members) {
    FieldPath below = path;
    below.push_back(key);
    add_fields(member, below, into);
  }
}

inline std::map<FieldPath, Json> owned_fields(const Json& object) {
  std::map<FieldPath, Json> fields;
  add_fields(object, {}, fields);
  for (const FieldPath& identity : std::vector<FieldPath>{{"apiVersion"},
                                                          {"kind"},
                                                          {"metadata", "name"},
                                                          {"metadata", "namespace"},
                                                          {"metadata", "resourceVersion"},
                                                          {"metadata", "uid"}}) {
    fields.erase(identity);
  }
  return fields;
}

inline const Json* field_at(const Json& object, const FieldPath& path) {
  const Json* value = &object;
  for (const std::string& key : path) {
    if (value != nullptr) value = value->find(key);
  }
  return value;
}

inline void set_field(Json& object, const FieldPath& path, const Json* value) {
  Json* place = &object;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (place->as_object() == nullptr) *place = Json(Json::Object());
    place = &(*place->as_object())[path[i]];
  }
  if (place->as_object() == nullptr) *place = Json(Json::Object());
  if (value == nullptr) {
    place->as_object()->erase(path.back());
  } else {
    place->set(path.back(), *value);
  }
}

// Who owns which field of one object.
class FieldOwners {
 public:
  // The fields that `manager` would change and another one owns: "spec.provider (by 'other')".
  std::vector<std::string> conflicts(const Json& stored, const Json& applied,
                                     const std::string& manager) const {
    std::vector<std::string> found;
    for (const auto& [path, value] : owned_fields(applied)) {
      const Json* now = field_at(stored, path);
      if (now != nullptr && *now == value) continue;
      for (const auto& [other, paths] : owners_) {
        if (other == manager || !paths.contains(path)) continue;
        found.push_back(cat(join(path, "."), " (by '", other, "')"));
      }
    }
    return found;
  }

  // What `manager` applied before and does not any more goes.
  void apply(Json& stored, const Json& applied, const std::string& manager) {
    const auto fields = owned_fields(applied);
    for (const FieldPath& path : owners_[manager]) {
      if (!fields.contains(path) && !is_anothers(path, manager)) set_field(stored, path, nullptr);
    }
    owners_[manager].clear();
    for (const auto& [path, value] : fields) {
      const Json* now = field_at(stored, path);
      const bool taken = now == nullptr || *now != value;
      if (taken) {
        for (auto& [other, paths] : owners_) paths.erase(path);
      }
      set_field(stored, path, &value);
      owners_[manager].insert(path);
    }
  }

 private:
  bool is_anothers(const FieldPath& path, const std::string& manager) const {
    for (const auto& [other, paths] : owners_) {
      if (other != manager && paths.contains(path)) return true;
    }
    return false;
  }

  std::map<std::string, std::set<FieldPath>> owners_;
};

}  // namespace keyferry::kube
