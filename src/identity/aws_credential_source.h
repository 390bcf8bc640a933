#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/doubling_prune.h"
#include "base/result.h"
#include "base/single_flight.h"
#include "identity/aws_credentials.h"
#include "identity/token_source.h"
#include "net/http.h"

namespace keyferry {

enum class AwsLogin { kWebIdentity, kPodIdentity };  // IRSA; EKS Pod Identity

// Whose credentials are wanted. Everything in it is part of what they are kept under: two service
// accounts never share any.
struct AwsIdentity {
  AwsLogin login = AwsLogin::kWebIdentity;
  std::string namespace_name;
  std::string service_account;
  std::string region;
  std::string sts_endpoint;     // "https://sts.eu-west-1.amazonaws.com"
  std::string role_arn;         // kWebIdentity: the account's eks.amazonaws.com/role-arn
  std::string assume_role_arn;  // a second role, assumed by the first; "" for none
  // kPodIdentity: where the node's agent may be, "http://169.254.170.23"; the first that is there
  std::vector<std::string> pod_identity_agents;
};

inline constexpr const char* kWebIdentityAudience = "sts.amazonaws.com";
inline constexpr const char* kPodIdentityAudience = "pods.eks.amazonaws.com";

// Credentials of AWS for service accounts: got for a token, kept until shortly before they end, and
// asked for once however many want them. Any thread may call; no lock is held while anybody is
// asked. References outlive it.
class AwsCredentialSource {
 public:
  using CredentialsPtr = std::shared_ptr<const AwsCredentials>;

  AwsCredentialSource(Http& http, Clock& clock) : http_(http), clock_(clock), flights_(clock) {}

  // Good for at least a few minutes more. Errors say which token, role or trust policy is wrong.
  Result<CredentialsPtr> credentials(const AwsIdentity& identity, TokenSource& tokens,
                                     const Patience& patience);

  // Credentials that a service refused are not given again.
  void forget(const AwsIdentity& identity, const CredentialsPtr& refused);

 private:
  struct Held {
    CredentialsPtr credentials;
    std::optional<WallTime> use_until;
    bool has_ended(WallTime now) const { return use_until && *use_until <= now; }
  };

  Result<CredentialsPtr> log_in(const AwsIdentity& identity, TokenSource& tokens,
                                const Patience& patience);
  Result<AwsCredentials> by_web_identity(const AwsIdentity& identity, TokenSource& tokens,
                                         const Patience& patience);
  Result<AwsCredentials> by_pod_identity(const AwsIdentity& identity, TokenSource& tokens,
                                         const Patience& patience);
  Result<AwsCredentials> assume_role(const AwsIdentity& identity, const AwsCredentials& first,
                                     const Patience& patience);
  Result<Response> send(const std::function<Result<Request>()>& made, const Patience& patience);
  Result<Response> ask_agents(const std::vector<std::string>& agents, TokenSource& tokens,
                              Secret& token, const Patience& patience);
  Result<Response> repeat(const std::function<Result<Response>(Deadline)>& one_try,
                          const Patience& patience);
  CredentialsPtr held(const std::string& key);

  Http& http_;
  Clock& clock_;
  SingleFlight<CredentialsPtr> flights_;
  std::mutex mutex_;
  std::map<std::string, Held> held_;
  DoublingPrune prune_;
};

}  // namespace keyferry
