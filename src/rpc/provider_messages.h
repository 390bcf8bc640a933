#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/secret.h"

// The messages of v1alpha1.CSIDriverProvider (csi.md 2.1) in our own types.
namespace keyferry::rpc {

inline constexpr const char* kProviderApiVersion = "v1alpha1";

struct ProvidedVersion {
  std::string id;
  std::string version;
  friend bool operator==(const ProvidedVersion&, const ProvidedVersion&) = default;
};

struct ProvidedFile {
  std::string path;  // relative, not checked here
  std::int32_t mode = 0;
  Secret contents;
};

struct MountRequest {
  Secret attributes;        // a JSON object, text to text; tokens are in it
  Secret secrets;           // likewise, or "null"
  std::string target_path;  // absolute, on the host
  std::string permission;   // a JSON number, decimal: "420"
  std::vector<ProvidedVersion> current_versions;
};

struct MountResponse {
  std::vector<ProvidedVersion> versions;
  std::string error_code;           // "": none
  std::vector<ProvidedFile> files;  // none: the provider wrote into target_path itself
};

struct ProviderVersion {
  std::string version;  // of the protocol: "v1alpha1"
  std::string runtime_name;
  std::string runtime_version;
};

}  // namespace keyferry::rpc
