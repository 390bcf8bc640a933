#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "identity/aws_credentials.h"
#include "net/http.h"

// The EKS Pod Identity agent of a node, which gives a pod's credentials for its token. Pure.
namespace keyferry::pod_identity {

inline constexpr const char* kIpv4Endpoint = "http://169.254.170.23";
inline constexpr const char* kIpv6Endpoint = "http://[fd00:ec2::23]";

// The token is the Authorization header, as it is. Never through a proxy: the agent is the node's.
Request credentials_request(const std::string& endpoint, const Secret& token);

// {AccessKeyId, SecretAccessKey, Token, Expiration}, or {code, message}.
Result<AwsCredentials> read_credentials(const Response& response, WallTime now);

}  // namespace keyferry::pod_identity
