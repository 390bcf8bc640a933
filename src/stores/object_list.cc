#include "stores/object_list.h"

#include <algorithm>
#include <cstdlib>

#include "base/mount_path.h"
#include "base/strings.h"
#include "stores/parameter_reader.h"

namespace keyferry::stores {

namespace {

constexpr std::string_view kField = "spec.parameters.objects";

bool contains(const std::vector<std::string_view>& names, std::string_view name,
              FieldNames reading) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view known) {
    return reading == FieldNames::kExact ? known == name : to_lower(known) == to_lower(name);
  });
}

}  // namespace

void ObjectsPlace::complain(Severity severity, int line_in_text, std::string field,
                            std::string message, std::string remedy) const {
  problems.push_back(
      {severity, spc.meta.file, line_in_text == 0 ? first_line : first_line + line_in_text - 1,
       spc.meta.display_name(), std::move(field), std::move(message), std::move(remedy)});
}

int ObjectEntry::line() const { return place_->first_line + yaml_->line - 1; }

const Yaml* ObjectEntry::find(std::string_view field) const {
  const auto found =
      std::find_if(yaml_->members.begin(), yaml_->members.end(), [&](const auto& member) {
        const std::string& name = member.key.scalar;
        return names_ == FieldNames::kExact ? name == field : to_lower(name) == to_lower(field);
      });
  if (found == yaml_->members.end() || found->value.kind == Yaml::Kind::kNull) return nullptr;
  return &found->value;
}

std::string ObjectEntry::text(std::string_view field) const {
  const Yaml* value = find(field);
  if (value == nullptr) return "";
  if (value->kind == Yaml::Kind::kScalar) return value->scalar;
  error(field, cat("is ", value->type_name(), ", not a text"), "write a text");
  return "";
}

std::string ObjectEntry::needed_text(std::string_view field, std::string_view why) const {
  std::string value = text(field);
  const Yaml* node = find(field);
  const bool wrong_type = node != nullptr && node->kind != Yaml::Kind::kScalar;
  if (value.empty() && !wrong_type) error(field, "is missing", std::string(why));
  return value;
}

bool ObjectEntry::flag(std::string_view field) const {
  const std::string value = text(field);
  if (value.empty()) return false;
  const auto parsed = bool_of(value);
  if (!parsed) error(field, cat("'", value, "' is not a boolean"), "write true or false");
  return parsed.value_or(false);
}

std::vector<ObjectEntry> ObjectEntry::entries(std::string_view field) const {
  std::vector<ObjectEntry> entries;
  const Yaml* list = find(field);
  if (list == nullptr) return entries;
  if (list->kind != Yaml::Kind::kSequence) {
    error(field, cat("is ", list->type_name(), ", not a list"), "begin each entry with \"- \"");
    return entries;
  }
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const Yaml& item = list->items[i];
    if (item.kind == Yaml::Kind::kMapping) {
      entries.emplace_back(*place_, item, cat(path_of(field), '[', i, ']'), names_);
    } else {
      error(field, cat("holds ", item.type_name(), ", not an object"), "write name: value lines");
    }
  }
  return entries;
}

std::vector<ObjectEntry> ObjectEntry::entry(std::string_view field) const {
  const Yaml* value = find(field);
  if (value == nullptr) return {};
  if (value->kind == Yaml::Kind::kMapping) return {{*place_, *value, path_of(field), names_}};
  error(field, cat("is ", value->type_name(), ", not an object"), "write name: value lines");
  return {};
}

void ObjectEntry::check_fields(const std::vector<std::string_view>& known,
                               const std::vector<std::string_view>& retired) const {
  for (const auto& [key, value] : yaml_->members) {
    const std::string& name = key.scalar;
    if (contains(known, name, names_)) continue;
    if (contains(retired, name, names_)) {
      place_->complain(Severity::kWarning, key.line, path_of(name), "is no longer read",
                       "remove it");
      continue;
    }
    const std::string_view near = nearest_name(name, known);
    place_->complain(near.empty() ? Severity::kWarning : Severity::kError, key.line, path_of(name),
                     "is not a field of an object",
                     near.empty() ? std::string("remove it") : cat("did you mean '", near, "'?"));
  }
}

void ObjectEntry::error(std::string_view field, std::string message, std::string remedy) const {
  complain(Severity::kError, field, std::move(message), std::move(remedy));
}

void ObjectEntry::warning(std::string_view field, std::string message, std::string remedy) const {
  complain(Severity::kWarning, field, std::move(message), std::move(remedy));
}

void ObjectEntry::complain(Severity severity, std::string_view field, std::string message,
                           std::string remedy) const {
  const Yaml* value = find(field);
  place_->complain(severity, value == nullptr ? yaml_->line : value->line, path_of(field),
                   std::move(message), std::move(remedy));
}

std::string ObjectEntry::path_of(std::string_view field) const {
  return field.empty() ? path_ : cat(path_, ".", field);
}

ObjectList::ObjectList(const manifest::SecretProviderClass& spc, Problems& problems,
                       FieldNames names)
    : place_{spc, problems, spc.provider_line} {
  const auto found = spc.parameters.find("objects");
  if (found != spc.parameters.end()) place_.first_line = found->second.line;
  if (found == spc.parameters.end() || trim(found->second.value).empty()) {
    place_.complain(Severity::kError, 0, std::string(kField),
                    "is missing, so there is nothing to read", "list the objects to mount");
    return;
  }
  read(found->second.value, names);
}

void ObjectList::read(std::string_view text, FieldNames names) {
  auto documents = parse_yaml(text);
  if (!documents.ok()) {
    complain_about_yaml(documents.error().message());
    return;
  }
  documents_ = std::move(documents).value();
  if (documents_.size() != 1 || documents_.front().kind != Yaml::Kind::kSequence) {
    place_.complain(Severity::kError, 0, std::string(kField), "is not one list",
                    "begin each object with \"- objectName: …\"");
    return;
  }
  const std::vector<Yaml>& items = documents_.front().items;
  if (items.empty()) {
    place_.complain(Severity::kError, 0, std::string(kField), "is an empty list",
                    "list the objects to mount");
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string path = cat(kField, '[', i, ']');
    if (items[i].kind == Yaml::Kind::kMapping) {
      entries_.emplace_back(place_, items[i], path, names);
    } else {
      place_.complain(Severity::kError, items[i].line, path,
                      cat("is ", items[i].type_name(), ", not an object"), "give it an objectName");
    }
  }
}

// "line 7: not valid" counts from the first line of the text.
void ObjectList::complain_about_yaml(const std::string& message) const {
  const auto colon = message.find(": ");
  const int line = message.starts_with("line ") ? std::atoi(message.c_str() + 5) : 0;
  place_.complain(Severity::kError, line, std::string(kField),
                  cat("is not YAML: ", line == 0 ? message : message.substr(colon + 2)),
                  "indent with blanks, and quote texts with ': ' or ' #'");
}

std::vector<bool> check_file_names(const std::vector<NamedEntry>& files) {
  std::vector<std::string_view> names;
  names.reserve(files.size());
  for (const NamedEntry& file : files) names.push_back(file.name);
  std::vector<bool> bad(files.size());
  for (const MountPathFault& fault : mount_path_faults(names)) {
    bad[fault.path] = true;
    const NamedEntry& file = files[fault.path];
    const std::string other =
        fault.other ? cat(", the other in line ", files[*fault.other].entry->line()) : "";
    file.entry->error(file.field, cat("'", file.name, "' ", fault.message, other),
                      std::string(fault.remedy));
  }
  return bad;
}

}  // namespace keyferry::stores
