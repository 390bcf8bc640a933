#pragma once

#include "base/clock.h"
#include "dev/aws/aws_iam.h"
#include "dev/aws/aws_reply.h"
#include "net/http_server.h"

namespace keyferry::dev {

// AWS Security Token Service: sessions of roles for tokens of a cluster and for other identities.

// AssumeRoleWithWebIdentity, which nobody signs: the token is the proof.
AwsReply assume_role_with_web_identity(AwsIam& iam, const AwsForm& form, WallTime now);

// AssumeRole and GetCallerIdentity, signed by `who`.
AwsReply handle_sts(AwsIam& iam, const AwsForm& form, const AwsIdentity& who, WallTime now);

// What the EKS Pod Identity agent of a node gives a pod: GET /v1/credentials with the pod's token
// in Authorization. `role_name_of` tells the role associated with "NAMESPACE/ACCOUNT", "" for none.
struct PodIdentityAgent {
  std::map<std::string, std::string, std::less<>> roles;  // "web/shop" → name of a role

  ServerResponse answer(AwsIam& iam, const ServerRequest& request, WallTime now) const;
};

}  // namespace keyferry::dev
