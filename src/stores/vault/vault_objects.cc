#include <algorithm>
#include <cstdlib>

#include "base/mount_path.h"
#include "base/strings.h"
#include "formats/yaml.h"
#include "stores/vault/vault_config.h"

namespace keyferry::stores::vault {

namespace {

constexpr std::string_view kField = "spec.parameters.objects";

const std::vector<std::string_view> kFields = {"objectName", "secretPath",     "secretKey",
                                               "method",     "secretArgs",     "encoding",
                                               "objectPath", "filePermission", "objectVersion"};

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

class ObjectsReader {
 public:
  ObjectsReader(const manifest::SecretProviderClass& spc, Problems& problems)
      : spc_(spc), problems_(problems) {
    const auto found = spc.parameters.find("objects");
    if (found != spc.parameters.end()) text_ = &found->second;
  }

  std::vector<ObjectSpec> read() {
    if (text_ == nullptr || trim(text_->value).empty()) {
      complain(Severity::kError, 0, std::string(kField), "is missing, so there is nothing to read",
               "list the objects to mount");
      return {};
    }
    const auto documents = parse_yaml(text_->value);
    if (!documents.ok()) {
      complain_about_yaml(documents.error().message());
      return {};
    }
    if (documents->size() != 1 || documents->front().kind != Yaml::Kind::kSequence) {
      complain(Severity::kError, 0, std::string(kField), "is not one list",
               "begin each object with \"- objectName: …\"");
      return {};
    }
    read_all(documents->front());
    return std::move(objects_);
  }

 private:
  void complain(Severity severity, int line_in_text, std::string field, std::string message,
                std::string remedy) {
    const int first = text_ == nullptr ? spc_.provider_line : text_->line;
    problems_.push_back(
        {severity, spc_.meta.file, line_in_text == 0 ? first : line_of(line_in_text),
         spc_.meta.display_name(), std::move(field), std::move(message), std::move(remedy)});
  }
  // "line 7: not valid" counts from the first line of the text.
  void complain_about_yaml(const std::string& message) {
    const auto colon = message.find(": ");
    const int line = message.starts_with("line ") ? std::atoi(message.c_str() + 5) : 0;
    complain(Severity::kError, line, std::string(kField),
             cat("is not YAML: ", line == 0 ? message : message.substr(colon + 2)),
             "indent with blanks, and quote texts with ': ' or ' #'");
  }
  int line_of(int line_in_text) const { return text_->line + line_in_text - 1; }

  void error(const Yaml& node, std::string_view field, std::string message, std::string remedy) {
    complain(Severity::kError, node.line, here(field), std::move(message), std::move(remedy));
  }

  // "spec.parameters.objects[3].secretPath"
  std::string here(std::string_view field) const {
    return cat(kField, '[', index_, ']', field.empty() ? "" : ".", field);
  }

  void read_all(const Yaml& list) {
    if (list.items.empty()) {
      complain(Severity::kError, 0, std::string(kField), "is an empty list",
               "list the objects to mount");
    }
    for (const Yaml& item : list.items) {
      if (item.kind == Yaml::Kind::kMapping) {
        read_one(item);
      } else {
        error(item, "", cat("is ", item.type_name(), ", not an object"), "give it an objectName");
      }
      ++index_;
    }
    check_names(list);
    check_mounts();
  }

  void read_one(const Yaml& item) {
    check_fields(item);
    ObjectSpec object;
    object.line = line_of(item.line);
    object.place = index_;
    object.name = needed_text(item, "objectName", "it is the name of the file");
    const std::string path =
        needed_text(item, "secretPath", "it is the path to read, e.g. secret/data/shop");
    check_path(item, path);
    object.path = api_path(path);
    object.key = text(item, "secretKey");
    read_method(item, object);
    read_mode(item, object);
    read_encoding(item, object);
    if (!object.name.empty() && !path.empty()) objects_.push_back(std::move(object));
  }

  void check_fields(const Yaml& item) {
    for (const auto& [key, value] : item.members) {
      const std::string& name = key.scalar;
      if (name == "objectPath" || name == "objectVersion") {
        complain(Severity::kWarning, key.line, here(name), "is no longer read", "remove it");
      }
      if (std::find(kFields.begin(), kFields.end(), name) != kFields.end()) continue;
      const std::string_view near = nearest_name(name, kFields);
      complain(near.empty() ? Severity::kWarning : Severity::kError, key.line, here(name),
               "is not a field of an object",
               near.empty() ? std::string("remove it") : cat("did you mean '", near, "'?"));
    }
  }

  // A scalar as written, as Go's YAML reads one into a string.
  std::string text(const Yaml& item, std::string_view field) {
    const Yaml* value = item.find(field);
    if (value == nullptr || value->kind == Yaml::Kind::kNull) return "";
    if (value->kind == Yaml::Kind::kScalar) return value->scalar;
    error(*value, field, cat("is ", value->type_name(), ", not a text"), "write a text");
    return "";
  }

  std::string needed_text(const Yaml& item, std::string_view field, std::string_view why) {
    std::string value = text(item, field);
    const Yaml* node = item.find(field);
    const bool wrong_type = node != nullptr && (node->kind == Yaml::Kind::kMapping ||
                                                node->kind == Yaml::Kind::kSequence);
    if (value.empty() && !wrong_type) error(item, field, "is missing", std::string(why));
    return value;
  }

