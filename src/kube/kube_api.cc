#include "kube/kube_api.h"

namespace keyferry::kube {

std::string WatchEvent::resource_version() const {
  const Json* meta = object.find("metadata");
  return meta == nullptr ? std::string() : std::string(meta->text_of("resourceVersion"));
}

}  // namespace keyferry::kube
