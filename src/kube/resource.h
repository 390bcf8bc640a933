#pragma once

#include <compare>
#include <string>

namespace keyferry::kube {

enum class Scope { kNamespaced, kCluster };

// A kind of object and where the API server keeps it: below /api/VERSION for the core group (""),
// below /apis/GROUP/VERSION for every other (Kubernetes API concepts, "Resource URIs").
struct Resource {
  std::string group{};    // "secrets-store.csi.x-k8s.io"
  std::string version{};  // "v1"
  std::string plural{};   // "secretproviderclasses"
  std::string kind{};     // "SecretProviderClass"
  Scope scope = Scope::kNamespaced;

  std::string api_version() const;   // "v1", "secrets-store.csi.x-k8s.io/v1"
  std::string display_name() const;  // "pods", "secretproviderclasses.secrets-store.csi.x-k8s.io"

  friend bool operator==(const Resource&, const Resource&) = default;
};

// Which object of a kind; no namespace for those of the whole cluster.
struct ObjectName {
  std::string namespace_name{};
  std::string name{};

  std::string display_name() const;  // "shop/web-0", "node1"

  friend auto operator<=>(const ObjectName&, const ObjectName&) = default;
};

// Those that are used here (csi.md 1.10, 3, 5.3).
Resource pods();
Resource nodes();
Resource secrets();
Resource service_accounts();
Resource events();  // core v1: what the stock driver writes
Resource csi_drivers();
Resource secret_provider_classes();
Resource secret_provider_class_pod_statuses();

}  // namespace keyferry::kube
