#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/aws_credentials.h"
#include "net/http.h"

// AWS Signature Version 4. Pure: the time is given. The steps are functions of their own, so that a
// test can tell at which one a signature went wrong (sigv4.cc explains them).
namespace keyferry::sigv4 {

// How the path that is signed is made from the one that is sent: normalised and encoded once more
// (every service but one), or as it is sent (S3).
enum class PathRule { kEncodedAgain, kAsSent };

// Where and when a signature is good.
struct Scope {
  std::string region;
  std::string service;  // signing name: "secretsmanager", "ssm", "sts", "rds-db", "s3"
  WallTime now;
};

// "20260131T120000Z" and "20260131", in UTC.
std::string timestamp_of(WallTime now);
std::string date_of(WallTime now);

// What is signed of a request, before it is brought into canonical form.
struct SignedParts {
  std::string method;
  std::string path;   // as sent, percent-encoded
  std::string query;  // likewise, without '?'
  std::vector<Header> headers;
  std::string payload_hash;  // lower-case hex, or UNSIGNED-PAYLOAD
};

struct CanonicalRequest {
  std::string text;
  std::string signed_headers;  // "host;x-amz-date"
};

// kInvalidArgument: the query has a broken percent escape.
Result<CanonicalRequest> canonical_request(const SignedParts& parts, PathRule rule);
std::string string_to_sign(const Scope& scope, std::string_view canonical_request);
// HMAC chain over date, region and service; good for one day.
Secret signing_key(const Secret& secret_access_key, const Scope& scope);
// Lower-case hex.
std::string signature(const Secret& signing_key, std::string_view string_to_sign);

// Header form: adds X-Amz-Date, X-Amz-Security-Token where there is one, X-Amz-Content-Sha256 for
// S3, and Authorization to the request. Everything else must be there already; Host is taken from
// the URL, User-Agent and hop-by-hop headers are left unsigned.
Status sign(Request& request, const AwsCredentials& credentials, const Scope& scope, PathRule rule);

// Query form: the URL with X-Amz-* parameters and the signature appended, good for `lifetime` (at
// least 1 s, at most 7 days) and for that method without a body. `payload_hash` is that of an empty
// body, or UNSIGNED-PAYLOAD for S3.
Result<Secret> presigned_url(std::string_view method, std::string_view url,
                             const AwsCredentials& credentials, const Scope& scope,
                             std::chrono::seconds lifetime, PathRule rule);

}  // namespace keyferry::sigv4
