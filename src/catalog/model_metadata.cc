#include "catalog/model_metadata.h"

#include "formats/json.h"

namespace keyferry::catalog {

Result<std::vector<ModelConstant>> constants_of_metadata(std::string_view text) {
  auto metadata = parse_json(text);
  if (!metadata.ok()) {
    return std::move(metadata)
        .error()
        .with_context("model metadata")
        .with_remedy("give the model/metadata.json of the unpacked app");
  }
  const Json* list = metadata->find("Constants");
  if (list == nullptr || list->as_array() == nullptr) {
    return Error(ErrorCode::kInvalidArgument,
                 "model metadata: there is no list of Constants; give the model/metadata.json of "
                 "the unpacked app");
  }
  std::vector<ModelConstant> constants;
  for (const Json& item : *list->as_array()) {
    ModelConstant constant{std::string(item.text_of("Name")), std::string(item.text_of("Type"))};
    if (!constant.name.empty()) constants.push_back(std::move(constant));
  }
  return constants;
}

}  // namespace keyferry::catalog
