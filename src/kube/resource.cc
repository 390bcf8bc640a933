#include "kube/resource.h"

#include "base/strings.h"

namespace keyferry::kube {

namespace {
constexpr const char* kSecretsStoreGroup = "secrets-store.csi.x-k8s.io";
}  // namespace

std::string Resource::api_version() const {
  return group.empty() ? version : cat(group, '/', version);
}

std::string Resource::display_name() const {
  return group.empty() ? plural : cat(plural, '.', group);
}

std::string ObjectName::display_name() const {
  return namespace_name.empty() ? name : cat(namespace_name, '/', name);
}

Resource pods() { return {"", "v1", "pods", "Pod"}; }
Resource nodes() { return {"", "v1", "nodes", "Node", Scope::kCluster}; }
Resource secrets() { return {"", "v1", "secrets", "Secret"}; }
Resource service_accounts() { return {"", "v1", "serviceaccounts", "ServiceAccount"}; }
Resource events() { return {"", "v1", "events", "Event"}; }
Resource csi_drivers() {
  return {"storage.k8s.io", "v1", "csidrivers", "CSIDriver", Scope::kCluster};
}
Resource secret_provider_classes() {
  return {kSecretsStoreGroup, "v1", "secretproviderclasses", "SecretProviderClass"};
}
Resource secret_provider_class_pod_statuses() {
  return {kSecretsStoreGroup, "v1", "secretproviderclasspodstatuses",
          "SecretProviderClassPodStatus"};
}

}  // namespace keyferry::kube
