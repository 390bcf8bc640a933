#pragma once

#include <string>
#include <vector>

#include "kube/kube_api.h"

namespace keyferry::kube {

struct ObjectList {
  std::vector<Json> items;
  std::string resource_version;
};

// Every page of a list. Where a continue token is too old by the time its page is asked for (410),
// the list is begun anew, a few times; kOutOfRange when that does not help.
Result<ObjectList> list_all(KubeApi& api, const Resource& resource, ListOptions options,
                            const Patience& patience);

}  // namespace keyferry::kube
