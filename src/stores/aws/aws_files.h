#pragma once

#include <vector>

#include "stores/aws/aws_config.h"
#include "stores/aws/aws_wire.h"
#include "stores/store.h"

namespace keyferry::stores::aws {

// The files that an object is known to give: its own and those of its jmesPath entries. With
// expandKeys the keys of its value take the place of its own.
std::vector<std::string> planned_files(const ObjectSpec& object);

// What is held of an object: the ids of its files, and the version of its value ("" where one of
// them is missing or of another version).
HeldExpansion held_files(const ObjectSpec& object,
                         const std::map<std::string, std::string>& held_versions);

// The files of an object from its value, or from the reason why there is none. Numbers, booleans
// and structures that a jmesPath finds are written as JSON text, where the stock provider refuses.
std::vector<FetchedObject> files_of(const ObjectSpec& object, const Result<Value>& value);

}  // namespace keyferry::stores::aws
