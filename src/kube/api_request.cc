#include "kube/api_request.h"

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry::kube {

namespace {

constexpr const char* kJson = "application/json";

// "?a=b&c=d" of what is not empty.
class Query {
 public:
  Query& add(std::string_view name, std::string_view value) {
    if (!value.empty()) {
      text_ += cat(text_.empty() ? '?' : '&', name, '=', percent_encode(value));
    }
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

// apimachinery's rule for what may stand in a path; more would be another address.
bool fits_in_path(std::string_view name) {
  return name != "." && name != ".." && name.find_first_of("/%") == std::string_view::npos;
}

enum class Naming { kOne, kAll };

Status check(const Asked& asked, Naming naming) {
  const auto refuse = [&](std::string_view problem) {
    return Error(ErrorCode::kInvalidArgument, cat(asked.display_name(), ": ", problem));
  };
  if (!fits_in_path(asked.name.name) || !fits_in_path(asked.name.namespace_name)) {
    return refuse("a name must not be '.' or '..' nor hold '/' or '%'");
  }
  if (naming == Naming::kAll) return {};
  if (asked.name.name.empty()) return refuse("metadata.name is missing");
  if (asked.resource.scope == Scope::kNamespaced && asked.name.namespace_name.empty()) {
    return refuse("metadata.namespace is missing");
  }
  return {};
}

ObjectName name_in(const Json& object) {
  const Json* meta = object.find("metadata");
  if (meta == nullptr) return {};
  return {std::string(meta->text_of("namespace")), std::string(meta->text_of("name"))};
}

std::string subresource_of(Part part) { return part == Part::kStatus ? "status" : ""; }

// The body's text does not outlive it anywhere else.
void set_body(ApiRequest& request, const Json& body, const char* content_type) {
  std::string text = to_text(body);
  request.body = Secret::take(text);
  request.content_type = content_type;
}

// With what the items of a list, and an object of a watch, are to be: apimachinery's negotiation of
// PartialObjectMetadata, and whole objects from servers that do not know it.
std::string accept_of(Detail detail, std::string_view what) {
  if (detail == Detail::kWhole) return kJson;
  return cat("application/json;as=", what, ";v=v1;g=meta.k8s.io,", kJson);
}

}  // namespace

std::string_view name_of(Verb verb) {
  switch (verb) {
    case Verb::kGet:
      return "get";
    case Verb::kList:
      return "list";
    case Verb::kWatch:
      return "watch";
    case Verb::kCreate:
      return "create";
    case Verb::kUpdate:
      return "update";
    case Verb::kPatch:
      return "patch";
    case Verb::kDelete:
      return "delete";
  }
  return "";
}

std::string Asked::rbac_resource() const {
  return subresource.empty() ? resource.plural : cat(resource.plural, '/', subresource);
}

std::string Asked::display_name() const {
  const std::string what = cat(name_of(verb), ' ', rbac_resource());
  if (!name.name.empty()) return cat(what, ' ', name.display_name());
  if (!name.namespace_name.empty()) return cat(what, " in namespace ", name.namespace_name);
  return resource.scope == Scope::kCluster ? what : cat(what, " in all namespaces");
}

bool Asked::is_about_secrets() const {
  return resource.group.empty() && resource.plural == "secrets";
}

Result<ApiRequest> get_request(const Resource& resource, const ObjectName& name) {
  ApiRequest request{{Verb::kGet, resource, name}};
  KF_TRY(check(request.asked, Naming::kOne));
  return request;
}

Result<ApiRequest> list_request(const Resource& resource, const ListOptions& options) {
  ApiRequest request{{Verb::kList, resource, {options.namespace_name, ""}}};
  KF_TRY(check(request.asked, Naming::kAll));
  request.accept = accept_of(options.detail, "PartialObjectMetadataList");
  Query query;
  query.add("limit", std::to_string(options.page_size));
  query.add("labelSelector", options.label_selector);
  query.add("fieldSelector", options.field_selector);
  query.add("continue", options.next);
  // A continue token has its version in it.
  if (options.not_older_than && options.next.empty()) {
    query.add("resourceVersion", *options.not_older_than);
    query.add("resourceVersionMatch", "NotOlderThan");
  }
  request.query = query.take();
  return request;
}

Result<ApiRequest> watch_request(const Resource& resource, const WatchOptions& options) {
  ApiRequest request{{Verb::kWatch, resource, {options.namespace_name, ""}}};
  KF_TRY(check(request.asked, Naming::kAll));
  request.accept = accept_of(options.detail, "PartialObjectMetadata");
  request.query = Query()
                      .add("watch", "true")
                      .add("allowWatchBookmarks", "true")
                      .add("timeoutSeconds", std::to_string(options.server_ends_in.count()))
                      .add("resourceVersion", options.resource_version)
                      .add("labelSelector", options.label_selector)
                      .add("fieldSelector", options.field_selector)
                      .take();
  return request;
}

Result<ApiRequest> create_request(const Resource& resource, const Json& object,
                                  const std::string& manager) {
  ApiRequest request{{Verb::kCreate, resource, name_in(object)}};
  KF_TRY(check(request.asked, Naming::kOne));
  request.query = Query().add("fieldManager", manager).take();
  request.repeatable = false;
  set_body(request, object, kJson);
  return request;
}

Result<ApiRequest> update_request(const Resource& resource, const Json& object, Part part,
                                  const std::string& manager) {
  ApiRequest request{{Verb::kUpdate, resource, name_in(object), subresource_of(part)}};
  KF_TRY(check(request.asked, Naming::kOne));
  request.query = Query().add("fieldManager", manager).take();
  set_body(request, object, kJson);
  return request;
}

Result<ApiRequest> apply_request(const Resource& resource, const Json& object,
                                 const ApplyOptions& options) {
  ApiRequest request{{Verb::kPatch, resource, name_in(object), subresource_of(options.part)}};
  KF_TRY(check(request.asked, Naming::kOne));
  const bool force = options.conflict == ApplyConflict::kForce;
  request.query = Query()
                      .add("fieldManager", options.field_manager)
                      .add("force", force ? "true" : "false")
                      .take();
  set_body(request, object, "application/apply-patch+yaml");
  return request;
}

Result<ApiRequest> merge_request(const Resource& resource, const ObjectName& name,
                                 const Json& changes, Part part, const std::string& manager) {
  ApiRequest request{{Verb::kPatch, resource, name, subresource_of(part)}};
  KF_TRY(check(request.asked, Naming::kOne));
  request.query = Query().add("fieldManager", manager).take();
  set_body(request, changes, "application/merge-patch+json");
  return request;
}

Result<ApiRequest> delete_request(const Resource& resource, const ObjectName& name,
                                  const Preconditions& preconditions) {
  ApiRequest request{{Verb::kDelete, resource, name}};
  KF_TRY(check(request.asked, Naming::kOne));
  Json conditions;
  if (!preconditions.uid.empty()) conditions.set("uid", preconditions.uid);
  if (!preconditions.resource_version.empty()) {
    conditions.set("resourceVersion", preconditions.resource_version);
  }
  if (conditions.is_null()) return request;
  Json options;
  options.set("apiVersion", "v1").set("kind", "DeleteOptions");
  set_body(request, options.set("preconditions", std::move(conditions)), kJson);
  return request;
}

Result<ApiRequest> token_request(const ObjectName& service_account, const TokenRequest& wanted) {
  ApiRequest request{{Verb::kCreate, service_accounts(), service_account, "token"}};
  KF_TRY(check(request.asked, Naming::kOne));
  Json spec;
  spec.set("audiences", Json::Array(wanted.audiences.begin(), wanted.audiences.end()));
  spec.set("expirationSeconds", std::int64_t{wanted.lifetime.count()});
  if (!wanted.pod_name.empty()) {
    Json pod;
    pod.set("apiVersion", "v1").set("kind", "Pod");
    pod.set("name", wanted.pod_name).set("uid", wanted.pod_uid);
    spec.set("boundObjectRef", std::move(pod));
  }
  Json body;
  body.set("apiVersion", "authentication.k8s.io/v1").set("kind", "TokenRequest");
  set_body(request, body.set("spec", std::move(spec)), kJson);
  return request;
}

std::string path_of(const Asked& asked) {
  const Resource& resource = asked.resource;
  std::string path = cat(resource.group.empty() ? "/api/" : "/apis/", resource.api_version());
  if (resource.scope == Scope::kNamespaced && !asked.name.namespace_name.empty()) {
    path += cat("/namespaces/", percent_encode(asked.name.namespace_name));
  }
  path += cat('/', resource.plural);
  // A new object has its name inside; a new token is below the account's.
  const bool named = asked.verb != Verb::kCreate || !asked.subresource.empty();
  if (named && !asked.name.name.empty()) path += cat('/', percent_encode(asked.name.name));
  if (!asked.subresource.empty()) path += cat('/', asked.subresource);
  return path;
}

Request http_request(const ApiRequest& request, const std::string& server) {
  static constexpr const char* kMethods[] = {"GET", "GET", "GET", "POST", "PUT", "PATCH", "DELETE"};
  Request http;
  http.method = kMethods[static_cast<std::size_t>(request.asked.verb)];
  http.url = cat(server, path_of(request.asked), request.query);
  http.headers.push_back({"Accept", request.accept});
  if (!request.content_type.empty()) {
    http.headers.push_back({"Content-Type", request.content_type});
  }
  http.body = request.body.copy();
  return http;
}

}  // namespace keyferry::kube
