#include "identity/pod_identity.h"

#include "base/strings.h"
#include "base/timestamp.h"
#include "formats/json.h"
#include "identity/aws_error.h"

namespace keyferry::pod_identity {

Request credentials_request(const std::string& endpoint, const Secret& token) {
  Request request;
  request.url = cat(endpoint, "/v1/credentials");
  request.secret_headers.push_back({"Authorization", token.copy()});
  request.proxy = ProxyUse::kNever;
  return request;
}

Result<AwsCredentials> read_credentials(const Response& response, WallTime now) {
  if (response.status != 200) {
    return aws_error_of(response, now)
        .with_remedy("the cluster needs a pod identity association for this service account");
  }
  KF_ASSIGN(const Json body,
            parse_json(response.body.expose()).with_context("answer of the Pod Identity agent"));
  AwsCredentials credentials{std::string(body.text_of("AccessKeyId")),
                             Secret(body.text_of("SecretAccessKey")),
                             Secret(body.text_of("Token")),
                             {}};
  const auto expires = parse_timestamp(body.text_of("Expiration"));
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty() ||
      credentials.session_token.empty() || !expires.ok()) {
    return Error(ErrorCode::kInternal,
                 "the Pod Identity agent's answer holds no whole credentials with an expiration");
  }
  credentials.expires = *expires;
  return credentials;
}

}  // namespace keyferry::pod_identity
