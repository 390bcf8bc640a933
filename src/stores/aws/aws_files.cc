#include "stores/aws/aws_files.h"

#include "base/strings.h"

namespace keyferry::stores::aws {

namespace {

constexpr std::size_t kMostNames = 20;

// " (names there: a, b)"
std::string names_in(const Json& document) {
  const Json::Object* members = document.as_object();
  if (members == nullptr || members->empty()) return "";
  std::vector<std::string> names;
  for (const auto& [name, value] : *members) {
    if (names.size() < kMostNames) names.push_back(name);
  }
  return cat(" (names there: ", join(names, ", "), ")");
}

Result<Secret> part_of(const Part& part, const ObjectSpec& object, const Json& document) {
  const auto found = part.path->search(document);
  if (!found.ok()) {
    return Error(ErrorCode::kInvalidArgument,
                 cat("jmesPath '", part.expression, "' on the value of ", object.name, ": ",
                     found.error().message, "; `keyferry jmespath` tries an expression"));
  }
  const Json& value = found->json();
  if (value.is_null()) {
    return Error(ErrorCode::kNotFound,
                 cat("jmesPath '", part.expression, "' finds nothing in the value of ", object.name,
                     names_in(document), "; correct the expression or the secret"));
  }
  if (value.as_string() != nullptr) return Secret(*value.as_string());
  std::string text = to_text(value);
  return Secret::take(text);
}

Result<SecretFile> file_of(const Part& part, const ObjectSpec& object, const Result<Json>& document,
                           const std::string& version) {
  if (!document.ok()) {
    return Error(ErrorCode::kInvalidArgument,
                 cat("the value of ", object.name, " is not JSON, so jmesPath '", part.expression,
                     "' cannot look into it; remove jmesPath, or store JSON"));
  }
  KF_ASSIGN(Secret contents, part_of(part, object, *document));
  return SecretFile{part.file, std::move(contents), part.mode ? part.mode : object.mode, version};
}

std::vector<FetchedObject> expanded(const ObjectSpec& object, const Result<Json>& document,
                                    const std::string& version) {
  const auto same = [&](const std::string&, const Secret&) { return version; };
  if (document.ok()) return expand_keys({object.file, object.mode, same}, *document);
  std::vector<FetchedObject> failed;
  failed.push_back({object.file, not_an_object(object.name, "no JSON")});
  return failed;
}

}  // namespace

std::vector<std::string> planned_files(const ObjectSpec& object) {
  std::vector<std::string> files;
  if (!object.extras.expand_keys) files.push_back(object.file);
  for (const Part& part : object.parts) files.push_back(part.file);
  return files;
}

HeldExpansion held_files(const ObjectSpec& object,
                         const std::map<std::string, std::string>& held_versions) {
  HeldExpansion held;
  if (object.extras.expand_keys) held = held_expansion(object.file, held_versions);
  bool is_whole = !object.extras.expand_keys || !held.version.empty();
  for (std::string& id : planned_files(object)) {
    const auto found = held_versions.find(id);
    const bool first = held.ids.empty();
    is_whole = is_whole && found != held_versions.end() && (first || found->second == held.version);
    if (is_whole) held.version = found->second;
    held.ids.push_back(std::move(id));
  }
  if (!is_whole) held.version.clear();
  return held;
}

std::vector<FetchedObject> files_of(const ObjectSpec& object, const Result<Value>& value) {
  std::vector<FetchedObject> files;
  if (!value.ok()) {
    files.push_back({object.file, value.error()});
    return files;
  }
  if (!object.extras.expand_keys) {
    files.push_back({object.file,
                     SecretFile{object.file, value->contents.copy(), object.mode, value->version}});
    if (object.parts.empty()) return files;
  }
  const Result<Json> document = parse_json(value->contents.expose());
  if (object.extras.expand_keys) files = expanded(object, document, value->version);
  for (const Part& part : object.parts) {
    files.push_back({part.file, file_of(part, object, document, value->version)});
  }
  return files;
}

}  // namespace keyferry::stores::aws
