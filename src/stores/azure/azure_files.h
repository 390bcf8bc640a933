#pragma once

#include <map>
#include <string>
#include <vector>

#include "stores/azure/azure_config.h"
#include "stores/azure/azure_contents.h"
#include "stores/store.h"

namespace keyferry::stores::azure {

// Which version of an object's history files are of.
struct FilePlace {
  int index = 0;  // of the history; 0 where there is none
};

// What is held of it: the ids of its files, and the version all of them have ("" where they differ,
// or there is none).
HeldExpansion held_files(const ObjectSpec& object, FilePlace place, const AzureConfig& config,
                         const std::map<std::string, std::string>& held_versions);

// Its files from what the vault gave, or the reason why there are none.
std::vector<FetchedObject> files_of(const ObjectSpec& object, FilePlace place, const Bundle& bundle,
                                    const AzureConfig& config);

}  // namespace keyferry::stores::azure
