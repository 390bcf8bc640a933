#include <algorithm>

#include "base/strings.h"
#include "formats/arn.h"
#include "stores/aws/aws_config.h"
#include "stores/file_mode.h"
#include "stores/object_list.h"

namespace keyferry::stores::aws {

namespace {

const std::vector<std::string_view> kFields = {
    "objectName",         "objectType", "objectAlias",    "objectVersion", "objectVersionLabel",
    kFilePermissionField, "jmesPath",   "failoverObject", kOptionalField,  kExpandKeysField};
const std::vector<std::string_view> kPartFields = {"path", "objectAlias", kFilePermissionField};
const std::vector<std::string_view> kFailoverFields = {"objectName", "objectVersion",
                                                       "objectVersionLabel"};

std::string file_name_of(std::string_view name, PathTranslation translation) {
  if (!translation.replacement) {
    while (name.starts_with('/')) name.remove_prefix(1);
    return std::string(name);
  }
  std::string file(name);
  std::replace(file.begin(), file.end(), '/', *translation.replacement);
  return file;
}

// "0640": four octal digits, as a text.
std::optional<std::uint32_t> mode_of(const ObjectEntry& entry) {
  const std::string text = entry.text(kFilePermissionField);
  if (text.empty()) return std::nullopt;
  const auto number = octal_of(text);
  if (number && text.size() == 4) return file_mode_of(entry, text, *number);
  entry.error(kFilePermissionField, cat("'", text, "' is not a file mode"),
              "write four octal digits in quotes, e.g. \"0640\"");
  return std::nullopt;
}

std::string_view service_of(ObjectType type) {
  return type == ObjectType::kSecret ? "secretsmanager" : "ssm";
}

// An ARN must be of a service that is read here, and of the region that it is asked for in.
std::optional<ObjectType> check_arn(const ObjectEntry& entry, const std::string& name,
                                    const std::string& region, std::string_view parameter) {
  const auto arn = parse_arn(name);
  if (!arn) {
    entry.error("objectName", cat("'", name, "' is not a whole ARN"),
                "write arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME, or the plain name");
    return std::nullopt;
  }
  if (!region.empty() && arn->region != region) {
    entry.error("objectName",
                cat("is in region '", arn->region, "', and ", parameter, " is '", region, "'"),
                cat("name an object of ", region, ", or change ", parameter));
  }
  if (arn->service == "secretsmanager") return ObjectType::kSecret;
  if (arn->service == "ssm") return ObjectType::kParameter;
  entry.error("objectName", cat("is an ARN of service '", arn->service, "'"),
              "name a secret of secretsmanager or a parameter of ssm");
  return std::nullopt;
}

std::optional<ObjectType> type_of(const ObjectEntry& entry, std::optional<ObjectType> by_arn) {
  const std::string text = entry.text("objectType");
  if (text.empty()) {
    const bool is_arn = entry.text("objectName").starts_with("arn:");  // complained about already
    if (!by_arn && !is_arn) {
      entry.error("objectType", "is missing",
                  "write secretsmanager or ssmparameter; only an ARN tells it by itself");
    }
    return by_arn;
  }
  if (text != "secretsmanager" && text != "ssmparameter") {
    entry.error("objectType", cat("'", text, "' is not a type of object"),
                "write secretsmanager or ssmparameter");
    return std::nullopt;
  }
  const ObjectType type = text == "secretsmanager" ? ObjectType::kSecret : ObjectType::kParameter;
  if (by_arn && *by_arn != type) {
    entry.error("objectType", cat("is ", text, ", and objectName an ARN of ", service_of(*by_arn)),
                "remove objectType, or correct the ARN");
  }
  return type;
}

ObjectQuery query_of(const ObjectEntry& entry, std::optional<ObjectType> type) {
  ObjectQuery query{entry.text("objectName"), entry.text("objectVersion"),
                    entry.text("objectVersionLabel")};
  const bool both = !query.version.empty() && !query.label.empty();
  if (type == ObjectType::kParameter && both) {
    entry.error("objectVersionLabel",
                "stands beside objectVersion, and a parameter has one of them", "remove one");
  }
  return query;
}

std::vector<Part> parts_of(const ObjectEntry& entry, PathTranslation translation) {
  std::vector<Part> parts;
  for (const ObjectEntry& item : entry.entries("jmesPath")) {
    item.check_fields(kPartFields);
    Part part;
    part.expression = item.needed_text("path", "it is a JMESPath expression such as username");
    part.file =
        file_name_of(item.needed_text("objectAlias", "it is the name of the file"), translation);
    part.mode = mode_of(item);
    if (part.expression.empty()) continue;
    auto path = JmesPath::parse(part.expression);
    if (!path.ok()) {
      item.error("path",
                 cat("'", part.expression, "' is not JMESPath: ", path.error().message, " at byte ",
                     path.error().offset),
                 "names with '-' stand in double quotes: '\"db-user\"'; `keyferry jmespath` tries "
                 "an expression");
    } else if (!part.file.empty()) {
      part.path = std::make_shared<const JmesPath>(std::move(path).value());
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

std::optional<ObjectQuery> failover_of(const ObjectEntry& entry, const ObjectSpec& object,
                                       const AwsConfig& config) {
  for (const ObjectEntry& other : entry.entry("failoverObject")) {
    other.check_fields(kFailoverFields);
    if (config.failover_region.empty()) {
      entry.error("failoverObject", "is there without the parameter failoverRegion",
                  "name the region, or remove failoverObject");
    }
    if (entry.text("objectAlias").empty()) {
      entry.error("failoverObject", "is there without objectAlias",
                  "name the file: the two objects have different names");
    }
    const std::string name = other.needed_text("objectName", "it is the object's name there");
    if (name.starts_with("arn:")) {
      (void)check_arn(other, name, config.failover_region, "failoverRegion");
    }
    ObjectQuery query = query_of(other, object.type);
    if (query.version != object.query.version) {
      other.error("objectVersion", "is not the one of the object itself", "write the same in both");
    }
    return query;
  }
  if (!config.failover_region.empty() && object.name.starts_with("arn:")) {
    entry.warning("objectName", "is an ARN of one region, so failoverRegion cannot be asked for it",
                  "add objectAlias and failoverObject with its ARN or name there");
  }
  return std::nullopt;
}

// An object with the entry that it was read from.
struct ReadObject {
  ObjectSpec spec;
  const ObjectEntry* entry = nullptr;
};

std::optional<ReadObject> read_object(const ObjectEntry& entry, const AwsConfig& config,
                                      PathTranslation translation) {
  entry.check_fields(kFields);
  ObjectSpec object;
  object.line = entry.line();
  object.name = entry.needed_text("objectName", "it is the secret's or parameter's name or ARN");
  const auto by_arn = object.name.starts_with("arn:")
                          ? check_arn(entry, object.name, config.region, "region")
                          : std::nullopt;
  const auto type = type_of(entry, by_arn);
  object.type = type.value_or(ObjectType::kSecret);
  object.query = query_of(entry, type);
  const std::string alias = entry.text("objectAlias");
  object.file = file_name_of(alias.empty() ? object.name : alias, translation);
  object.mode = mode_of(entry);
  object.parts = parts_of(entry, translation);
  object.failover = failover_of(entry, object, config);
  object.extras = read_extras(entry);
  if (object.name.empty() || !type) return std::nullopt;
  return ReadObject{std::move(object), &entry};
}

}  // namespace

std::vector<ObjectSpec> parse_objects(const manifest::SecretProviderClass& spc,
                                      const AwsConfig& config, PathTranslation translation,
                                      Problems& problems) {
  const ObjectList list(spc, problems, FieldNames::kAnyCase);
  std::vector<ReadObject> objects;
  for (const ObjectEntry& entry : list.entries()) {
    if (auto object = read_object(entry, config, translation)) {
      objects.push_back(*std::move(object));
    }
  }
  std::vector<NamedEntry> files;
  for (const auto& [object, entry] : objects) {
    const std::string_view named_by =
        entry->text("objectAlias").empty() ? "objectName" : "objectAlias";
    files.push_back({object.file, entry, named_by});
    for (const Part& part : object.parts) files.push_back({part.file, entry, "jmesPath"});
  }
  (void)check_file_names(files);
  std::vector<ObjectSpec> specs;
  specs.reserve(objects.size());
  for (ReadObject& object : objects) specs.push_back(std::move(object.spec));
  return specs;
}

}  // namespace keyferry::stores::aws
