#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "identity/aws_credentials.h"
#include "net/http.h"

// AWS Security Token Service (API version 2011-06-15): requests and answers. Pure.
namespace keyferry::sts {

// "keyferry-shop-web": what CloudTrail shows for our calls. Cut to the 64 characters, and to the
// letters, that RoleSessionName takes.
std::string session_name_of(std::string_view namespace_name, std::string_view service_account);

// AssumeRoleWithWebIdentity: unsigned, the token is the proof. No DurationSeconds: the server's
// default of one hour is what every role allows.
Request web_identity_request(const std::string& endpoint, std::string_view role_arn,
                             std::string_view session_name, const Secret& token);

// AssumeRole, by credentials of another role; to be signed for service "sts".
Request assume_role_request(const std::string& endpoint, std::string_view role_arn,
                            std::string_view session_name);

// Credentials of either answer. An error says what the role's trust policy must have.
Result<AwsCredentials> read_credentials(const Response& response, WallTime now);

// What an operator has to change when STS refuses a token of this service account.
std::string trust_remedy(std::string_view role_arn, std::string_view namespace_name,
                         std::string_view service_account);

}  // namespace keyferry::sts
