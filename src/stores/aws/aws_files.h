#pragma once

#include <vector>

#include "stores/aws/aws_config.h"
#include "stores/aws/aws_wire.h"
#include "stores/store.h"

namespace keyferry::stores::aws {

// The ids of the files that an object gives: its own and those of its jmesPath entries.
std::vector<std::string> file_ids_of(const ObjectSpec& object);

// The files of an object from its value, or from the reason why there is none. Numbers, booleans
// and structures that a jmesPath finds are written as JSON text, where the stock provider refuses.
std::vector<FetchedObject> files_of(const ObjectSpec& object, const Result<Value>& value);

}  // namespace keyferry::stores::aws