  // The server would read another path than the one written here, or none.
  void check_path(const Yaml& item, std::string_view path) {
    const std::vector<std::string_view> parts = split(path.substr(0, path.find('?')), '/');
    const bool moves = std::any_of(parts.begin(), parts.end(), [](std::string_view part) {
      return part == "." || part == "..";
    });
    if (moves) {
      error(*item.find("secretPath"), "secretPath", cat("'", path, "' has a '.' or '..' part"),
            "write the path as the policy names it, from the mount on");
    }
    if (std::any_of(path.begin(), path.end(), is_control)) {
      error(*item.find("secretPath"), "secretPath",
            cat("'", path, "' holds a line end or another control character"),
            "write it in one line");
    }
  }

  void read_method(const Yaml& item, ObjectSpec& object) {
    if (const std::string method = text(item, "method"); !method.empty()) {
      object.method.clear();
      for (const char c : method) {
        object.method += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
      }
      const std::vector<std::string_view> methods = {"GET",  "POST",  "PUT",
                                                     "LIST", "PATCH", "DELETE"};
      if (std::find(methods.begin(), methods.end(), object.method) == methods.end()) {
        error(*item.find("method"), "method", cat("'", method, "' is not a method of the API"),
              "use GET, POST or PUT");
      }
    }
    const Yaml* args = item.find("secretArgs");
    if (args == nullptr || args->kind == Yaml::Kind::kNull) return;
    auto json = args->kind == Yaml::Kind::kMapping
                    ? to_json(*args)
                    : Result<Json>(Error(ErrorCode::kInvalidArgument,
                                         cat("is ", args->type_name(), ", not a mapping")));
    if (json.ok()) {
      object.args = std::move(json).value();
    } else {
      error(*args, "secretArgs", json.error().message(), "write the request's body as a mapping");
    }
  }

  // An octal literal as YAML 1.1 has it: 0644.
  void read_mode(const Yaml& item, ObjectSpec& object) {
    const Yaml* value = item.find("filePermission");
    if (value == nullptr || value->kind == Yaml::Kind::kNull) return;
    const auto mode = yaml_int(*value);
    if (!mode.ok() || *mode < 0 || *mode > 0777) {
      error(*value, "filePermission", cat("'", value->scalar, "' is not a file mode"),
            "write it in octal without quotes, e.g. 0640");
    } else if (*mode != 0) {
      object.mode = static_cast<std::uint32_t>(*mode);
    }
  }

  void read_encoding(const Yaml& item, ObjectSpec& object) {
    const std::string name = to_lower(text(item, "encoding"));
    if (name == "base64") {
      object.encoding = Encoding::kBase64;
    } else if (name == "hex") {
      object.encoding = Encoding::kHex;
    } else if (!name.empty() && name != "utf-8") {
      error(*item.find("encoding"), "encoding", cat("'", name, "' is not an encoding"),
            "use utf-8, base64 or hex");
    }
    if (object.encoding != Encoding::kUtf8 && object.key.empty()) {
      complain(Severity::kWarning, item.line, here("encoding"),
               "has no effect without secretKey: the whole answer is JSON",
               "name the secretKey, or remove the encoding");
    }
  }

  // Names that cannot be files are complained about, and their objects dropped: nothing else is
  // worth saying about them.
  void check_names(const Yaml& list) {
    std::vector<std::string_view> names;
    for (const ObjectSpec& object : objects_) names.emplace_back(object.name);
    std::vector<bool> bad(objects_.size());
    for (const MountPathFault& fault : mount_path_faults(names)) {
      bad[fault.path] = true;
      index_ = objects_[fault.path].place;
      const std::string other =
          fault.other ? cat(", the other in line ", objects_[*fault.other].line) : "";
      error(list.items[index_], "objectName",
            cat("'", names[fault.path], "' ", fault.message, other), std::string(fault.remedy));
    }
    std::vector<ObjectSpec> good;
    for (std::size_t i = 0; i < objects_.size(); ++i) {
      if (!bad[i]) good.push_back(std::move(objects_[i]));
    }
    objects_ = std::move(good);
  }

  // A mount that other objects read below data/ is a versioned one; there a path without data/
  // finds nothing, and the server answers 403 or 404.
  void check_mounts() {
    for (const ObjectSpec& object : objects_) {
      const std::string_view mount = first_part(object.path);
      if (object.path.size() == 4 + mount.size() || names_data(object.path)) continue;
      const bool versioned =
          std::any_of(objects_.begin(), objects_.end(), [&](const ObjectSpec& other) {
            return first_part(other.path) == mount && names_data(other.path);
          });
      const bool usually = mount == "secret" || mount == "secrets";
      if (!versioned && !usually) continue;
      if (object.path.substr(5 + mount.size()).starts_with("metadata/")) continue;
      const std::string wanted = cat(mount, "/data/", object.path.substr(5 + mount.size()));
      index_ = object.place;
      complain(versioned ? Severity::kError : Severity::kWarning, object.line - text_->line + 1,
               here("secretPath"),
               cat("'", object.path.substr(4), "' lacks '/data/', ",
                   versioned ? "which other objects of this mount have: it is a version 2 engine"
                             : "which a version 2 engine needs (the usual one at this name)"),
               cat("write ", wanted));
    }
  }

  const manifest::SecretProviderClass& spc_;
  Problems& problems_;
  const manifest::Parameter* text_ = nullptr;
  std::vector<ObjectSpec> objects_;
  std::size_t index_ = 0;
};

}  // namespace

std::vector<ObjectSpec> parse_objects(const manifest::SecretProviderClass& spc,
                                      Problems& problems) {
  return ObjectsReader(spc, problems).read();
}

}  // namespace keyferry::stores::vault
