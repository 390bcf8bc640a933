#include "kube/objects.h"

#include "base/timestamp.h"

namespace keyferry::kube {

namespace {

// A member, or null where there is none: find() of that finds nothing either.
const Json& below(const Json& object, std::string_view key) {
  static const Json nothing;
  const Json* found = object.find(key);
  return found == nullptr ? nothing : *found;
}

const Json::Array& items_of(const Json& object, std::string_view key) {
  static const Json::Array none;
  const Json::Array* items = below(object, key).as_array();
  return items == nullptr ? none : *items;
}

std::string text_of(const Json& object, std::string_view key) {
  return std::string(object.text_of(key));
}

std::vector<CsiVolume> csi_volumes_of(const Json& spec) {
  std::vector<CsiVolume> volumes;
  for (const Json& volume : items_of(spec, "volumes")) {
    const Json& csi = below(volume, "csi");
    if (csi.as_object() == nullptr) continue;
    volumes.push_back(
        {text_of(volume, "name"), text_of(csi, "driver"), text_map_of(csi, "volumeAttributes")});
  }
  return volumes;
}

// Of an event: legacy writers give whole seconds in lastTimestamp, newer ones eventTime.
WallTime time_of(const Json& object, std::string_view key) {
  auto time = parse_timestamp(object.text_of(key));
  if (!time.ok()) time = parse_timestamp(object.text_of("eventTime"));
  return time.ok() ? *time : WallTime();
}

Json to_json(const ObjectReference& reference) {
  Json json;
  const auto set = [&](const char* key, const std::string& text) {
    if (!text.empty()) json.set(key, text);
  };
  set("apiVersion", reference.api_version);
  set("kind", reference.kind);
  set("namespace", reference.namespace_name);
  set("name", reference.name);
  set("uid", reference.uid);
  return json;
}

ObjectReference parse_reference(const Json& json) {
  return {text_of(json, "apiVersion"), text_of(json, "kind"), text_of(json, "namespace"),
          text_of(json, "name"), text_of(json, "uid")};
}

}  // namespace

bool Pod::has_ended() const {
  return meta.deletion_timestamp.has_value() || phase == "Succeeded" || phase == "Failed";
}

Result<Pod> parse_pod(const Json& object) {
  Pod pod;
  KF_ASSIGN(pod.meta, parse_meta(object));
  const Json& spec = below(object, "spec");
  pod.node_name = text_of(spec, "nodeName");
  pod.service_account_name = text_of(spec, "serviceAccountName");
  pod.csi_volumes = csi_volumes_of(spec);
  pod.phase = text_of(below(object, "status"), "phase");
  return pod;
}

Json to_json(const Pod& pod) {
  Json::Array volumes;
  for (const CsiVolume& volume : pod.csi_volumes) {
    Json csi;
    csi.set("driver", volume.driver).set("volumeAttributes", to_json(volume.attributes));
    volumes.push_back(Json().set("name", volume.volume_name).set("csi", std::move(csi)));
  }
  Json spec;
  spec.set("nodeName", pod.node_name).set("serviceAccountName", pod.service_account_name);
  spec.set("volumes", std::move(volumes));
  Json json = object_json(pods(), pod.meta);
  json.set("spec", std::move(spec));
  if (!pod.phase.empty()) json.set("status", Json().set("phase", pod.phase));
  return json;
}

Result<Node> parse_node(const Json& object) {
  Node node;
  KF_ASSIGN(node.meta, parse_meta(object));
  for (const Json& taint : items_of(below(object, "spec"), "taints")) {
    node.taints.push_back(
        {text_of(taint, "key"), text_of(taint, "value"), text_of(taint, "effect")});
  }
  return node;
}

Json to_json(const Node& node) {
  Json json = object_json(nodes(), node.meta);
  if (node.taints.empty()) return json;
  Json::Array taints;
  for (const Taint& taint : node.taints) {
    Json one;
    one.set("key", taint.key).set("effect", taint.effect);
    if (!taint.value.empty()) one.set("value", taint.value);
    taints.push_back(std::move(one));
  }
  json.set("spec", Json().set("taints", std::move(taints)));
  return json;
}

Result<ServiceAccount> parse_service_account(const Json& object) {
  ServiceAccount account;
  KF_ASSIGN(account.meta, parse_meta(object));
  return account;
}

Json to_json(const ServiceAccount& account) {
  return object_json(service_accounts(), account.meta);
}

ObjectReference reference_to(const Resource& resource, const ObjectMeta& meta) {
  return {resource.api_version(), resource.kind, meta.namespace_name, meta.name, meta.uid};
}

Result<Event> parse_event(const Json& object) {
  Event event;
  KF_ASSIGN(event.meta, parse_meta(object));
  event.about = parse_reference(below(object, "involvedObject"));
  event.type = text_of(object, "type");
  event.reason = text_of(object, "reason");
  event.message = text_of(object, "message");
  event.component = text_of(below(object, "source"), "component");
  event.host = text_of(below(object, "source"), "host");
  event.first_seen = time_of(object, "firstTimestamp");
  event.last_seen = time_of(object, "lastTimestamp");
  event.count = static_cast<int>(below(object, "count").as_int().value_or(1));
  return event;
}

Json to_json(const Event& event) {
  Json source;
  source.set("component", event.component);
  if (!event.host.empty()) source.set("host", event.host);
  Json json = object_json(events(), event.meta);
  json.set("involvedObject", to_json(event.about)).set("source", std::move(source));
  json.set("type", event.type).set("reason", event.reason).set("message", event.message);
  json.set("firstTimestamp", to_timestamp(event.first_seen));
  json.set("lastTimestamp", to_timestamp(event.last_seen));
  json.set("count", event.count);
  return json;
}

}  // namespace keyferry::kube
