#include "manifest/manifest.h"

#include <functional>

#include "base/strings.h"
#include "formats/yaml.h"
#include "manifest/object_reader.h"
#include "manifest/object_readers.h"

namespace keyferry::manifest {

namespace {

// A kind we read, the API versions under which it is one of ours, and what to do with it.
struct Kind {
  std::string_view name;
  std::vector<std::string_view> api_versions;
  std::function<void(const Yaml&, ObjectMeta, Manifests&)> read;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> table = {
      {"SecretProviderClass",
       {"secrets-store.csi.x-k8s.io/v1", "secrets-store.csi.x-k8s.io/v1alpha1"},
       [](const Yaml& document, ObjectMeta meta, Manifests& into) {
         into.secret_provider_classes.push_back(
             read_secret_provider_class(document, std::move(meta), into.problems));
       }},
      {"ServiceAccount",
       {"v1"},
       [](const Yaml&, ObjectMeta meta, Manifests& into) {
         into.service_accounts.push_back({std::move(meta)});
       }},
      {"MendixApp",
       {"privatecloud.mendix.com/v1alpha1"},
       [](const Yaml& document, ObjectMeta meta, Manifests& into) {
         into.mendix_apps.push_back(read_mendix_app(document, std::move(meta), into.problems));
       }},
  };
  return table;
}

// RFC 1123 subdomain, as the API server wants object names.
bool is_object_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  const auto is_alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  for (const char c : name) {
    if (!is_alnum(c) && c != '-' && c != '.') return false;
  }
  return is_alnum(name.front()) && is_alnum(name.back());
}

ObjectMeta read_meta(const Yaml& document, const std::string& file, Problems& problems) {
  ObjectMeta meta;
  meta.file = file;
  meta.line = document.line;
  const auto scalar = [](const Yaml* mapping, std::string_view key) {
    const Yaml* found = mapping == nullptr ? nullptr : mapping->find(key);
    return found == nullptr ? std::string() : found->scalar;
  };
  const Yaml* metadata = document.find("metadata");
  // Read first, so that every later complaint can name the object.
  meta.kind = scalar(&document, "kind");
  meta.api_version = scalar(&document, "apiVersion");
  meta.name = scalar(metadata, "name");
  meta.namespace_name = scalar(metadata, "namespace");
  const ObjectReader object(&document, "", meta, problems);
  if (meta.kind.empty()) {
    object.error("kind", "is missing", "name the kind, or leave the file out if it is no manifest");
  }
  const ObjectReader reader = object.below("metadata");
  meta.name_line = reader.line_of("name");
  meta.annotations = reader.text_map("annotations");
  if (const Yaml* annotations = reader.member("annotations")) {
    for (const auto& [name, value] : annotations->members) {
      meta.annotation_lines[name.scalar] = name.line;
    }
  }
  meta.labels = reader.text_map("labels");
  return meta;
}

void check_name(const Yaml& document, const ObjectMeta& meta, Problems& problems) {
  const Yaml* metadata = document.find("metadata");
  if (metadata != nullptr && metadata->kind != Yaml::Kind::kMapping &&
      metadata->kind != Yaml::Kind::kNull) {
    return;  // read_meta complained
  }
  const ObjectReader reader(metadata, "metadata", meta, problems);
  const std::size_t before = problems.size();
  const std::string name = reader.text("name");
  reader.text("namespace");
  if (problems.size() > before) return;
  if (name.empty()) {
    reader.error("name", "is missing", "name the object");
  } else if (!is_object_name(meta.name) && meta.name.find_first_of("<>{}") == std::string::npos) {
    reader.error("name", cat("'", meta.name, "' is not an object name"),
                 "use lower-case letters, digits, '-' and '.', at most 253");
  }
}

// A misspelt kind would be passed over as one of no interest.
void check_other_kind(const Yaml& document, const ObjectMeta& meta, Problems& problems) {
  for (const Kind& kind : kinds()) {
    if (edit_distance(to_lower(meta.kind), to_lower(kind.name)) > 2) continue;
    ObjectReader(&document, "", meta, problems)
        .error("kind", cat("'", meta.kind, "' is not known"), cat("write ", kind.name));
  }
}

void read_document(const Yaml& document, const std::string& file, Manifests& into) {
  if (document.kind != Yaml::Kind::kMapping) {
    into.problems.push_back({Severity::kError, file, document.line, "", "",
                             cat("holds ", document.type_name(), ", not a Kubernetes object"),
                             "write apiVersion, kind, metadata and spec"});
    return;
  }
  ObjectMeta meta = read_meta(document, file, into.problems);
  if (meta.kind.empty()) return;
  if (const Yaml* items = document.find("items");
      meta.kind.ends_with("List") && items != nullptr && items->kind == Yaml::Kind::kSequence) {
    for (const Yaml& item : items->items) read_document(item, file, into);
    return;
  }
  for (const Kind& kind : kinds()) {
    if (meta.kind != kind.name) continue;
    bool known = false;
    for (const std::string_view version : kind.api_versions) known |= meta.api_version == version;
    if (!known) {
      ObjectReader(&document, "", meta, into.problems)
          .error("apiVersion",
                 meta.api_version.empty()
                     ? "is missing"
                     : cat("'", meta.api_version, "' is not known for a ", kind.name),
                 cat("write ", kind.api_versions.front()));
    }
    check_name(document, meta, into.problems);
    kind.read(document, std::move(meta), into);
    return;
  }
  check_other_kind(document, meta, into.problems);
  into.others.push_back(std::move(meta));
}

// A second object begins where the first one's kind or version comes again.
std::string remedy_for(const std::string& message) {
  const bool second_object =
      message.starts_with("key 'apiVersion' stands") || message.starts_with("key 'kind' stands");
  if (second_object) return "or write --- between two objects";
  const bool advises = message.find("; ") != std::string::npos;
  return advises ? "" : "indent with blanks, and quote texts with ': ' or ' #'";
}

// "line 7: not valid" → {7, "not valid"}.
std::pair<int, std::string> line_and_rest(const std::string& message) {
  constexpr std::string_view kPrefix = "line ";
  const auto colon = message.find(": ");
  if (!message.starts_with(kPrefix) || colon == std::string::npos) return {0, message};
  return {std::atoi(message.c_str() + kPrefix.size()), message.substr(colon + 2)};
}

}  // namespace

