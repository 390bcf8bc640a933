#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/kept_state.h"
#include "base/problem.h"
#include "base/result.h"
#include "base/secret.h"
#include "identity/aws_endpoints.h"
#include "identity/token_source.h"
#include "manifest/secret_provider_class.h"
#include "net/http.h"

namespace keyferry::stores {

// One file for the volume, as the store gave it.
struct SecretFile {
  std::string path;  // relative, checked by volume/
  Secret contents;
  std::optional<std::uint32_t> mode;  // permission bits when the object asks for its own
  std::string version;                // opaque; equal versions mean equal contents
  // Under which id the Secrets Store CSI driver shows it, where that is not the object's; several
  // files may share one.
  std::string shown_as{};
};

// One object of the SecretProviderClass with its file, or why there is none.
struct FetchedObject {
  std::string id;  // unique in the mount, e.g. Vault's objectName
  Result<SecretFile> file;
};

// The pod on whose behalf is asked; empty fields where there is no pod (keyferry pull).
struct PodIdentity {
  std::string namespace_name;
  std::string pod_name;
  std::string pod_uid;
  std::string service_account;
  std::string aws_role_arn{};  // the service account's annotation eks.amazonaws.com/role-arn
};

// What the volume's nodePublishSecretRef holds; shared by the looks of one mount.
using PublishSecrets = std::map<std::string, Secret>;

struct FetchRequest {
  PodIdentity pod;
  const manifest::SecretProviderClass& spc;
  TokenSource& tokens;
  std::map<std::string, std::string> held_versions;  // object id → version already on disk
  Deadline deadline;
  std::stop_token stop;
  RequestPriority priority = RequestPriority::kNormal;  // of every request it makes
  std::shared_ptr<const PublishSecrets> secrets{};      // null where the volume names none
};

struct FetchResult {
  std::vector<FetchedObject> objects;  // in the order of the SecretProviderClass
  std::vector<std::string> unchanged;  // ids whose held versions are current: not among the objects
  std::vector<std::string> absent;     // optional objects that the store does not have
  // When the store has something to do or to tell before the next poll would come: a lease to be
  // renewed, a password that rotates.
  std::optional<Duration> look_again_in;
};

// A secret store for the mounts of one node or one program. fetch() fails as a whole only where no
// object could be asked for (bad parameters, login refused, store down); otherwise each object
// carries its own Result. Any thread may call.
class Store {
 public:
  virtual ~Store() = default;
  virtual Result<FetchResult> fetch(const FetchRequest& request) = 0;
  // A volume (of request.pod, of a class of that name) lives by what is fetched for it: called
  // before each fetch, also where another one's answer is shared. Asks nothing.
  virtual void use(const FetchRequest& request) { static_cast<void>(request); }
  // The volume is gone: logins and leases that no other volume uses are given back. Called for each
  // volume. Best effort; what could not be given back is the error.
  virtual Status release(const FetchRequest& request) {
    static_cast<void>(request);
    return {};
  }
};

// What a store is built from. References outlive the store.
struct StoreParts {
  Http& http;
  Clock& clock;
  Environment environment = {};  // what the vendor's own clients read of it; none where it is empty
  KeptState* kept = nullptr;     // null: nothing outlives the program
};

// A file that a SecretProviderClass will give, and where it says so.
struct PlannedFile {
  std::string name;
  int line = 0;
};

// What can be said about spec.parameters without asking the store.
struct ParameterCheck {
  Problems problems;
  std::vector<PlannedFile> files;
  bool more_files = false;  // an object gives files whose names only the store knows
};

// A line of stores.def, ready to call.
struct StoreKind {
  std::string_view name;  // spec.provider
  std::unique_ptr<Store> (*make)(const StoreParts& parts);
  ParameterCheck (*check)(const manifest::SecretProviderClass& spc);  // pure
};

// All stores, in the order of stores.def.
const std::vector<StoreKind>& store_kinds();

// The store a SecretProviderClass names; kNotFound lists the providers there are.
Result<StoreKind> store_kind_of(std::string_view provider);

}  // namespace keyferry::stores
