#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "dev/aws/aws_iam.h"
#include "net/http_server.h"

namespace keyferry::dev {

// Why a request's signature is not taken. Each protocol of AWS has its own name for it.
enum class SignatureProblem {
  kMissing,       // no Authorization
  kIncomplete,    // Authorization, or a header it needs, cannot be read
  kUnknownKey,    // access key or session token
  kExpiredToken,  // the session is over
  kMismatch,      // signature, time or scope
};
struct SignatureRefusal {
  SignatureProblem problem;
  std::string message;
};

// What the Authorization header says, nothing of it verified.
struct SignedWith {
  std::string key_id;
  std::string date;  // "20260131"
  std::string region;
  std::string service;
  std::vector<std::string> headers;  // names, lower case, as they were signed
  std::string signature;
};
Result<SignedWith, SignatureRefusal> read_authorization(const ServerRequest& request);

// Where a request was sent, which its scope must name.
struct SignatureNeeds {
  std::string_view service;
  std::function<bool(std::string_view region)> has_region;
};

// The key that signed the request (AWS Signature Version 4 in a header, path "/"): signature over
// method, query, signed headers and body; session token; time within five minutes of `now`; scope.
Result<const AwsKey*, SignatureRefusal> check_signature(const ServerRequest& request,
                                                        const SignedWith& with, const AwsIam& iam,
                                                        const SignatureNeeds& needs, WallTime now);

}  // namespace keyferry::dev
