#include "base/encoding.h"
#include "base/strings.h"
#include "kube/objects.h"

namespace keyferry::kube {

Result<KubeSecret> parse_secret(const Json& object) {
  KubeSecret secret;
  KF_ASSIGN(secret.meta, parse_meta(object));
  secret.type = object.text_of("type");
  const Json* immutable = object.find("immutable");
  secret.immutable =
      immutable != nullptr && immutable->as_bool() != nullptr && *immutable->as_bool();
  const Json* data = object.find("data");
  if (data == nullptr || data->as_object() == nullptr) return secret;
  for (const auto& [key, value] : *data->as_object()) {
    const std::string* text = value.as_string();
    auto bytes = base64_decode(text == nullptr ? std::string_view() : std::string_view(*text));
    if (!bytes.ok()) {
      return std::move(bytes).error().with_context(
          cat("Secret ", secret.meta.object_name().display_name(), ": data.", key));
    }
    secret.data.emplace(key, std::move(bytes).value());
  }
  return secret;
}

Json to_json(const KubeSecret& secret) {
  Json data{Json::Object()};
  for (const auto& [key, value] : secret.data) data.set(key, base64_encode(value.expose()));
  Json json = object_json(secrets(), secret.meta);
  json.set("data", std::move(data));
  if (!secret.type.empty()) json.set("type", secret.type);
  if (secret.immutable) json.set("immutable", true);
  return json;
}

}  // namespace keyferry::kube
