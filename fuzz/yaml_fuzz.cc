// YAML text: every node knows its place, becomes JSON, and JSON is YAML of the same meaning.
#include <cstdlib>

#include "base/encoding.h"
#include "base/strings.h"
#include "formats/yaml.h"
#include "fuzz/promise.h"

namespace keyferry::fuzz {
namespace {

void check_scalar(const Yaml& node) {
  promise(is_utf8(node.scalar), "a scalar is UTF-8");
  const auto whole = yaml_int(node);
  const auto truth = yaml_bool(node);
  promise(!whole.ok() || !truth.ok(), "a scalar is not both a number and a truth");
  const auto json = to_json(node);
  promise(json.ok(), "every scalar has a JSON value");
  if (whole.ok()) promise(json->as_int() == *whole, "a whole number is the same in JSON");
  if (truth.ok()) promise(json->as_bool() != nullptr, "a truth is one in JSON");
  if (node.style == Yaml::Style::kQuoted) {
    promise(json->as_string() != nullptr && *json->as_string() == node.scalar,
            "a quoted scalar is a string");
  }
}

std::size_t check_node(const Yaml& node, int lines, std::size_t depth) {
  promise(depth <= YamlLimits().max_depth + 1, "nodes are no deeper than the limit");
  promise(node.line >= 1 && node.line <= lines && node.column >= 1, "a node has its place");
  const bool is_scalar = node.kind == Yaml::Kind::kScalar || node.kind == Yaml::Kind::kNull;
  promise(node.items.empty() || node.kind == Yaml::Kind::kSequence, "only sequences have items");
  promise(node.members.empty() || node.kind == Yaml::Kind::kMapping, "only mappings have members");
  if (node.kind == Yaml::Kind::kScalar) check_scalar(node);
  promise(is_scalar || node.scalar.empty(), "only scalars have text");
  std::size_t nodes = 1;
  for (const Yaml& item : node.items) nodes += check_node(item, lines, depth + 1);
  for (const auto& [key, value] : node.members) {
    promise(node.find(key.scalar) == &value, "every member is found by its key");
    nodes += check_node(key, lines, depth + 1) + check_node(value, lines, depth + 1);
  }
  return nodes;
}

void check_refusal(const Error& error, std::string_view text) {
  const std::string& message = error.message();
  promise(error.code() == ErrorCode::kInvalidArgument, "text that is no YAML is refused");
  promise(message.starts_with("line "), "why YAML was refused begins with the line");
  const int line = std::atoi(message.c_str() + 5);
  promise(line >= 1 && line <= line_count(text), "the line is in the text");
}

// But for a version that is none, which the message names.
void check_silence(std::string_view text) {
  const Marked secret = marked(text);
  const auto documents = parse_yaml(secret.text);
  if (documents.ok() || documents.error().message().find("YAML version") != std::string::npos) {
    return;
  }
  promise(!secret.is_shown_in(documents.error().message()),
          "why YAML was refused does not quote it");
}

// Numbers apart: YAML has no -0.
void check_json_is_yaml(std::string_view text) {
  const auto value = parse_json(text);
  if (!value.ok() || value->is_null() || text.find("-0") != std::string_view::npos) return;
  const std::string json = to_text(*value);
  const auto documents = parse_yaml(json);
  if (!documents.ok() || documents->size() != 1) {
    promise(false, "JSON is YAML");
    return;
  }
  const auto again = to_json(documents->front());
  promise(again.ok() && *again == *value, "JSON means the same as YAML");
}

void check(std::string_view text) {
  check_json_is_yaml(text);
  check_silence(text);
  const auto documents = parse_yaml(text);
  if (!documents.ok()) {
    check_refusal(documents.error(), text);
    return;
  }
  std::size_t nodes = 0;
  for (const Yaml& document : *documents) {
    nodes += check_node(document, line_count(text), 1);
    const auto json = to_json(document);
    if (!json.ok()) continue;
    const auto again = parse_json(to_text(*json));
    promise(again.ok() && *again == *json, "YAML gives JSON that reads the same");
  }
  promise(nodes <= YamlLimits().max_nodes, "nodes are no more than the limit");
}

}  // namespace
}  // namespace keyferry::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keyferry::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
