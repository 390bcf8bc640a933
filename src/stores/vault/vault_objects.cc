#include <algorithm>

#include "base/strings.h"
#include "stores/file_mode.h"
#include "stores/object_list.h"
#include "stores/vault/vault_config.h"

namespace keyferry::stores::vault {

namespace {

const std::vector<std::string_view> kFields = {
    "objectName", "secretPath",         "secretKey",    "method",        "secretArgs",
    "encoding",   kFilePermissionField, kOptionalField, kExpandKeysField};
const std::vector<std::string_view> kRetired = {"objectPath", "objectVersion"};

// "x", "/x", "v1/x" and "/v1/x" all mean /v1/x.
std::string api_path(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  if (path.starts_with("v1/")) path.remove_prefix(3);
  return cat("/v1/", path);
}

// "secret" of "/v1/secret/data/shop".
std::string_view first_part(std::string_view path) {
  return path.substr(4, path.find('/', 4) == path.npos ? path.npos : path.find('/', 4) - 4);
}

bool names_data(std::string_view path) {
  return path.substr(4 + first_part(path).size()).starts_with("/data/");
}

// Why the server would read another path than the one written here, or none; empty when it would
// not. The message continues "'secret/data/x' …".
std::string_view path_fault(std::string_view path) {
  if (std::any_of(path.begin(), path.end(), is_control)) {
    return "holds a line end or another control character";
  }
  std::string_view inside = path.substr(0, path.find('?'));
  while (inside.starts_with('/')) inside.remove_prefix(1);
  for (const std::string_view part : split(inside, '/')) {
    if (part == "." || part == "..") return "has a '.' or '..' part";
    if (part.empty() && !inside.empty() && !inside.ends_with('/')) return "has a doubled '/'";
  }
  return {};
}

void read_method(const ObjectEntry& entry, ObjectSpec& object) {
  const std::string method = entry.text("method");
  if (method.empty()) return;
  object.method.clear();
  for (const char c : method) {
    object.method += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  if (object.method == "HEAD") {
    entry.error("method", "HEAD gives no contents", "use GET");
  } else if (!std::all_of(object.method.begin(), object.method.end(),
                          [](char c) { return c >= 'A' && c <= 'Z'; })) {
    entry.error("method", cat("'", method, "' is not a method of HTTP"), "use GET, POST or PUT");
  }
}

void read_args(const ObjectEntry& entry, ObjectSpec& object) {
  const Yaml* args = entry.find("secretArgs");
  if (args == nullptr) return;
  auto json = args->kind == Yaml::Kind::kMapping
                  ? to_json(*args)
                  : Result<Json>(Error(ErrorCode::kInvalidArgument,
                                       cat("is ", args->type_name(), ", not a mapping")));
  if (json.ok()) {
    object.args = std::move(json).value();
  } else {
    entry.error("secretArgs", json.error().message(), "write the request's body as a mapping");
  }
}

// An octal literal as YAML 1.1 has it: 0644.
void read_mode(const ObjectEntry& entry, ObjectSpec& object) {
  const Yaml* value = entry.find(kFilePermissionField);
  if (value == nullptr) return;
  const auto mode = yaml_int(*value);
  if (!mode.ok() || *mode < 0) {
    entry.error(kFilePermissionField, cat("'", value->scalar, "' is not a file mode"),
                "write it in octal without quotes, e.g. 0640");
  } else if (*mode != 0) {
    object.mode = file_mode_of(entry, value->scalar, static_cast<std::uint64_t>(*mode));
  }
}

void read_encoding(const ObjectEntry& entry, ObjectSpec& object) {
  const std::string name = to_lower(entry.text("encoding"));
  if (name == "base64") {
    object.encoding = Encoding::kBase64;
  } else if (name == "hex") {
    object.encoding = Encoding::kHex;
  } else if (!name.empty() && name != "utf-8") {
    entry.error("encoding", cat("'", name, "' is not an encoding"), "use utf-8, base64 or hex");
  }
  if (object.encoding != Encoding::kUtf8 && object.key.empty() && object.extras.expand_keys) {
    entry.warning("encoding", "has no effect beside expandKeys without secretKey",
                  "name the secretKey whose value is encoded JSON, or remove the encoding");
  } else if (object.encoding != Encoding::kUtf8 && object.key.empty()) {
    entry.warning("encoding", "has no effect without secretKey: the whole answer is JSON",
                  "name the secretKey, or remove the encoding");
  }
}

// An object with the entry that it was read from.
struct ReadObject {
  ObjectSpec spec;
  const ObjectEntry* entry = nullptr;
  bool has_path = true;  // one that can be read
};

ReadObject read_object(const ObjectEntry& entry) {
  entry.check_fields(kFields, kRetired);
  ObjectSpec object;
  object.line = entry.line();
  object.name = entry.needed_text("objectName", "it is the name of the file");
  const std::string path =
      entry.needed_text("secretPath", "it is the path to read, e.g. secret/data/shop");
  const std::string_view fault = path_fault(path);
  if (!fault.empty()) {
    entry.error("secretPath", cat("'", path, "' ", fault),
                "write the path in one line, as the policy names it");
  }
  object.path = api_path(path);
  object.key = entry.text("secretKey");
  object.extras = read_extras(entry);
  read_method(entry, object);
  read_args(entry, object);
  read_mode(entry, object);
  read_encoding(entry, object);
  return ReadObject{std::move(object), &entry, !path.empty() && fault.empty()};
}

// Objects whose names cannot be files, or whose paths cannot be read, are dropped: nothing else is
// worth saying about them. With expandKeys the name is no file's, but has to be the object's own
// all the same.
void drop_unusable(std::vector<ReadObject>& objects) {
  std::vector<NamedEntry> files;
  files.reserve(objects.size());
  for (const auto& [spec, entry, has_path] : objects)
    files.push_back({spec.name, entry, "objectName"});
  const std::vector<bool> bad = check_file_names(files);
  std::size_t place = 0;
  std::erase_if(objects,
                [&](const ReadObject& object) { return bad[place++] || !object.has_path; });
}

// A mount that other objects read below data/ most likely is a versioned one; there a path that is
// none of its endpoints finds nothing, and the server answers 403 or 404. Only the server knows.
void check_mounts(const std::vector<ReadObject>& objects) {
  for (const auto& [object, entry, has_path] : objects) {
    const std::string_view mount = first_part(object.path);
    if (object.path.size() == 4 + mount.size()) continue;
    const std::string path = object.policy_path();
    const std::string_view below = std::string_view(path).substr(mount.size() + 1);
    if (is_kv2_endpoint(below)) continue;
    const bool versioned =
        std::any_of(objects.begin(), objects.end(), [&, mount](const ReadObject& other) {
          return first_part(other.spec.path) == mount && names_data(other.spec.path);
        });
    const bool usually = mount == "secret" || mount == "secrets";
    if (!versioned && !usually) continue;
    entry->warning("secretPath",
                   cat("'", path, "' lacks '/data/', which ",
                       versioned ? "other objects of this mount have"
                                 : "a version 2 engine needs (the usual one at this name)"),
                   cat("write ", mount, "/data/", below, " if it is a version 2 engine"));
  }
}

}  // namespace

bool is_kv2_endpoint(std::string_view below_mount) {
  const std::string_view first = below_mount.substr(0, below_mount.find('/'));
  if (first == below_mount) return first == "config";
  const std::vector<std::string_view> endpoints = {"data",   "metadata", "subkeys",
                                                   "delete", "undelete", "destroy"};
  return std::find(endpoints.begin(), endpoints.end(), first) != endpoints.end();
}

std::vector<ObjectSpec> parse_objects(const manifest::SecretProviderClass& spc,
                                      Problems& problems) {
  const ObjectList list(spc, problems, FieldNames::kExact);
  std::vector<ReadObject> objects;
  for (const ObjectEntry& entry : list.entries()) {
    ReadObject object = read_object(entry);
    if (!object.spec.name.empty()) objects.push_back(std::move(object));
  }
  drop_unusable(objects);
  check_mounts(objects);
  std::vector<ObjectSpec> specs;
  specs.reserve(objects.size());
  for (ReadObject& object : objects) specs.push_back(std::move(object.spec));
  return specs;
}

}  // namespace keyferry::stores::vault
