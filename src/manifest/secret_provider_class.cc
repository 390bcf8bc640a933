#include "manifest/secret_provider_class.h"

#include <algorithm>

#include "base/strings.h"
#include "manifest/object_reader.h"
#include "manifest/object_readers.h"

namespace keyferry::manifest {

namespace {

// csi.md 2.2: the name becomes a socket's file name.
bool is_provider_name(std::string_view name) {
  return !name.empty() && name.size() <= 30 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

void read_provider(const ObjectReader& spec, SecretProviderClass& spc) {
  spc.provider = spec.text("provider");
  spc.provider_line = spec.line_of("provider");
  if (spc.provider.empty()) {
    spec.error("provider", "is missing", "name the store, such as 'provider: vault'");
  } else if (!is_provider_name(spc.provider)) {
    spec.error("provider", cat("'", spc.provider, "' is not a provider name"),
               "use at most 30 letters, digits, '-' and '_'");
  }
}

bool is_text(const Yaml& node) {
  return node.kind == Yaml::Kind::kScalar || node.kind == Yaml::Kind::kNull;
}

// A list or a mapping where a text belongs is an error already. Its JSON stands for it, a lone
// object as a list of one: the store looks inside, and does not say once more that it is missing.
std::string json_instead(std::string_view name, const Yaml& node) {
  const auto json = to_json(node);
  if (!json.ok()) return {};
  const bool lone = name == "objects" && node.kind == Yaml::Kind::kMapping;
  return lone ? cat("[", to_text(*json), "]") : to_text(*json);
}

void read_parameters(const ObjectReader& spec, SecretProviderClass& spc) {
  const Yaml* mapping = spec.member("parameters");
  const ObjectReader parameters = spec.below("parameters");
  if (mapping != nullptr && parameters.node() == nullptr) return;  // complained about already
  if (mapping == nullptr || mapping->members.empty()) {
    spec.error("parameters", "is missing or empty", "give the store's parameters");
    return;
  }
  for (const auto& [name, value] : parameters.node()->members) {
    Parameter parameter{parameters.text(name.scalar), value.text_line, is_text(value)};
    if (value.kind == Yaml::Kind::kNull) parameter.line = name.line;
    if (parameter.line == 0) parameter.line = value.line;
    if (!parameter.is_text) parameter.value = json_instead(name.scalar, value);
    spc.parameters.emplace(name.scalar, std::move(parameter));
  }
}

// csi.md 3.4 step 5.
SecretObject read_secret_object(const ObjectReader& item) {
  item.warn_unknown({"secretName", "type", "labels", "annotations", "data"});
  SecretObject object;
  object.secret_name = std::string(trim(item.text("secretName")));
  object.type = std::string(trim(item.text("type")));
  const auto labels = item.text_map("labels");
  const auto annotations = item.text_map("annotations");
  object.labels = {labels.begin(), labels.end()};
  object.annotations = {annotations.begin(), annotations.end()};
  if (object.secret_name.empty()) item.error("secretName", "is missing", "name the Secret");
  if (object.type.empty()) item.error("type", "is missing", "write a type such as Opaque");
  for (const ObjectReader& entry : item.items("data")) {
    entry.warn_unknown({"objectName", "key"});
    SecretObjectData data{entry.text("objectName"), entry.text("key")};
    if (data.object_name.empty()) {
      entry.error("objectName", "is missing", "name a file of the mount");
    }
    if (data.key.empty()) entry.error("key", "is missing", "name the key in the Secret");
    object.data.push_back(std::move(data));
  }
  if (object.data.empty()) item.error("data", "is empty", "list objectName and key pairs");
  return object;
}

}  // namespace

std::string_view SecretProviderClass::parameter(std::string_view name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string_view() : std::string_view(found->second.value);
}

SecretProviderClass read_secret_provider_class(const Yaml& document, ObjectMeta meta,
                                               Problems& problems) {
  SecretProviderClass spc;
  spc.meta = std::move(meta);
  const ObjectReader object(&document, "", spc.meta, problems);
  object.warn_unknown({"apiVersion", "kind", "metadata", "spec", "status"});
  if (spc.meta.api_version.ends_with("/v1alpha1")) {
    object.warning("apiVersion", "v1alpha1 is deprecated",
                   "write secrets-store.csi.x-k8s.io/v1; nothing else changes");
  }
  const ObjectReader spec = object.below("spec");
  spec.warn_unknown({"provider", "parameters", "secretObjects"});
  read_provider(spec, spc);
  read_parameters(spec, spc);
  for (const ObjectReader& item : spec.items("secretObjects")) {
    spc.secret_objects.push_back(read_secret_object(item));
  }
  return spc;
}

}  // namespace keyferry::manifest
