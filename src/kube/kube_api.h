#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/single_flight.h"
#include "formats/json.h"
#include "kube/resource.h"

namespace keyferry::kube {

// Of an object: all but its status, or its status alone where the kind keeps it apart (the
// subresource "status").
enum class Part { kObject, kStatus };

// What is wanted of each object: all of it, or apiVersion, kind and metadata alone
// (PartialObjectMetadata).
enum class Detail { kWhole, kMetadataOnly };

struct ListOptions {
  std::string namespace_name{};  // "" for all namespaces
  std::string label_selector{};
  std::string field_selector{};
  Detail detail = Detail::kWhole;
  int page_size = 500;
  std::string next{};  // Page::next of the page before
  // Nothing: the newest state, read from etcd where the server cannot know better. "0": whatever
  // the server has in its memory; a resource version: that or newer (resourceVersionMatch
  // NotOlderThan). The server may then ignore the page size.
  std::optional<std::string> not_older_than{};
};

struct Page {
  std::vector<Json> items{};       // may lack apiVersion and kind
  std::string next{};              // "" after the last page
  std::string resource_version{};  // of the whole list; where a watch goes on from
};

// Server-side apply: `force` takes fields over from other managers.
enum class ApplyConflict { kRefuse, kForce };
struct ApplyOptions {
  std::string field_manager{};
  ApplyConflict conflict = ApplyConflict::kRefuse;
  Part part = Part::kObject;
};

struct Preconditions {
  std::string uid{};               // "" for any
  std::string resource_version{};  // "" for any
};

struct TokenRequest {
  std::vector<std::string> audiences{};  // none: the API server's own
  std::chrono::seconds lifetime{3600};   // at least 600
  // The token ends with this pod; "" for none.
  std::string pod_name{};
  std::string pod_uid{};
};
struct IssuedToken {
  Secret token;
  WallTime expires;
};

struct WatchOptions {
  std::string namespace_name{};  // "" for all namespaces
  std::string label_selector{};
  std::string field_selector{};
  Detail detail = Detail::kWhole;
  std::string resource_version{};            // events after this one
  std::chrono::seconds server_ends_in{270};  // the server ends the watch by itself
};

// kOpened: the server has taken the watch; the first of every watch. kBookmark: nothing happened up
// to this resource version.
enum class EventKind { kOpened, kAdded, kModified, kDeleted, kBookmark };

struct WatchEvent {
  EventKind kind = EventKind::kOpened;
  Json object;  // of a deletion: as it was last; of a bookmark: only metadata.resourceVersion

  std::string resource_version() const;
};

// The Kubernetes API, as far as it is used here. Objects are JSON as the server has it
// (kube/objects.h makes types of it); those given need metadata.name and, where namespaced,
// metadata.namespace.
//
// Errors, everywhere: kNotFound (no such object), kUnimplemented (no such kind: a CRD is missing),
// kAlreadyExists, kAborted (a conflict: it was changed meanwhile, or fields are another manager's),
// kOutOfRange (410: a resource version or continue token too old; begin anew), kPermissionDenied
// (names the RBAC rule that is missing), kUnauthenticated, kInvalidArgument (which fields, and
// why), kResourceExhausted (the server asks for patience), kUnavailable, kDeadlineExceeded,
// kCancelled. Nothing of an answer that is good is in a message, nor what was sent of a Secret.
// Any thread may call. Every call ends with its patience; retries are inside.
class KubeApi {
 public:
  virtual ~KubeApi() = default;

  virtual Result<Json> get(const Resource& resource, const ObjectName& name,
                           const Patience& patience) = 0;
  // One page; list_all (kube/list_all.h) gives them all.
  virtual Result<Page> list(const Resource& resource, const ListOptions& options,
                            const Patience& patience) = 0;

  // Each gives the object as it is stored now.
  virtual Result<Json> create(const Resource& resource, const Json& object,
                              const Patience& patience) = 0;
  // Replaces it. With metadata.resourceVersion only if that is still the stored one's.
  virtual Result<Json> update(const Resource& resource, const Json& object, Part part,
                              const Patience& patience) = 0;
  virtual Result<Json> apply(const Resource& resource, const Json& object,
                             const ApplyOptions& options, const Patience& patience) = 0;
  // JSON merge patch (RFC 7386).
  virtual Result<Json> merge(const Resource& resource, const ObjectName& name, const Json& changes,
                             Part part, const Patience& patience) = 0;

  virtual Status remove(const Resource& resource, const ObjectName& name,
                        const Preconditions& preconditions, const Patience& patience) = 0;

  virtual Result<IssuedToken> issue_token(const ObjectName& service_account,
                                          const TokenRequest& request,
                                          const Patience& patience) = 0;

  // Hands over each event as it comes, on the calling thread, until the watch ends: good when the
  // server ended it in time. After that, and after kUnavailable, kDeadlineExceeded (of the
  // patience) and kResourceExhausted, go on from the last event's resource version; after any other
  // error (kOutOfRange: 410 or an ERROR event) list anew. One try. ObjectWatch (kube/watch.h) does
  // all that.
  virtual Status watch(const Resource& resource, const WatchOptions& options,
                       const std::function<void(WatchEvent)>& told, const Patience& patience) = 0;
};

}  // namespace keyferry::kube
