#include "manifest/object_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/strings.h"

namespace keyferry::manifest {

namespace {

// A decimal number with a point or an exponent, as YAML reads one.
bool is_float(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || (text.front() != '.' && (text.front() < '0' || text.front() > '9'))) {
    return false;  // from_chars also knows names, such as inf
  }
  double value = 0;
  return std::from_chars(text.begin(), text.end(), value).ptr == text.end();
}

// kubectl reads YAML 1.1, in which these are booleans too.
bool is_old_bool(std::string_view text) {
  static constexpr std::string_view kWords[] = {"yes", "Yes", "YES", "no",  "No",  "NO",
                                                "on",  "On",  "ON",  "off", "Off", "OFF"};
  return std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords);
}

bool is_bool(const Yaml& node) { return yaml_bool(node).ok() || is_old_bool(node.scalar); }

}  // namespace

bool is_typed_scalar(const Yaml& node) {
  if (node.kind != Yaml::Kind::kScalar || node.style != Yaml::Style::kPlain) return false;
  return is_bool(node) || yaml_int(node).ok() || is_float(node.scalar);
}

ObjectReader::ObjectReader(const Yaml* mapping, std::string path, const ObjectMeta& meta,
                           Problems& problems)
    : mapping_(mapping), path_(std::move(path)), meta_(meta), problems_(problems) {
  if (mapping_ == nullptr || mapping_->kind == Yaml::Kind::kMapping) return;
  if (mapping_->kind != Yaml::Kind::kNull) {
    complain(Severity::kError, "", mapping_->line,
             cat("is ", mapping_->type_name(), ", not a mapping"),
             "write it as 'name: value' lines, indented alike");
  }
  mapping_ = nullptr;
}

const Yaml* ObjectReader::member(std::string_view key) const {
  const Yaml* found = mapping_ == nullptr ? nullptr : mapping_->find(key);
  return found == nullptr || found->kind == Yaml::Kind::kNull ? nullptr : found;
}

ObjectReader ObjectReader::below(std::string_view key) const {
  return ObjectReader(member(key), field(key), meta_, problems_);
}

std::string ObjectReader::text_of(const Yaml& node, std::string_view key, Quoting quoting) const {
  if (node.kind != Yaml::Kind::kScalar) {
    complain(Severity::kError, key, node.line, cat("is ", node.type_name(), ", not a string"),
             "write one string");
    return {};
  }
  if (is_typed_scalar(node)) {
    complain(quoting == Quoting::kStrict ? Severity::kError : Severity::kWarning, key, node.line,
             cat("is ", is_bool(node) ? "true or false" : "a number", ", not a string"),
             "put it in quotes; the API server refuses it otherwise");
  }
  return node.scalar;
}

std::string ObjectReader::text(std::string_view key, Quoting quoting) const {
  const Yaml* node = member(key);
  return node == nullptr ? std::string() : text_of(*node, key, quoting);
}

std::optional<long long> ObjectReader::whole_number(std::string_view key) const {
  const Yaml* node = member(key);
  if (node == nullptr) return std::nullopt;
  const auto value = yaml_int(*node);
  if (value.ok()) return *value;
  error(key, "is not a whole number", "write digits without quotes");
  return std::nullopt;
}

std::optional<bool> ObjectReader::truth(std::string_view key) const {
  const Yaml* node = member(key);
  if (node == nullptr) return std::nullopt;
  const auto value = yaml_bool(*node);
  if (value.ok()) return *value;
  error(key, "is neither true nor false", "write true or false without quotes");
  return std::nullopt;
}

std::map<std::string, std::string, std::less<>> ObjectReader::text_map(std::string_view key) const {
  std::map<std::string, std::string, std::less<>> values;
  const ObjectReader inside = below(key);
  if (inside.mapping_ == nullptr) return values;
  for (const auto& [name, value] : inside.mapping_->members) {
    values[name.scalar] = value.kind == Yaml::Kind::kNull
                              ? std::string()
                              : inside.text_of(value, name.scalar, Quoting::kStrict);
  }
  return values;
}

std::vector<std::string> ObjectReader::text_list(std::string_view key) const {
  std::vector<std::string> values;
  const Yaml* node = member(key);
  if (node == nullptr) return values;
  if (node->kind != Yaml::Kind::kSequence) {
    error(key, cat("is ", node->type_name(), ", not a sequence"), "write '- item' lines");
    return values;
  }
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    values.push_back(text_of(node->items[i], cat(key, "[", i, "]"), Quoting::kStrict));
  }
  return values;
}

std::vector<ObjectReader> ObjectReader::items(std::string_view key) const {
  std::vector<ObjectReader> readers;
  const Yaml* node = member(key);
  if (node == nullptr) return readers;
  if (node->kind != Yaml::Kind::kSequence) {
    error(key, cat("is ", node->type_name(), ", not a sequence"), "write '- item' lines");
    return readers;
  }
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    readers.emplace_back(&node->items[i], cat(field(key), "[", i, "]"), meta_, problems_);
  }
  return readers;
}

void ObjectReader::warn_unknown(std::initializer_list<std::string_view> known) const {
  if (mapping_ == nullptr) return;
  for (const auto& [name, value] : mapping_->members) {
    if (std::find(known.begin(), known.end(), name.scalar) != known.end()) continue;
    const std::string_view nearest = nearest_name(name.scalar, {known.begin(), known.end()});
    warning(name.scalar.empty() ? "''" : name.scalar, "is not a known field",
            nearest.empty() ? "remove it, or check the spelling"
                            : cat("did you mean '", nearest, "'?"));
  }
}

int ObjectReader::line_of(std::string_view key) const {
  if (mapping_ == nullptr) return meta_.line;
  for (const auto& [name, value] : mapping_->members) {
    if (name.scalar == key) return name.line;
  }
  return mapping_->line;
}

std::string ObjectReader::field(std::string_view key) const {
  if (key.empty()) return path_;
  return path_.empty() ? std::string(key) : cat(path_, ".", key);
}

void ObjectReader::error(std::string_view key, std::string message, std::string remedy) const {
  complain(Severity::kError, key, line_of(key), std::move(message), std::move(remedy));
}

void ObjectReader::warning(std::string_view key, std::string message, std::string remedy) const {
  complain(Severity::kWarning, key, line_of(key), std::move(message), std::move(remedy));
}

void ObjectReader::complain(Severity severity, std::string_view key, int line, std::string message,
                            std::string remedy) const {
  problems_.push_back({severity, meta_.file, line, meta_.display_name(), field(key),
                       std::move(message), std::move(remedy)});
}

}  // namespace keyferry::manifest
