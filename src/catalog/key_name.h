#pragma once

#include <string>
#include <string_view>

#include "catalog/catalog.h"

namespace keyferry::catalog {

// What a file name means.
struct KeyName {
  const KeyRow* row = nullptr;  // null: not a key
  std::string name;             // canonical file name
  std::string suffix;           // of the families: constant or setting
  std::string warning;          // how the name had to be read
  std::string hint;             // where row is null: what it may have been meant to be
  bool quiet = false;           // not ours, and not worth a word
};

// Reads a file name: quotes around it, Azure's dashes for dots (a Key Vault name has no dots),
// near misses.
KeyName read_key_name(std::string_view file_name, const AppContext& context);

}  // namespace keyferry::catalog
