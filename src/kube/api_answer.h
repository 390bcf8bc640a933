#pragma once

#include <string_view>

#include "base/result.h"
#include "kube/api_request.h"
#include "kube/kube_api.h"
#include "net/http.h"

// Good answers of the Kubernetes API. Pure. kInternal: the server said something else than the API
// promises; nothing of it is in the message.
namespace keyferry::kube {

Result<Json> read_object(const Response& response);
Result<Page> read_page(const Response& response);
Result<IssuedToken> read_issued_token(const Response& response);

// One line of a watch; of an ERROR event its error (api_error.h).
Result<WatchEvent> read_event(std::string_view line, const Asked& asked);

}  // namespace keyferry::kube
