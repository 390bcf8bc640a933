#include <algorithm>
#include <tuple>

#include "kube/objects.h"
#include "manifest/manifest.h"

namespace keyferry::kube {

namespace {

Json to_json(const manifest::SecretObject& object) {
  Json::Array data;
  for (const manifest::SecretObjectData& entry : object.data) {
    data.push_back(Json().set("objectName", entry.object_name).set("key", entry.key));
  }
  Json json;
  json.set("secretName", object.secret_name).set("type", object.type);
  json.set("data", std::move(data));
  const auto set = [&](const char* key, const auto& texts) {
    if (!texts.empty()) json.set(key, kube::to_json(TextMap(texts.begin(), texts.end())));
  };
  set("labels", object.labels);
  set("annotations", object.annotations);
  return json;
}

std::vector<MountedObject> mounted_objects_of(const Json& status) {
  std::vector<MountedObject> objects;
  const Json* list = status.find("objects");
  if (list == nullptr || list->as_array() == nullptr) return objects;
  for (const Json& object : *list->as_array()) {
    objects.push_back({std::string(object.text_of("id")), std::string(object.text_of("version"))});
  }
  return objects;
}

}  // namespace

Result<SecretProviderClass> parse_secret_provider_class(const Json& object) {
  SecretProviderClass spc;
  KF_ASSIGN(spc.meta, parse_meta(object));
  spc.spc = manifest::read_stored_class(object, spc.problems);
  return spc;
}

Json to_json(const SecretProviderClass& spc) {
  Json parameters{Json::Object()};
  for (const auto& [name, parameter] : spc.spc.parameters) parameters.set(name, parameter.value);
  Json spec;
  spec.set("provider", spc.spc.provider).set("parameters", std::move(parameters));
  if (!spc.spc.secret_objects.empty()) {
    Json::Array objects;
    for (const auto& object : spc.spc.secret_objects) objects.push_back(to_json(object));
    spec.set("secretObjects", std::move(objects));
  }
  return object_json(secret_provider_classes(), spc.meta).set("spec", std::move(spec));
}

Result<SecretProviderClassPodStatus> parse_pod_status(const Json& object) {
  SecretProviderClassPodStatus parsed;
  KF_ASSIGN(parsed.meta, parse_meta(object));
  const Json* status = object.find("status");
  if (status == nullptr) return parsed;
  parsed.pod_name = status->text_of("podName");
  parsed.secret_provider_class_name = status->text_of("secretProviderClassName");
  const Json* mounted = status->find("mounted");
  parsed.mounted = mounted != nullptr && mounted->as_bool() != nullptr && *mounted->as_bool();
  parsed.target_path = status->text_of("targetPath");
  parsed.objects = mounted_objects_of(*status);
  return parsed;
}

Json to_json(const SecretProviderClassPodStatus& status) {
  std::vector<MountedObject> sorted = status.objects;
  std::sort(sorted.begin(), sorted.end(), [](const MountedObject& a, const MountedObject& b) {
    return std::tie(a.id, a.version) < std::tie(b.id, b.version);
  });
  Json::Array objects;
  for (const MountedObject& object : sorted) {
    objects.push_back(Json().set("id", object.id).set("version", object.version));
  }
  Json json;
  json.set("podName", status.pod_name);
  json.set("secretProviderClassName", status.secret_provider_class_name);
  json.set("mounted", status.mounted).set("targetPath", status.target_path);
  json.set("objects", std::move(objects));
  return object_json(secret_provider_class_pod_statuses(), status.meta)
      .set("status", std::move(json));
}

}  // namespace keyferry::kube
