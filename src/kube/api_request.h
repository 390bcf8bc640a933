#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "kube/kube_api.h"
#include "net/http.h"

// Calls of the Kubernetes API as HTTP requests (Kubernetes API concepts). Pure.
namespace keyferry::kube {

// The API's own verbs, as RBAC rules name them.
enum class Verb { kGet, kList, kWatch, kCreate, kUpdate, kPatch, kDelete };
std::string_view name_of(Verb verb);

// What is asked, and about what: for the address, for messages, for the RBAC rule that allows it.
struct Asked {
  Verb verb = Verb::kGet;
  Resource resource;
  ObjectName name;  // no name: about all of a namespace, or of all
  std::string subresource{};

  std::string rbac_resource() const;  // "pods", "serviceaccounts/token"
  std::string display_name() const;   // "create serviceaccounts/token shop/web"
  bool is_about_secrets() const;      // core v1 Secrets: their contents are in no message
};

struct ApiRequest {
  Asked asked;
  std::string query{};  // with its "?"
  std::string accept = "application/json";
  std::string content_type{};  // of the body
  Secret body{};
  bool repeatable = true;  // twice is the same as once
};

// kInvalidArgument, each: a name or a namespace that has no place in an address, or none where one
// is needed.
Result<ApiRequest> get_request(const Resource& resource, const ObjectName& name);
Result<ApiRequest> list_request(const Resource& resource, const ListOptions& options);
Result<ApiRequest> watch_request(const Resource& resource, const WatchOptions& options);
Result<ApiRequest> create_request(const Resource& resource, const Json& object,
                                  const std::string& manager);
Result<ApiRequest> update_request(const Resource& resource, const Json& object, Part part,
                                  const std::string& manager);
Result<ApiRequest> apply_request(const Resource& resource, const Json& object,
                                 const ApplyOptions& options);
Result<ApiRequest> merge_request(const Resource& resource, const ObjectName& name,
                                 const Json& changes, Part part, const std::string& manager);
Result<ApiRequest> delete_request(const Resource& resource, const ObjectName& name,
                                  const Preconditions& preconditions);
Result<ApiRequest> token_request(const ObjectName& service_account, const TokenRequest& request);

// Below the server's address: "/api/v1/namespaces/shop/pods/web-0".
std::string path_of(const Asked& asked);
// To be sent, but for credentials and trust.
Request http_request(const ApiRequest& request, const std::string& server);

}  // namespace keyferry::kube
