#include "identity/machine_identity.h"

#include "base/encoding.h"
#include "base/strings.h"
#include "formats/json.h"
#include "net/retry.h"

namespace keyferry::machine_identity {

namespace {

ErrorCode code_of(const Response& response) {
  if (response.status == 429) return ErrorCode::kResourceExhausted;
  if (may_be_better_later(response)) return ErrorCode::kUnavailable;
  return ErrorCode::kUnauthenticated;
}

std::string remedy_of(const Response& response, const EntraIdentity& identity) {
  if (identity.login == EntraLogin::kNodeManagedPod) {
    return "AAD pod identity is retired: use a workload identity (clientID)";
  }
  if (response.status == 429) return "look less often: the machine's metadata service is limited";
  if (response.status >= 500) return "it is asked again; if it lasts, look at the machine";
  return identity.client_id.empty()
             ? "give the machine (the node pool's scale set) a system-assigned identity, or name a "
               "user-assigned one in userAssignedIdentityID"
             : cat("assign the identity ", identity.client_id,
                   " to the machine (the node pool's scale set), or correct "
                   "userAssignedIdentityID: it is the client ID");
}

}  // namespace

Request metadata_request(const EntraIdentity& identity) {
  Request request;
  request.url = cat(identity.metadata, "/metadata/identity/oauth2/token?api-version=2018-02-01",
                    "&resource=", percent_encode(identity.resource));
  if (!identity.client_id.empty()) {
    request.url += cat("&client_id=", percent_encode(identity.client_id));
  }
  request.headers = {{"Metadata", "true"}};
  request.tls = identity.tls;
  request.proxy = ProxyUse::kNever;
  return request;
}

Request node_request(const EntraIdentity& identity) {
  Request request;
  request.url = cat(identity.metadata, "/host/token/?resource=", percent_encode(identity.resource));
  request.headers = {{"podname", identity.pod_name}, {"podns", identity.namespace_name}};
  request.proxy = ProxyUse::kNever;
  return request;
}

bool may_be_better_later(const Response& response) {
  return response.status == 404 || response.status == 408 || response.status == 410 ||
         response.status == 429 || response.status >= 500;
}

Error refusal(const Response& response, const EntraIdentity& identity, WallTime now) {
  std::string text = cat("HTTP ", response.status);
  if (const auto body = parse_json(response.body.expose()); body.ok()) {
    const std::string_view words = body->text_of("error_description");
    const std::string_view error = words.empty() ? body->text_of("error") : words;
    if (!error.empty()) text += cat(": ", error);
  }
  Error refused =
      Error(code_of(response), std::move(text)).with_remedy(remedy_of(response, identity));
  if (const auto wait = retry_after_of(response, now)) refused.set_retry_after(*wait);
  return refused;
}

}  // namespace keyferry::machine_identity
