#include "identity/sts.h"

#include "base/encoding.h"
#include "base/strings.h"
#include "base/timestamp.h"
#include "formats/xml.h"
#include "identity/aws_error.h"

namespace keyferry::sts {

namespace {

constexpr std::size_t kLongestSessionName = 64;

// RoleSessionName: [\w+=,.@-]*
bool is_session_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_+=,.@-").find(c) != std::string_view::npos;
}

Request action_request(const std::string& endpoint, std::string_view action,
                       std::string_view role_arn, std::string_view session_name) {
  Request request;
  request.method = "POST";
  request.url = endpoint.ends_with('/') ? endpoint : endpoint + '/';
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/xml"}};
  request.body.append(cat("Action=", action,
                          "&Version=2011-06-15&RoleArn=", percent_encode(role_arn),
                          "&RoleSessionName=", percent_encode(session_name)));
  return request;
}

}  // namespace

std::string session_name_of(std::string_view namespace_name, std::string_view service_account) {
  std::string name =
      cat("keyferry-", namespace_name, namespace_name.empty() ? "" : "-", service_account);
  for (char& c : name) {
    if (!is_session_character(c)) c = '-';
  }
  return name.substr(0, kLongestSessionName);
}

Request web_identity_request(const std::string& endpoint, std::string_view role_arn,
                             std::string_view session_name, const Secret& token) {
  Request request = action_request(endpoint, "AssumeRoleWithWebIdentity", role_arn, session_name);
  std::string encoded = percent_encode(token.expose());
  request.body.append("&WebIdentityToken=");
  request.body.append(encoded);
  wipe(encoded.data(), encoded.size());
  return request;
}

Request assume_role_request(const std::string& endpoint, std::string_view role_arn,
                            std::string_view session_name) {
  return action_request(endpoint, "AssumeRole", role_arn, session_name);
}

Result<AwsCredentials> read_credentials(const Response& response, WallTime now) {
  if (response.status != 200) return aws_error_of(response, now);
  KF_ASSIGN(const Xml answer, Xml::parse(response.body.expose()).with_context("answer of STS"));
  for (const std::string_view action : {"AssumeRoleWithWebIdentity", "AssumeRole"}) {
    const std::string above = cat(action, "Response/", action, "Result/Credentials/");
    const auto secret_at = [&](std::string_view name) {
      std::string text = answer.text_at(cat(above, name));
      return Secret::take(text);
    };
    AwsCredentials credentials{answer.text_at(cat(above, "AccessKeyId")),
                               secret_at("SecretAccessKey"),
                               secret_at("SessionToken"),
                               {}};
    if (credentials.access_key_id.empty()) continue;
    const auto expires = parse_timestamp(answer.text_at(cat(above, "Expiration")));
    if (credentials.secret_access_key.empty() || credentials.session_token.empty() ||
        !expires.ok()) {
      break;
    }
    credentials.expires = *expires;
    return credentials;
  }
  return Error(ErrorCode::kInternal, "the answer holds no credentials; is this an STS endpoint?");
}

std::string trust_remedy(std::string_view role_arn, std::string_view namespace_name,
                         std::string_view service_account) {
  return cat("the trust policy of ", role_arn,
             " must allow sts:AssumeRoleWithWebIdentity to the cluster's OIDC provider with sub "
             "'system:serviceaccount:",
             namespace_name, ':', service_account, "' and aud 'sts.amazonaws.com'");
}

}  // namespace keyferry::sts