std::string ObjectMeta::display_name() const {
  std::string shown = kind.empty() ? "object" : kind;
  if (name.empty()) return shown;
  return namespace_name.empty() ? cat(shown, " ", name)
                                : cat(shown, " ", namespace_name, "/", name);
}

void parse_manifest(std::string_view text, const std::string& file, Manifests& into) {
  auto documents = parse_yaml(text);
  if (!documents.ok()) {
    auto [line, message] = line_and_rest(documents.error().message());
    into.problems.push_back({Severity::kError, file, line, "", "", message, remedy_for(message)});
    return;
  }
  if (documents->empty()) {
    into.problems.push_back({Severity::kError, file, 0, "", "", "holds no Kubernetes object",
                             "write one, or leave the file out"});
  }
  for (const Yaml& document : *documents) read_document(document, file, into);
}

SecretProviderClass read_stored_class(const Json& object, Problems& problems) {
  Json whole = object;  // items of a list may not say what they are
  whole.set("kind", "SecretProviderClass");
  if (whole.text_of("apiVersion").empty()) {
    whole.set("apiVersion", "secrets-store.csi.x-k8s.io/v1");
  }
  const Yaml document = to_yaml(whole);
  ObjectMeta meta = read_meta(document, "", problems);
  return read_secret_provider_class(document, std::move(meta), problems);
}

}  // namespace keyferry::manifest
