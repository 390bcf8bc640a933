#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "dev/aws/aws_iam.h"
#include "dev/aws/parameter_store.h"
#include "dev/aws/secrets_manager.h"
#include "dev/aws/sigv4_check.h"
#include "dev/aws/sts_service.h"
#include "dev/face.h"

namespace keyferry::dev {

// What an AWS face gets beside its seed.
struct AwsFaceOptions {
  std::string root_secret;  // secret key of the access key "dev-root", which may do everything
  std::string login_key;    // public PEM, for OIDC providers of the seed without keys; or empty
};

// AWS as a pod needs it, at one address: Secrets Manager, Parameter Store, STS, a few actions of
// IAM and the EKS Pod Identity agent (/v1/credentials). The scope of a signature tells service and
// region, as there are no host names to tell them.
class AwsFace final : public Face {
 public:
  // {"account", "region", "regions": [those that exist; any without it], "oidc_providers",
  // "users", "roles", "pod_identity": {"web/shop": "role"}, "secrets", "parameters",
  // "other_regions": {"us-east-1": {"secrets", "parameters"}}}; every member may be missing (see
  // AwsIam for roles). With a login key and no provider there is that of the `token` verb's issuer.
  static Result<std::unique_ptr<AwsFace>> from_seed(Clock& clock, const Json& seed,
                                                    const AwsFaceOptions& options);

  ServerResponse answer(const ServerRequest& request) override;
  ServerResponse refuse(int status, const std::string& message) const override;
  ServerResponse fail_as(const Fault& fault, const ServerRequest& request) const override;
  std::string name_of(const ServerRequest& request) const override;
  // POST /dev/seed: what a seed may say, added to what is there.
  ServerResponse answer_dev(const ServerRequest& request) override;

 private:
  struct Region {
    SecretsManager secrets;
    ParameterStore parameters;
  };

  AwsFace(Clock& clock, const Json& seed, const AwsFaceOptions& options);

  // aws_seed.cc
  Status add(const Json& seed);
  Status seed_identities(const Json& seed);
  Status seed_providers(const Json& providers);
  Status seed_region(const std::string& name, const Json& json);

  AwsReply answer_json(const ServerRequest& request, std::string_view target);
  AwsReply answer_query(const ServerRequest& request);
  AwsReply call(std::string_view service, const std::string& region, const AwsCall& call);
  Result<const AwsKey*, AwsReply> signer_of(const ServerRequest& request,
                                            std::string_view service) const;
  Region& region(const std::string& name);

  Clock& clock_;
  const std::string login_key_;
  const std::string usual_region_;
  std::mutex mutex_;  // of everything below
  AwsIam iam_;
  PodIdentityAgent agent_;
  std::set<std::string, std::less<>> known_regions_;  // empty: all
  std::map<std::string, Region, std::less<>> regions_;
};

}  // namespace keyferry::dev
