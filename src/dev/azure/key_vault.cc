#include "dev/azure/key_vault.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/strings.h"
#include "dev/jwt.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kVersions[] = {"2015-06-01", "2016-10-01", "7.0",       "7.1",
                                          "7.2",        "7.3",        "7.4",       "7.5",
                                          "7.6",        "2025-07-01", "2026-04-01"};
constexpr std::size_t kLongestName = 127;
constexpr std::size_t kPage = 25;
constexpr VaultKind kKinds[] = {VaultKind::kSecret, VaultKind::kKey, VaultKind::kCertificate};

std::string_view value_of(const KeyVaultCall& call, std::string_view name) {
  const auto found = call.query.find(name);
  return found == call.query.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<AzureReply> problem_of_api_version(const KeyVaultCall& call) {
  const std::string_view version = value_of(call, "api-version");
  if (version.empty()) return key_vault_error(400, "BadParameter", "api-version must be specified");
  if (std::find(std::begin(kVersions), std::end(kVersions), version) != std::end(kVersions))
    return std::nullopt;
  return key_vault_error(400, "BadParameter",
                         cat("The specified version (", version,
                             ") is not recognized. Consider using the latest supported version (",
                             *std::prev(std::end(kVersions)), ")."));
}

bool is_version(std::string_view version) {
  return version.size() == 32 &&
         to_lower(version).find_first_not_of("0123456789abcdef") == std::string::npos;
}

AzureReply bad_uri(std::string_view what, std::string_view value) {
  return key_vault_error(400, "BadParameter",
                         cat("The request URI contains an invalid ", what, ": ", value));
}

AzureReply bad_method(const KeyVaultCall& call) {
  return key_vault_error(405, "MethodNotAllowed",
                         cat("The method ", call.method, " is not allowed for this resource."));
}

// "Secret", as in SecretNotFound.
std::string capitalised(VaultKind kind) {
  std::string word(singular_of(kind));
  word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return word;
}

AzureReply not_found(VaultKind kind, std::string_view id) {
  return key_vault_error(
      404, cat(capitalised(kind), "NotFound"),
      cat("A ", singular_of(kind), " with (name/id) ", id,
          " was not found in this key vault. If you recently deleted this ", singular_of(kind),
          " you may be able to recover it using the correct recovery command. For help resolving "
          "this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"));
}

AzureReply no_deleted(VaultKind kind, std::string_view name) {
  return key_vault_error(404, cat(capitalised(kind), "NotFound"),
                         cat("Deleted ", capitalised(kind), " not found: ", name));
}

std::size_t number_of(std::string_view text, std::size_t otherwise) {
  std::size_t number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// One page of the items, and the link to the next.
AzureReply page_of(const KeyVaultCall& call, Json::Array items) {
  const std::size_t size = number_of(value_of(call, "maxresults"), kPage);
  if (size < 1 || size > kPage)
    return key_vault_error(400, "BadParameter", "maxresults must be between 1 and 25.");
  const std::size_t first = std::min(number_of(value_of(call, "$skiptoken"), 0), items.size());
  const std::size_t last = std::min(first + size, items.size());
  Json next;
  if (last < items.size()) {
    next = cat(call.base, "/", join(call.path, "/"), "?api-version=", value_of(call, "api-version"),
               "&$skiptoken=", last, "&maxresults=", size);
  }
  const auto at = [&](std::size_t index) {
    return items.begin() + static_cast<Json::Array::difference_type>(index);
  };
  return {200,
          Json(Json::Object{{"value", Json(Json::Array(at(first), at(last)))},
                            {"nextLink", std::move(next)}}),
          {}};
}

bool is_enabled(const VaultVersion& version) {
  const Json* attributes = version.body.find("attributes");
  const Json* enabled = attributes == nullptr ? nullptr : attributes->find("enabled");
  return enabled == nullptr || enabled->as_bool() == nullptr || *enabled->as_bool();
}

// The permission that a word after an object's name needs.
std::string_view action_of(const std::string& method, std::string_view word) {
  if (word == "versions") return "list";
  if (word == "create" || word == "import") return word;
  return method == "PATCH" ? "update" : "get";
}

}  // namespace

bool is_object_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-';
         });
}

AzureReply KeyVault::handle(const KeyVaultCall& call) {
  if (auto problem = problem_of_api_version(call)) return std::move(*problem);
  for (const VaultKind kind : kKinds) {
    if (call.path.at(0) == plural_of(kind)) return handle_present(kind, call);
    if (call.path.at(0) == cat("deleted", plural_of(kind))) return handle_deleted(kind, call);
  }
  return key_vault_error(404, "NotFound", "No such resource.");
}

