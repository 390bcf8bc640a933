#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"

namespace keyferry::catalog {

// What groups are made of: which keys are there, and the few values that decide.
struct GroupInput {
  std::function<bool(std::string_view key)> has;
  // Decoded text of a key; "" where it is absent or (by names alone) not known.
  std::function<std::string(std::string_view key)> text;
  enum class Values { kKnown, kUnknown } values = Values::kKnown;
};

struct GroupState {
  DatabaseMode database = DatabaseMode::kAbsent;
  StorageMode storage = StorageMode::kAbsent;
  std::vector<std::string> missing;  // keys
  std::vector<std::string> ignored;  // keys of a provider that is not in use
  Problems problems;                 // field is the key
};

// Group completeness: the database's, and the storage's by its service name. A group of which no
// key is there is absent, which is no problem: it comes from elsewhere.
GroupState judge_groups(const GroupInput& input, const AppContext& context);

}  // namespace keyferry::catalog
