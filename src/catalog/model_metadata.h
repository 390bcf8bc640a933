#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"

namespace keyferry::catalog {

// The constants of an app's model/metadata.json. kInvalidArgument: not such a file.
Result<std::vector<ModelConstant>> constants_of_metadata(std::string_view text);

}  // namespace keyferry::catalog
