#include "stores/object_list.h"

#include <algorithm>
#include <cstdlib>

#include "base/mount_path.h"
#include "base/strings.h"
#include "stores/parameter_reader.h"

namespace keyferry::stores {

namespace {

constexpr std::string_view kField = "spec.parameters.objects";
constexpr std::size_t kMostTexts = 1000;  // each is parsed on its own
constexpr std::string_view kQuoteRemedy = "indent with blanks, and quote texts with ': ' or ' #'";

// Lines of a text inside another one become lines of that one.
void move_down(Yaml& node, int lines) {
  node.line += lines;
  node.text_line += lines;
  for (Yaml& item : node.items) move_down(item, lines);
  for (auto& [key, value] : node.members) {
    move_down(key, lines);
    move_down(value, lines);
  }
}

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
    if (value.scalar.size() > kLongestText) {
      place_->complain(Severity::kError, key.line, path_of(name),
                       cat("is ", value.scalar.size(), " bytes long"),
                       cat("write at most ", kLongestText));
    }
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
                       FieldNames names, ListForm form)
    : place_{spc, problems, spc.provider_line} {
  const auto found = spc.parameters.find("objects");
  if (found != spc.parameters.end()) place_.first_line = found->second.line;
  if (found == spc.parameters.end() || trim(found->second.value).empty()) {
    place_.complain(Severity::kError, 0, std::string(kField),
                    "is missing, so there is nothing to read", "list the objects to mount");
    return;
  }
  if (form == ListForm::kMappings) {
    read(found->second.value, names);
  } else {
    read_array(found->second.value, names);
  }
}

void ObjectList::read(std::string_view text, FieldNames names) {
  auto documents = parse_yaml(text);
  if (!documents.ok()) {
    complain_about_yaml(documents.error().message(), std::string(kField), 0, kQuoteRemedy);
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

void ObjectList::read_array(std::string_view text, FieldNames names) {
  auto documents = parse_yaml(text);
  if (!documents.ok()) {
    complain_about_yaml(documents.error().message(), std::string(kField), 0, kQuoteRemedy);
    return;
  }
  documents_ = std::move(documents).value();
  const std::vector<Yaml>* items = items_of_array();
  if (items == nullptr) return;
  const std::string array = cat(kField, ".array");
  if (items->empty()) {
    place_.complain(Severity::kError, documents_.front().line, array, "is an empty list",
                    "list the objects to mount");
  }
  if (items->size() > kMostTexts) {
    place_.complain(
        Severity::kError, documents_.front().line, array,
        cat("lists ", items->size(), " objects, and one class has at most ", kMostTexts),
        "split it into several classes");
    return;
  }
  for (std::size_t i = 0; i < items->size(); ++i) {
    read_text((*items)[i], cat(array, '[', i, ']'), names);
  }
}

// Null where it is complained about.
const std::vector<Yaml>* ObjectList::items_of_array() const {
  constexpr std::string_view kRemedy = "write `array:`, and below it each object as \"- |\"";
  if (documents_.size() != 1 || documents_.front().kind != Yaml::Kind::kMapping) {
    place_.complain(Severity::kError, 0, std::string(kField), "is no mapping with `array`",
                    std::string(kRemedy));
    return nullptr;
  }
  const Yaml& top = documents_.front();
  for (const auto& [key, value] : top.members) {
    if (key.scalar == "array") continue;
    place_.complain(Severity::kWarning, key.line, cat(kField, '.', key.scalar), "is not read",
                    "remove it; objects stand below `array`");
  }
  const Yaml* array = top.find("array");
  if (array != nullptr && array->kind == Yaml::Kind::kSequence) return &array->items;
  const std::string what = array == nullptr ? "is missing" : cat("is ", array->type_name());
  place_.complain(Severity::kError, array == nullptr ? top.line : array->line,
                  cat(kField, ".array"), cat(what, ", not a list"), std::string(kRemedy));
  return nullptr;
}

void ObjectList::read_text(const Yaml& item, const std::string& path, FieldNames names) {
  const std::string_view remedy = "begin it with \"- |\", its fields on the lines below";
  if (item.kind != Yaml::Kind::kScalar) {
    place_.complain(Severity::kError, item.line, path, cat("is ", item.type_name(), ", not a text"),
                    std::string(remedy));
    return;
  }
  auto documents = parse_yaml(item.scalar);
  if (!documents.ok()) {
    complain_about_yaml(documents.error().message(), path, item.text_line - 1, kQuoteRemedy);
    return;
  }
  if (documents->size() != 1 || documents->front().kind != Yaml::Kind::kMapping) {
    place_.complain(Severity::kError, item.line, path, "is not one object", std::string(remedy));
    return;
  }
  texts_.push_back(std::move(documents->front()));
  move_down(texts_.back(), item.text_line - 1);
  entries_.emplace_back(place_, texts_.back(), path, names);
}

// "line 7: not valid" counts from the first line of the text.
void ObjectList::complain_about_yaml(const std::string& message, const std::string& path,
                                     int lines_above, std::string_view remedy) const {
  const auto colon = message.find(": ");
  const int line = message.starts_with("line ") ? std::atoi(message.c_str() + 5) : 0;
  place_.complain(Severity::kError, line + lines_above, path,
                  cat("is not YAML: ", line == 0 ? message : message.substr(colon + 2)),
                  std::string(remedy));
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
