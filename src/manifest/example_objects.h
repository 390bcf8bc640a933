#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "manifest/manifest.h"

// Manifests for tests, and their reading.
namespace keyferry::manifest::example {

inline Manifests read(std::string_view text) {
  Manifests manifests;
  parse_manifest(text, "m.yaml", manifests);
  return manifests;
}

inline std::vector<std::string> texts(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems) lines.push_back(to_text(problem));
  return lines;
}

// One good object of each kind, of one name; documents are joined with "---\n".
inline constexpr std::string_view kAccount = R"(apiVersion: v1
kind: ServiceAccount
metadata:
  name: shop
  namespace: web
  annotations:
    privatecloud.mendix.com/environment-account: "true"
)";
inline constexpr std::string_view kClass = R"(apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata:
  name: shop
  namespace: web
  annotations:
    privatecloud.mendix.com/environment-class: "true"
spec:
  provider: vault
  parameters:
    vaultAddress: https://vault:8200
    roleName: shop
    objects: |
      - objectName: database-password
        secretPath: secret/data/shop
        secretKey: password
)";
inline constexpr std::string_view kApp = R"(apiVersion: privatecloud.mendix.com/v1alpha1
kind: MendixApp
metadata:
  name: shop
  namespace: web
spec:
  mendixRuntimeVersion: 10.24.14
  allowOverrideSecretsWithSecretStoreCSIDriver: true
)";

// The text with the first `from` replaced; a text without it is the test's own mistake.
inline std::string with(std::string_view text, std::string_view from, std::string_view to) {
  std::string changed(text);
  const auto at = changed.find(from);
  if (at == std::string::npos) return "the example has no " + std::string(from);
  return changed.replace(at, from.size(), to);
}

inline std::string joined(const std::vector<std::string>& documents) {
  std::string all;
  for (const std::string& document : documents) all += document + "---\n";
  return all;
}

}  // namespace keyferry::manifest::example