AzureReply KeyVault::handle_present(VaultKind kind, const KeyVaultCall& call) {
  if (call.path.size() == 1) {
    if (call.method != "GET") return bad_method(call);
    if (!grants_.allows(call.caller, kind, "list", ""))
      return grants_.refusal(call.caller, kind, "list", "", name_);
    return list(kind, call);
  }
  const std::string& name = call.path[1];
  if (!is_object_name(name)) return bad_uri("name", name);
  if (call.path.size() > 3) return bad_uri("path", join(call.path, "/"));
  if (call.path.size() == 3) return handle_word(kind, call, name, call.path[2]);
  return handle_object(kind, call, name);
}

AzureReply KeyVault::handle_object(VaultKind kind, const KeyVaultCall& call,
                                   const std::string& name) {
  const bool writes = call.method == "PUT" && kind != VaultKind::kCertificate;
  const std::string_view action = writes ? (kind == VaultKind::kSecret ? "set" : "import")
                                  : call.method == "DELETE" ? "delete"
                                  : call.method == "PATCH"
                                      ? (kind == VaultKind::kSecret ? "set" : "update")
                                      : "get";
  if (!grants_.allows(call.caller, kind, action, name))
    return grants_.refusal(call.caller, kind, action, name, name_);
  if (call.method == "GET") return get(kind, call, name, "");
  if (call.method == "PATCH") return update(kind, call, name, "");
  if (call.method == "DELETE") return remove(kind, call, name);
  if (writes) return write(kind, call, name, std::string(action));
  return bad_method(call);
}

AzureReply KeyVault::handle_word(VaultKind kind, const KeyVaultCall& call, const std::string& name,
                                 const std::string& word) {
  std::string_view action = action_of(call.method, word);
  if (kind == VaultKind::kSecret && action == "update") action = "set";
  if (!grants_.allows(call.caller, kind, action, name))
    return grants_.refusal(call.caller, kind, action, name, name_);
  if (word == "versions" && call.method == "GET") return list_versions(kind, call, name);
  const bool certificate = kind == VaultKind::kCertificate;
  if (call.method == "POST" && kind != VaultKind::kSecret && word == "create")
    return write(kind, call, name, word);
  if (call.method == "POST" && certificate && word == "import")
    return write(kind, call, name, word);
  if (call.method == "GET" && certificate && word == "pending") return pending(call, name);
  if (call.method == "GET" && certificate && word == "policy") {
    AzureReply reply = get(kind, call, name, "");
    if (reply.good()) reply.body = Json(*reply.body.find("policy"));
    return reply;
  }
  if (!is_version(word)) return bad_uri("version", word);
  if (call.method == "GET") return get(kind, call, name, word);
  if (call.method == "PATCH") return update(kind, call, name, word);
  return bad_method(call);
}

AzureReply KeyVault::handle_deleted(VaultKind kind, const KeyVaultCall& call) {
  const std::string name = call.path.size() > 1 ? call.path[1] : "";
  const bool recovers = call.path.size() == 3 && call.path[2] == "recover";
  const std::string_view action = recovers                  ? "recover"
                                  : call.method == "DELETE" ? "purge"
                                  : name.empty()            ? "list"
                                                            : "get";
  if (!grants_.allows(call.caller, kind, action, name))
    return grants_.refusal(call.caller, kind, action, name, name_);
  if (name.empty()) return list_deleted(kind, call);
  VaultObject* object = shelf(kind).find_deleted(name);
  if (object == nullptr) return no_deleted(kind, name);
  if (recovers) return recover(kind, call, name);
  if (call.method == "DELETE") {
    for (const VaultKind each : kKinds) {
      if (each == kind || kind == VaultKind::kCertificate) shelf(each).purge(name);
    }
    return {204, Json(), {}};
  }
  Json bundle = bundle_of(kind, call.base, object->name, object->versions.back());
  add_deletion(bundle, kind, call.base, *object);
  return {200, std::move(bundle), {}};
}

AzureReply KeyVault::list(VaultKind kind, const KeyVaultCall& call) {
  Json::Array items;
  for (const VaultObject* object : shelf(kind).present())
    items.push_back(
        item_of(kind, call.base, object->name, object->versions.back(), ItemId::kObject));
  return page_of(call, std::move(items));
}

