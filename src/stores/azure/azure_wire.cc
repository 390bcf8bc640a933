#include "stores/azure/azure_wire.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"
#include "formats/json.h"
#include "formats/pem.h"
#include "net/public_key.h"

namespace keyferry::stores::azure {

namespace {

constexpr std::string_view kApiVersion = "?api-version=7.4";

std::string_view folder_of(ObjectType type) {
  switch (type) {
    case ObjectType::kSecret:
      return "secrets";
    case ObjectType::kKey:
      return "keys";
    case ObjectType::kCertificate:
      return "certificates";
  }
  return "";
}

Request get(std::string url) {
  Request request;
  request.url = std::move(url);
  request.headers = {{"Accept", "application/json"}};
  return request;
}

Error no_answer(std::string_view what) {
  return {ErrorCode::kInternal,
          cat("the answer ", what,
              "; is that the address of a key vault? endpointUrl and cloudName "
              "decide it")};
}

Result<Json> read_body(const Response& response) {
  auto body = parse_json(response.body.expose());
  if (!body.ok()) return no_answer(cat("is not JSON (", body.error().message(), ")"));
  if (body->as_object() == nullptr) return no_answer("is no JSON object");
  return body;
}

// The last part of "https://shop.vault.azure.net/secrets/db/0123…", where it has all of them. A
// server behind somebody else's address may have more in front.
std::string version_in(std::string_view id) {
  const auto scheme = id.find("://");
  if (scheme == id.npos) return "";
  const auto parts = split(id.substr(scheme + 3), '/');
  return parts.size() >= 4 ? std::string(parts.back()) : "";
}

std::string binary_of(const Json& key, std::string_view member) {
  const auto bytes = base64url_decode(key.text_of(member));
  return bytes.ok() ? std::string(bytes->expose()) : "";
}

Result<Secret> public_key_of(const Json& key) {
  const std::string kind = std::string(key.text_of("kty"));
  if (kind == "RSA" || kind == "RSA-HSM") {
    return rsa_public_key_der(binary_of(key, "n"), binary_of(key, "e"));
  }
  if (kind == "EC" || kind == "EC-HSM") {
    return ec_public_key_der(key.text_of("crv"), binary_of(key, "x"), binary_of(key, "y"));
  }
  return Error(ErrorCode::kUnimplemented,
               kind.empty() ? std::string("has no type")
                            : cat("is of type '", kind, "', which has no public half"));
}

Result<Bundle> read_secret(const Json& body) {
  const Json* value = body.find("value");
  if (value == nullptr || value->as_string() == nullptr) return no_answer("holds no secret value");
  return Bundle{version_in(body.text_of("id")), Secret(*value->as_string()),
                std::string(body.text_of("contentType")), !body.text_of("kid").empty()};
}

Result<Bundle> read_key(const Json& body) {
  const Json* key = body.find("key");
  if (key == nullptr || key->as_object() == nullptr) return no_answer("holds no key");
  KF_ASSIGN(const Secret der, public_key_of(*key).with_context("the key").with_remedy(
                                  "name an RSA or EC key of curve P-256, P-384 or "
                                  "P-521"));
  return Bundle{version_in(key->text_of("kid")), to_pem(kPublicKeyLabel, der.expose()), "", false};
}

Result<Bundle> read_certificate(const Json& body) {
  const auto der = base64_decode(body.text_of("cer"));
  if (!der.ok() || der->empty()) return no_answer("holds no certificate");
  return Bundle{version_in(body.text_of("id")), to_pem(kCertificateLabel, der->expose()), "",
                false};
}

}  // namespace

std::string to_text(const ObjectId& id) {
  return cat(word_of(id.type), " '", id.name, "'",
             id.version.empty() ? "" : cat(" version ", id.version));
}

// The slash of an empty version is what the vendor's clients send too.
Request object_request(const std::string& base, const ObjectId& id) {
  return get(cat(base, '/', folder_of(id.type), '/', id.name, '/', id.version, kApiVersion));
}

Request versions_request(const std::string& base, const ObjectId& id) {
  return get(cat(base, '/', folder_of(id.type), '/', id.name, "/versions", kApiVersion));
}

Result<Bundle> read_object(const Response& response, ObjectType type) {
  KF_ASSIGN(const Json body, read_body(response));
  auto bundle = [&] {
    switch (type) {
      case ObjectType::kSecret:
        return read_secret(body);
      case ObjectType::kKey:
        return read_key(body);
      case ObjectType::kCertificate:
        return read_certificate(body);
    }
    return Result<Bundle>(no_answer("is of no type"));
  }();
  if (bundle.ok() && bundle->version.empty()) return no_answer("does not say its version");
  return bundle;
}

Result<VersionPage> read_versions(const Response& response) {
  KF_ASSIGN(const Json body, read_body(response));
  const Json* list = body.find("value");
  if (list == nullptr || list->as_array() == nullptr) return no_answer("holds no list of versions");
  VersionPage page;
  page.next_link = body.text_of("nextLink");
  for (const Json& item : *list->as_array()) {
    const std::string_view id =
        item.text_of("id").empty() ? item.text_of("kid") : item.text_of("id");
    ListedVersion listed{version_in(id)};
    if (listed.version.empty()) return no_answer("lists a version without its id");
    const Json* attributes = item.find("attributes");
    const Json* enabled = attributes == nullptr ? nullptr : attributes->find("enabled");
    const Json* created = attributes == nullptr ? nullptr : attributes->find("created");
    if (enabled != nullptr && enabled->as_bool() != nullptr) listed.enabled = *enabled->as_bool();
    if (created != nullptr) listed.created = created->as_int().value_or(0);
    page.versions.push_back(std::move(listed));
  }
  return page;
}

std::vector<std::string> newest_first(std::vector<ListedVersion> versions,
                                      const std::string& wanted, int count) {
  std::erase_if(versions, [](const ListedVersion& listed) { return !listed.enabled; });
  std::stable_sort(
      versions.begin(), versions.end(),
      [](const ListedVersion& a, const ListedVersion& b) { return a.created > b.created; });
  const auto first =
      wanted.empty()
          ? versions.begin()
          : std::find_if(versions.begin(), versions.end(),
                         [&](const ListedVersion& listed) { return listed.version == wanted; });
  std::vector<std::string> chosen;
  for (auto at = first; at != versions.end() && static_cast<int>(chosen.size()) < count; ++at) {
    chosen.push_back(std::move(at->version));
  }
  return chosen;
}

}  // namespace keyferry::stores::azure
