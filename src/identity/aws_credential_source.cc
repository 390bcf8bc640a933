#include "identity/aws_credential_source.h"

#include <algorithm>

#include "base/strings.h"
#include "identity/aws_error.h"
#include "identity/pod_identity.h"
#include "identity/sigv4.h"
#include "identity/sts.h"
#include "net/digest.h"
#include "net/retry.h"

namespace keyferry {

namespace {

constexpr auto kLongestRequest = std::chrono::seconds(20);
// Credentials with less left are got anew: a fetch that begins with them may take its time.
constexpr auto kSpare = std::chrono::minutes(5);

std::string key_of(const AwsIdentity& identity) {
  std::string key = identity.login == AwsLogin::kWebIdentity ? "web" : "pod";
  const std::string agents = join(identity.pod_identity_agents, " ");
  for (const std::string_view part : std::initializer_list<std::string_view>{
           identity.namespace_name, identity.service_account, identity.region,
           identity.sts_endpoint, identity.role_arn, identity.assume_role_arn, agents}) {
    key += cat(':', part.size(), ':', part);
  }
  return key;
}

void prepare(Request& request, const Patience& patience) {
  request.stop = patience.stop;
  request.priority = patience.priority;
  request.asks_for_less = aws_asks_for_less;
}

// Until when credentials are given: those that live shorter than the spare time, for half of it.
std::optional<WallTime> use_until(const AwsCredentials& credentials, WallTime now) {
  if (!credentials.expires) return std::nullopt;
  return std::max(*credentials.expires - kSpare, now + (*credentials.expires - now) / 2);
}

// Of trouble that is the service's own.
Error with_service_remedy(Error error, std::string_view service) {
  switch (error.code()) {
    case ErrorCode::kUnavailable:
      return std::move(error).with_remedy(
          cat("it is asked again; if it lasts, look at the health of ", service));
    case ErrorCode::kResourceExhausted:
      return std::move(error).with_remedy(
          cat(service, " is asked too often; look less often, or raise the account's quota"));
    default:
      return error;
  }
}

}  // namespace

Result<AwsCredentialSource::CredentialsPtr> AwsCredentialSource::credentials(
    const AwsIdentity& identity, TokenSource& tokens, const Patience& patience) {
  const std::string key = key_of(identity);
  if (auto fresh = held(key)) return fresh;
  return flights_.run(key, patience, [&]() -> Result<CredentialsPtr> {
    if (auto fresh = held(key)) return fresh;  // somebody got them meanwhile
    KF_ASSIGN(auto got, log_in(identity, tokens, patience));
    const WallTime now = clock_.wall_now();
    const std::lock_guard lock(mutex_);
    prune_.before_insertion(held_,
                            [now](const auto& entry) { return entry.second.has_ended(now); });
    held_[key] = {got, use_until(*got, now)};
    return got;
  });
}

AwsCredentialSource::CredentialsPtr AwsCredentialSource::held(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(key);
  if (found == held_.end() || found->second.has_ended(clock_.wall_now())) return nullptr;
  return found->second.credentials;
}

void AwsCredentialSource::forget(const AwsIdentity& identity, const CredentialsPtr& refused) {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(key_of(identity));
  if (found != held_.end() && found->second.credentials == refused) held_.erase(found);
}

Result<AwsCredentialSource::CredentialsPtr> AwsCredentialSource::log_in(const AwsIdentity& identity,
                                                                        TokenSource& tokens,
                                                                        const Patience& patience) {
  KF_ASSIGN(AwsCredentials got, identity.login == AwsLogin::kWebIdentity
                                    ? by_web_identity(identity, tokens, patience)
                                    : by_pod_identity(identity, tokens, patience));
  if (!identity.assume_role_arn.empty()) {
    KF_ASSIGN(got, assume_role(identity, got, patience));
  }
  return std::make_shared<const AwsCredentials>(std::move(got));
}

Result<AwsCredentials> AwsCredentialSource::by_web_identity(const AwsIdentity& identity,
                                                            TokenSource& tokens,
                                                            const Patience& patience) {
  const std::string& endpoint = identity.sts_endpoint;
  const auto name = sts::session_name_of(identity.namespace_name, identity.service_account);
  Secret token;
  const auto answer = send(
      [&]() -> Result<Request> {
        KF_ASSIGN(token, tokens.token(kWebIdentityAudience));
        return sts::web_identity_request(endpoint, identity.role_arn, name, token);
      },
      patience);
  const std::string context = cat("assume role ", identity.role_arn, " at ", endpoint);
  if (!answer.ok()) {
    return answer.error().with_context(context).with_remedy("is STS reachable from here?");
  }
  auto credentials = sts::read_credentials(*answer, clock_.wall_now()).with_context(context);
  if (credentials.ok()) return credentials;
  Error error = std::move(credentials).error().without(token);
  const bool refused =
      error.code() == ErrorCode::kPermissionDenied || error.code() == ErrorCode::kUnauthenticated;
  if (!refused) return with_service_remedy(std::move(error), "STS");
  return std::move(error).with_remedy(
      sts::trust_remedy(identity.role_arn, identity.namespace_name, identity.service_account));
}

Result<AwsCredentials> AwsCredentialSource::by_pod_identity(const AwsIdentity& identity,
                                                            TokenSource& tokens,
                                                            const Patience& patience) {
  Secret token;
  const auto answer = ask_agents(identity.pod_identity_agents, tokens, token, patience);
  const std::string context =
      cat("Pod Identity agent at ", join(identity.pod_identity_agents, " and "));
  if (!answer.ok()) {
    return answer.error().with_context(context).with_remedy(
        "is the add-on eks-pod-identity-agent installed on this node?");
  }
  auto credentials =
      pod_identity::read_credentials(*answer, clock_.wall_now()).with_context(context);
  if (credentials.ok()) return credentials;
  return with_service_remedy(std::move(credentials).error().without(token),
                             "the agent on this node");
}

Result<AwsCredentials> AwsCredentialSource::assume_role(const AwsIdentity& identity,
                                                        const AwsCredentials& first,
                                                        const Patience& patience) {
  const std::string& endpoint = identity.sts_endpoint;
  const auto name = sts::session_name_of(identity.namespace_name, identity.service_account);
  const auto answer = send(
      [&]() -> Result<Request> {
        Request request = sts::assume_role_request(endpoint, identity.assume_role_arn, name);
        const sigv4::Scope scope{identity.region, "sts", clock_.wall_now()};
        KF_TRY(sign(request, first, scope, sigv4::PathRule::kEncodedAgain));
        return request;
      },
      patience);
  const std::string context = cat("assume role ", identity.assume_role_arn, " at ", endpoint);
  if (!answer.ok()) {
    return answer.error().with_context(context).with_remedy("is STS reachable from here?");
  }
  auto credentials = sts::read_credentials(*answer, clock_.wall_now()).with_context(context);
  if (credentials.ok()) return credentials;
  Error error = std::move(credentials).error().without(first.session_token);
  if (error.code() != ErrorCode::kPermissionDenied) {
    return with_service_remedy(std::move(error), "STS");
  }
  return std::move(error).with_remedy(
      cat("the trust policy of ", identity.assume_role_arn,
          " must allow sts:AssumeRole to the first role, and that one's own policy "
          "too"));
}

// Every try is made anew: tokens are renewed and signatures grow old meanwhile.
Result<Response> AwsCredentialSource::send(const std::function<Result<Request>()>& made,
                                           const Patience& patience) {
  return repeat(
      [&](Deadline deadline) -> Result<Response> {
        KF_ASSIGN(Request request, made());
        prepare(request, patience);
        return http_.send(request, deadline);
      },
      patience);
}

// A node without IPv4, or without IPv6, has the agent at the other address only: each try goes to
// the first that can be reached.
Result<Response> AwsCredentialSource::ask_agents(const std::vector<std::string>& agents,
                                                 TokenSource& tokens, Secret& token,
                                                 const Patience& patience) {
  return repeat(
      [&](Deadline deadline) -> Result<Response> {
        KF_ASSIGN(token, tokens.token(kPodIdentityAudience));
        Result<Response> answer = Error(ErrorCode::kInternal, "no address of an agent is known");
        for (const std::string& agent : agents) {
          Request request = pod_identity::credentials_request(agent, token);
          prepare(request, patience);
          answer = http_.send(request, deadline);
          if (answer.ok() || answer.error().code() != ErrorCode::kUnavailable) break;
        }
        return answer;
      },
      patience);
}

Result<Response> AwsCredentialSource::repeat(
    const std::function<Result<Response>(Deadline)>& one_try, const Patience& patience) {
  const RetryScope scope{clock_, patience.deadline, patience.stop, random_share};
  const auto complaint = [&](const Response& answer) {
    return aws_complaint_worth_a_retry(answer, clock_.wall_now());
  };
  return exchange_with_retries(RetryPolicy(), scope, {one_try, complaint, kLongestRequest});
}

}  // namespace keyferry
