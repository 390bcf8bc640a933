#include "base/strings.h"
#include "formats/yaml.h"

namespace keyferry {

namespace {

bool is_null_word(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

Json scalar_of(const Yaml& node) {
  if (node.style == Yaml::Style::kQuoted) return Json(node.scalar);
  if (is_null_word(node.scalar)) return {};
  if (const auto truth = yaml_bool(node); truth.ok()) return Json(*truth);
  if (const auto whole = yaml_int(node); whole.ok()) return Json(std::int64_t{*whole});
  const auto number = parse_json(node.scalar);
  if (number.ok() && number->as_number() != nullptr) return *number;
  return Json(node.scalar);
}

}  // namespace

Result<Json> to_json(const Yaml& node) {
  switch (node.kind) {
    case Yaml::Kind::kNull:
      return Json();
    case Yaml::Kind::kScalar:
      return scalar_of(node);
    case Yaml::Kind::kSequence: {
      Json::Array items;
      for (const Yaml& item : node.items) {
        KF_ASSIGN(Json value, to_json(item));
        items.push_back(std::move(value));
      }
      return Json(std::move(items));
    }
    case Yaml::Kind::kMapping: {
      Json::Object members;
      for (const auto& [key, item] : node.members) {
        if (key.kind != Yaml::Kind::kScalar) {
          return Error(ErrorCode::kInvalidArgument,
                       cat("line ", key.line, ": a key is ", key.type_name(), ", not a text"));
        }
        KF_ASSIGN(Json value, to_json(item));
        members.insert_or_assign(key.scalar, std::move(value));
      }
      return Json(std::move(members));
    }
  }
  return Json();
}

}  // namespace keyferry
