#include <algorithm>
#include <set>

#include "base/strings.h"
#include "stores/azure/azure_config.h"
#include "stores/file_mode.h"
#include "stores/object_list.h"

namespace keyferry::stores::azure {

namespace {

const std::vector<std::string_view> kFields = {
    "objectName",   "objectAlias",   "objectVersion",  "objectVersionHistory",
    "objectType",   "objectFormat",  "objectEncoding", kFilePermissionField,
    kOptionalField, kExpandKeysField};
const std::vector<std::string_view> kTypes = {"secret", "key", "cert"};

bool consists_of(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

std::string trimmed(const ObjectEntry& entry, std::string_view field) {
  return std::string(trim(entry.text(field)));
}

std::string needed(const ObjectEntry& entry, std::string_view field, std::string_view why) {
  const std::string text = entry.needed_text(field, why);
  std::string value(trim(text));
  if (value.empty() && !text.empty()) entry.error(field, "is blank", std::string(why));
  return value;
}

// Names and versions are parts of the request's path.
void read_name(const ObjectEntry& entry, ObjectSpec& object) {
  constexpr std::size_t kLongest = 127;
  object.name = needed(entry, "objectName", "it is the object's name in the vault");
  if (object.name.size() <= kLongest && consists_of(object.name, "-")) return;
  entry.error(
      "objectName", cat("'", object.name.substr(0, kLongest), "' is no name in a vault"),
      object.name.size() > kLongest
          ? "names have at most 127 characters"
          : "names are of letters, digits and '-'; objectAlias may name the file otherwise");
}

void read_version(const ObjectEntry& entry, ObjectSpec& object) {
  constexpr std::size_t kUsual = 32;
  constexpr std::size_t kLongest = 127;
  object.version = trimmed(entry, "objectVersion");
  if (object.version == "latest") {
    object.version.clear();
    if (!object.has_history()) {
      entry.warning("objectVersion", "'latest' is a version of objectVersionHistory only",
                    "leave objectVersion out for the newest version");
    }
  } else if (object.version.size() > kLongest || !consists_of(object.version, "-")) {
    entry.error("objectVersion", cat("'", object.version.substr(0, kLongest), "' is no version"),
                "write its 32 hexadecimal digits, or leave it out for the newest");
  } else if (!object.version.empty() && object.version.size() != kUsual) {
    entry.warning("objectVersion", cat("'", object.version, "' does not look like a version"),
                  "write its 32 hexadecimal digits, or leave it out for the newest");
  }
}

void read_history(const ObjectEntry& entry, ObjectSpec& object) {
  const Yaml* node = entry.find("objectVersionHistory");
  if (node == nullptr) return;
  const auto number = yaml_int(*node);
  if (!number.ok() || *number > INT32_MAX || *number < INT32_MIN) {
    entry.error(
        "objectVersionHistory",
        cat("'", node->scalar, "' is ",
            node->style == Yaml::Style::kQuoted ? "a text, not a number" : "not a whole number"),
        "write how many versions are wanted, without quotes");
    return;
  }
  object.history = std::max(1, static_cast<int>(*number));
}

std::optional<ObjectType> type_of(const ObjectEntry& entry) {
  const std::string text = needed(entry, "objectType", "write secret, key or cert");
  if (text.empty()) return std::nullopt;
  if (text == "secret") return ObjectType::kSecret;
  if (text == "key") return ObjectType::kKey;
  if (text == "cert") return ObjectType::kCertificate;
  const std::string_view near = text == "certificate" ? "cert" : nearest_name(text, kTypes);
  entry.error(
      "objectType", cat("'", text, "' is not a type of object"),
      near.empty() ? std::string("write secret, key or cert") : cat("did you mean '", near, "'?"));
  return std::nullopt;
}

void read_format(const ObjectEntry& entry, ObjectSpec& object) {
  const std::string text = trimmed(entry, "objectFormat");
  const std::string format = to_lower(text);
  if (format.empty() || format == "pem") return;
  if (format != "pfx") {
    entry.error("objectFormat", cat("'", text, "' is not a format"), "write pem or pfx");
  } else if (object.type == ObjectType::kSecret) {
    object.format = Format::kPfx;
  } else if (text == "pfx") {
    entry.error("objectFormat",
                cat("pfx is for objectType secret, and this is a ", word_of(object.type)),
                "write objectType: secret for a certificate with its key, or remove objectFormat");
  } else {
    entry.warning("objectFormat",
                  cat("'", text, "' is read as pem beside objectType ", word_of(object.type)),
                  "remove it");
  }
}

void read_encoding(const ObjectEntry& entry, ObjectSpec& object) {
  const std::string text = trimmed(entry, "objectEncoding");
  const std::string name = to_lower(text);
  if (name.empty()) return;
  if (object.type != ObjectType::kSecret) {
    entry.error("objectEncoding",
                cat("is for objectType secret, and this is a ", word_of(object.type)), "remove it");
  } else if (name == "base64") {
    object.encoding = Encoding::kBase64;
  } else if (name == "hex") {
    object.encoding = Encoding::kHex;
  } else if (name != "utf-8") {
    entry.error("objectEncoding", cat("'", text, "' is not an encoding"),
                "write utf-8, base64 or hex");
  }
}

// Octal digits, as many as one likes.
void read_file_mode(const ObjectEntry& entry, ObjectSpec& object) {
  const std::string text = trimmed(entry, kFilePermissionField);
  if (text.empty()) return;
  if (const auto number = octal_of(text)) {
    object.mode = file_mode_of(entry, text, *number);
  } else {
    entry.error(kFilePermissionField, cat("'", text, "' is not a file mode"),
                "write it in octal, e.g. 0644");
  }
}

void read_file_name(const ObjectEntry& entry, ObjectSpec& object) {
  const std::string alias = trimmed(entry, "objectAlias");
  object.file = alias.empty() ? object.name : alias;
  if (alias.find("..") != std::string::npos) {
    entry.error("objectAlias", cat("'", alias, "' holds '..'"), "name a file inside the mount");
  }
}

void check_extras(const ObjectEntry& entry, const ObjectSpec& object) {
  if (!object.extras.expand_keys) return;
  if (object.type != ObjectType::kSecret) {
    entry.error(kExpandKeysField,
                cat("is for objectType secret, and this is a ", word_of(object.type)), "remove it");
  } else if (object.has_history()) {
    entry.error(kExpandKeysField, "stands beside objectVersionHistory", "remove one of them");
  } else if (object.format == Format::kPfx) {
    entry.error(kExpandKeysField, "stands beside objectFormat pfx, which is no JSON",
                "remove one of them");
  }
}

// An object with the entry that it was read from.
struct ReadObject {
  ObjectSpec spec;
  const ObjectEntry* entry = nullptr;
};

std::optional<ReadObject> read_object(const ObjectEntry& entry) {
  entry.check_fields(kFields);
  ObjectSpec object;
  object.line = entry.line();
  read_name(entry, object);
  const auto type = type_of(entry);
  object.type = type.value_or(ObjectType::kSecret);
  read_history(entry, object);
  read_version(entry, object);
  read_file_name(entry, object);
  read_file_mode(entry, object);
  object.extras = read_extras(entry);
  read_format(entry, object);
  read_encoding(entry, object);
  if (type) check_extras(entry, object);
  if (object.name.empty() || !type) return std::nullopt;
  return ReadObject{std::move(object), &entry};
}

// With a history the name is a folder, its files are numbers: the first of them stands for all that
// no other object names.
void check_names(const std::vector<ReadObject>& objects, const AzureConfig& config) {
  std::set<std::string> plain;
  for (const auto& [object, entry] : objects) {
    if (!object.has_history()) plain.insert(object.file);
  }
  std::vector<std::string> names;
  std::vector<const ReadObject*> owners;
  const auto add = [&](const ReadObject& object, int index) {
    names.push_back(path_of(object.spec, index));
    owners.push_back(&object);
  };
  for (const ReadObject& object : objects) {
    constexpr int kMostNumbers = 100;
    add(object, 0);
    const int count = std::min(file_count(object.spec, config), kMostNumbers);
    for (int i = 1; i < count; ++i) {
      if (plain.contains(path_of(object.spec, i))) add(object, i);
    }
  }
  std::vector<NamedEntry> files;
  files.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool aliased = owners[i]->spec.file != owners[i]->spec.name;
    files.push_back({names[i], owners[i]->entry, aliased ? "objectAlias" : "objectName"});
  }
  (void)check_file_names(files);
}

}  // namespace

std::vector<ObjectSpec> parse_objects(const manifest::SecretProviderClass& spc,
                                      const AzureConfig& config, Problems& problems) {
  const ObjectList list(spc, problems, FieldNames::kExact, ListForm::kTextsInArray);
  std::vector<ReadObject> objects;
  for (const ObjectEntry& entry : list.entries()) {
    if (auto object = read_object(entry)) objects.push_back(*std::move(object));
  }
  check_names(objects, config);
  std::vector<ObjectSpec> specs;
  specs.reserve(objects.size());
  for (ReadObject& object : objects) {
    if (config.separate_files && object.spec.format == Format::kPfx) {
      object.entry->warning("objectFormat", "pfx has nothing that could be separated",
                            "leave objectFormat out where .crt and .key are wanted");
    }
    specs.push_back(std::move(object.spec));
  }
  return specs;
}

}  // namespace keyferry::stores::azure
