#pragma once

#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "formats/json.h"
#include "kube/api_request.h"
#include "net/http.h"

namespace keyferry::kube {

// Who asks, for the words of a refusal.
struct Caller {
  std::string service_account{};  // "kube-system/keyferry"; "" where it is not known
  std::string credential{};       // "the token in '/var/run/…/token'", "the client certificate"
};

// Why an answer that is not good is none: code, words and remedy by HTTP status and the reason and
// causes of the Status in it (apimachinery meta/v1). The words do not say what was asked: that is
// context. What was sent for a Secret is never repeated.
Error error_of(const Response& response, const Asked& asked, const Caller& caller, WallTime now);

// The same of the Status in a watch's ERROR event: kOutOfRange, or kResourceExhausted where the
// server asks for patience.
Error error_of_event(const Json& status, const Asked& asked);

}  // namespace keyferry::kube
