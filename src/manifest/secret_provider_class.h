#pragma once

#include <map>
#include <string>
#include <vector>

#include "manifest/object_meta.h"

namespace keyferry::manifest {

// One value of spec.parameters with the line of its first character (for a block scalar: of the
// first line of its text), so that a complaint inside `objects` can name its own line.
struct Parameter {
  std::string value;
  int line = 0;
  bool is_text = true;  // false: a list or a mapping, complained about; `value` is its JSON
};

struct SecretObjectData {
  std::string object_name;
  std::string key;
};

// spec.secretObjects[]: a Kubernetes Secret to keep in step (csi.md 3.1, 3.4).
struct SecretObject {
  std::string secret_name;
  std::string type;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  std::vector<SecretObjectData> data;
};

// secrets-store.csi.x-k8s.io/v1 and v1alpha1 (csi.md 3.1).
struct SecretProviderClass {
  ObjectMeta meta;
  std::string provider;
  int provider_line = 0;
  std::map<std::string, Parameter, std::less<>> parameters;
  std::vector<SecretObject> secret_objects;

  // Value of a parameter; empty when absent.
  std::string_view parameter(std::string_view name) const;
};

}  // namespace keyferry::manifest
