#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/problem.h"
#include "base/secret.h"
#include "kube/object_meta.h"
#include "manifest/secret_provider_class.h"

// Kubernetes objects as far as they are used here. Each has
//   parse_X(json)  from the API's JSON: unknown fields are passed over, a field that is absent or
//   of
//                  another type is empty; kInvalidArgument only where there is no metadata.name
//   to_json(x)     the whole object again, of the fields that are known
namespace keyferry::kube {

// secrets-store.csi.x-k8s.io/v1 (csi.md 3.1). The API server takes every text in it, so that what
// is wrong with it is told with it.
struct SecretProviderClass {
  ObjectMeta meta{};
  manifest::SecretProviderClass spc{};
  Problems problems{};  // errors: `spc` must not be used
};
Result<SecretProviderClass> parse_secret_provider_class(const Json& object);
Json to_json(const SecretProviderClass& spc);

// What is mounted in one pod for one class (csi.md 3.2, 3.3).
struct MountedObject {
  std::string id{};
  std::string version{};
  friend bool operator==(const MountedObject&, const MountedObject&) = default;
};
struct SecretProviderClassPodStatus {
  ObjectMeta meta{};
  std::string pod_name{};
  std::string secret_provider_class_name{};
  bool mounted = false;
  std::string target_path{};
  std::vector<MountedObject> objects{};  // sorted by id when written
  friend bool operator==(const SecretProviderClassPodStatus&,
                         const SecretProviderClassPodStatus&) = default;
};
// The label by which a node finds its own.
inline constexpr const char* kNodeNameLabel = "internal.secrets-store.csi.k8s.io/node-name";
Result<SecretProviderClassPodStatus> parse_pod_status(const Json& object);
Json to_json(const SecretProviderClassPodStatus& status);

// core v1 Secret; `data` decoded.
struct KubeSecret {
  ObjectMeta meta{};
  std::string type{};
  bool immutable = false;
  std::map<std::string, Secret, std::less<>> data{};
};
// kInvalidArgument also where a value is not base64: names the key.
Result<KubeSecret> parse_secret(const Json& object);
Json to_json(const KubeSecret& secret);

struct CsiVolume {
  std::string volume_name{};
  std::string driver{};
  TextMap attributes{};  // secretProviderClass
  friend bool operator==(const CsiVolume&, const CsiVolume&) = default;
};
struct Pod {
  ObjectMeta meta{};
  std::string node_name{};
  std::string service_account_name{};
  std::vector<CsiVolume> csi_volumes{};  // other volumes are passed over
  std::string phase{};                   // Pending, Running, Succeeded, Failed, Unknown
  friend bool operator==(const Pod&, const Pod&) = default;

  // Its containers run no more or soon will not.
  bool has_ended() const;
};
Result<Pod> parse_pod(const Json& object);
Json to_json(const Pod& pod);

struct Taint {
  std::string key{};
  std::string value{};
  std::string effect{};  // NoSchedule, PreferNoSchedule, NoExecute
  friend bool operator==(const Taint&, const Taint&) = default;
};
struct Node {
  ObjectMeta meta{};
  std::vector<Taint> taints{};
  friend bool operator==(const Node&, const Node&) = default;
};
Result<Node> parse_node(const Json& object);
Json to_json(const Node& node);

struct ServiceAccount {
  ObjectMeta meta{};
  friend bool operator==(const ServiceAccount&, const ServiceAccount&) = default;
};
Result<ServiceAccount> parse_service_account(const Json& object);
Json to_json(const ServiceAccount& account);

// What an event is about, or who refers to whom (core v1 ObjectReference).
struct ObjectReference {
  std::string api_version{};
  std::string kind{};
  std::string namespace_name{};
  std::string name{};
  std::string uid{};
  friend bool operator==(const ObjectReference&, const ObjectReference&) = default;
};
ObjectReference reference_to(const Resource& resource, const ObjectMeta& meta);

// core v1 Event: what the stock driver writes and kubectl describe shows (csi.md 3.4, 5.3).
struct Event {
  ObjectMeta meta{};
  ObjectReference about{};
  std::string type{};    // Normal, Warning
  std::string reason{};  // FailedToCreateSecret
  std::string message{};
  std::string component{};  // csi-secrets-store-controller
  std::string host{};       // the node
  WallTime first_seen{};
  WallTime last_seen{};
  int count = 1;
  friend bool operator==(const Event&, const Event&) = default;
};
Result<Event> parse_event(const Json& object);
Json to_json(const Event& event);

}  // namespace keyferry::kube