// In the order of the ids, which is no order of time: as the real one, which promises none.
AzureReply KeyVault::list_versions(VaultKind kind, const KeyVaultCall& call,
                                   const std::string& name) {
  const VaultObject* object = shelf(kind).find(name);
  std::vector<const VaultVersion*> versions;
  if (object != nullptr) {
    for (const VaultVersion& version : object->versions) versions.push_back(&version);
  }
  std::sort(versions.begin(), versions.end(),
            [](const VaultVersion* a, const VaultVersion* b) { return a->id < b->id; });
  Json::Array items;
  for (const VaultVersion* version : versions)
    items.push_back(item_of(kind, call.base, object->name, *version, ItemId::kVersion));
  return page_of(call, std::move(items));
}

AzureReply KeyVault::list_deleted(VaultKind kind, const KeyVaultCall& call) {
  Json::Array items;
  for (const VaultObject* object : shelf(kind).deleted()) {
    items.push_back(
        item_of(kind, call.base, object->name, object->versions.back(), ItemId::kObject));
    add_deletion(items.back(), kind, call.base, *object);
  }
  return page_of(call, std::move(items));
}

AzureReply KeyVault::get(VaultKind kind, const KeyVaultCall& call, const std::string& name,
                         const std::string& version) {
  VaultObject* object = shelf(kind).find(name);
  if (object == nullptr) return not_found(kind, name);
  const VaultVersion* found = VaultShelf::version_of(*object, version);
  if (found == nullptr) return not_found(kind, cat(name, "/", version));
  if (kind == VaultKind::kSecret && !is_enabled(*found)) {
    return key_vault_error(403, "Forbidden", "Operation get is not allowed on a disabled secret.",
                           "SecretDisabled");
  }
  return {200, bundle_of(kind, call.base, object->name, *found), {}};
}

AzureReply KeyVault::update(VaultKind kind, const KeyVaultCall& call, const std::string& name,
                            const std::string& version) {
  VaultObject* object = shelf(kind).find(name);
  if (object == nullptr) return not_found(kind, name);
  VaultVersion* found = VaultShelf::version_of(*object, version);
  if (found == nullptr) return not_found(kind, cat(name, "/", version));
  // A certificate's key and secret are on and off with it.
  for (const VaultKind each : kKinds) {
    if (each != kind && kind != VaultKind::kCertificate) continue;
    VaultObject* part = shelf(each).find(name);
    VaultVersion* one = part == nullptr ? nullptr : VaultShelf::version_of(*part, found->id);
    if (one == nullptr) continue;
    Json attributes = *one->body.find("attributes");
    update_attributes(attributes, call.body.find("attributes"), call.now);
    one->body.set("attributes", std::move(attributes));
    for (const char* member : {"tags", "contentType"}) {
      if (const Json* value = call.body.find(member)) one->body.set(member, *value);
    }
  }
  Json shown = bundle_of(kind, call.base, object->name, *found);
  if (kind == VaultKind::kSecret) shown.as_object()->erase("value");
  return {200, std::move(shown), {}};
}

AzureReply KeyVault::remove(VaultKind kind, const KeyVaultCall& call, const std::string& name) {
  VaultObject* object = shelf(kind).find(name);
  if (object == nullptr) return not_found(kind, name);
  if (kind != VaultKind::kCertificate && object->versions.back().body.find("managed") != nullptr) {
    return key_vault_error(403, "Forbidden",
                           cat("Operation delete is not allowed on a ", singular_of(kind),
                               " that belongs to a certificate."));
  }
  for (const VaultKind each : kKinds) {
    VaultObject* part =
        each == kind || kind == VaultKind::kCertificate ? shelf(each).find(name) : nullptr;
    if (part != nullptr) part->deleted_at = unix_seconds(call.now);
  }
  Json bundle = bundle_of(kind, call.base, object->name, object->versions.back());
  if (kind == VaultKind::kSecret) bundle.as_object()->erase("value");
  add_deletion(bundle, kind, call.base, *object);
  return {200, std::move(bundle), {}};
}

AzureReply KeyVault::recover(VaultKind kind, const KeyVaultCall& call, const std::string& name) {
  for (const VaultKind each : kKinds) {
    VaultObject* part =
        each == kind || kind == VaultKind::kCertificate ? shelf(each).find_deleted(name) : nullptr;
    if (part != nullptr) part->deleted_at.reset();
  }
  return get(kind, call, name, "");
}

}  // namespace keyferry::dev
