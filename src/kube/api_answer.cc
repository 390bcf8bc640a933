#include "kube/api_answer.h"

#include "base/strings.h"
#include "base/timestamp.h"
#include "kube/api_error.h"

namespace keyferry::kube {

namespace {

Error unexpected(std::string_view problem) {
  return Error(ErrorCode::kInternal,
               cat(problem, "; is this the address of a Kubernetes API server?"));
}

std::optional<EventKind> kind_of(std::string_view type) {
  if (type == "ADDED") return EventKind::kAdded;
  if (type == "MODIFIED") return EventKind::kModified;
  if (type == "DELETED") return EventKind::kDeleted;
  if (type == "BOOKMARK") return EventKind::kBookmark;
  return std::nullopt;
}

}  // namespace

Result<Json> read_object(const Response& response) {
  auto object = parse_json(response.body.expose());
  if (!object.ok()) return unexpected("the answer is not JSON");
  if (object->find("metadata") == nullptr) return unexpected("the answer is no object");
  return object;
}

Result<Page> read_page(const Response& response) {
  KF_ASSIGN(Json list, read_object(response));
  Page page;
  const Json& meta = *list.find("metadata");
  page.next = meta.text_of("continue");
  page.resource_version = meta.text_of("resourceVersion");
  const auto items = list.as_object()->find("items");
  if (items == list.as_object()->end() || items->second.is_null()) return page;
  Json::Array* array = items->second.as_array();
  if (array == nullptr) return unexpected("the answer is no list");
  page.items = std::move(*array);
  return page;
}

Result<IssuedToken> read_issued_token(const Response& response) {
  KF_ASSIGN(const Json answer, read_object(response));
  const Json* status = answer.find("status");
  const std::string_view token = status == nullptr ? "" : status->text_of("token");
  if (token.empty()) return unexpected("the answer holds no token");
  const auto expires = parse_timestamp(status->text_of("expirationTimestamp"));
  if (!expires.ok()) return unexpected("the answer does not say when the token ends");
  return IssuedToken{Secret(token), *expires};
}

Result<WatchEvent> read_event(std::string_view line, const Asked& asked) {
  auto parsed = parse_json(line);
  if (!parsed.ok() || parsed->as_object() == nullptr) {
    return unexpected("an event is not JSON");
  }
  Json::Object& members = *parsed->as_object();
  Json object = std::move(members["object"]);
  const std::string_view type = parsed->text_of("type");
  if (type == "ERROR") return error_of_event(object, asked);
  const auto kind = kind_of(type);
  if (!kind || object.find("metadata") == nullptr) return unexpected("an unknown event");
  return WatchEvent{*kind, std::move(object)};
}

}  // namespace keyferry::kube
