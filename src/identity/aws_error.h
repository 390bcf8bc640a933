#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "net/http.h"

namespace keyferry {

// What an AWS service says it refuses a request for.
struct AwsError {
  std::string code;  // "AccessDeniedException"; empty when it says none
  std::string message;
};

// Reads the header x-amzn-ErrorType, a JSON body (__type, message) or an XML one (Error/Code),
// whichever there is: services differ, and so do their stand-ins.
AwsError read_aws_error(const Response& response);

// The code by the service's own word where it is known, by the HTTP status where not; message
// "HTTP 400 AccessDeniedException: …"; the wait that Retry-After asks for. A clock that is wrong is
// told, with how far it is off (the server's Date), since the server only says that the signature
// expired.
Error aws_error_of(const Response& response, WallTime now);

// The same, of an answer that may be better later; nullopt of any other.
std::optional<Error> aws_complaint_worth_a_retry(const Response& answer, WallTime now);

// Request::asks_for_less: throttling, which services of AWS say with status 400.
bool aws_asks_for_less(const Response& answer);

}  // namespace keyferry
