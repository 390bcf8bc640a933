#pragma once

#include <map>
#include <string>

namespace keyferry::manifest {

// What every Kubernetes object carries, and where it was written.
struct ObjectMeta {
  std::string kind;         // "SecretProviderClass"
  std::string api_version;  // "secrets-store.csi.x-k8s.io/v1"
  std::string name;
  std::string namespace_name;  // "" when the manifest names none
  std::map<std::string, std::string, std::less<>> annotations;
  std::map<std::string, int, std::less<>> annotation_lines;
  std::map<std::string, std::string, std::less<>> labels;
  std::string file;
  int line = 0;       // of the document's first key
  int name_line = 0;  // of metadata.name

  // "SecretProviderClass shop/web", as errors name it.
  std::string display_name() const;
};

}  // namespace keyferry::manifest
