#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "dev/aws/aws_policy.h"
#include "dev/aws/aws_reply.h"
#include "formats/json.h"

namespace keyferry::dev {

// Who signed a request.
struct AwsIdentity {
  std::string arn;      // of the user, or of the session of a role
  std::string user_id;  // "AIDA…", "AROA…:session"
  std::string user;     // name; "" for a role's session and for root
  std::string role;     // name of the role of a session
  bool root = false;
  std::map<std::string, std::vector<std::string>, std::less<>> tags;  // as condition keys
};

// An access key, of a user for good or of a role's session until it ends.
struct AwsKey {
  std::string id;
  Secret secret;
  Secret session_token;  // empty for users
  std::optional<WallTime> expires;
  AwsIdentity whose;
};

struct AwsRole {
  std::string id;  // "AROA…"
  AwsPolicy trust;
  std::map<std::string, AwsPolicy, std::less<>> policies;  // inline, by name
  std::chrono::seconds longest_session{3600};
  std::optional<std::chrono::seconds> session;  // what every session lasts, for tests of expiry
};

// A token of a cluster, verified. Audiences have not been compared with anything yet.
struct AwsWebIdentity {
  std::string provider;  // the issuer without "https://"
  std::vector<std::string> audiences;
  std::string subject;
  Json claims;
};

// Users, roles, OIDC providers and the sessions of one account. Not thread-safe.
class AwsIam {
 public:
  explicit AwsIam(std::string account) : account_(std::move(account)) {}

  const std::string& account() const { return account_; }
  std::string role_arn(std::string_view name) const;
  std::string provider_arn(std::string_view name) const;

  void add_root_key(const std::string& id, std::string_view secret);
  // kInvalidArgument names the member that is wrong.
  Status add_user(const std::string& name, const Json& json);
  // {"trust": document, "policies": {name: document}, "session_seconds", "max_session_seconds"}
  Status add_role(const std::string& name, const Json& json);
  // {"pem_keys": […], "audiences": […]}
  Status add_provider(const std::string& issuer, const Json& json);

  // Null when unknown; a session's key is unknown once its role is gone.
  const AwsKey* find_key(std::string_view id) const;
  // The role of this ARN; null when there is none, and for an ARN of another account.
  const AwsRole* role_of(std::string_view arn) const;
  // The audiences that a provider's tokens may be made for.
  bool takes_audience(const AwsWebIdentity& who) const;

  bool allows(const AwsIdentity& who, std::string_view action, std::string_view resource) const;
  AwsVerdict verdict_on(const AwsIdentity& who, std::string_view action,
                        std::string_view resource) const;

  // The refusal is STS's.
  Result<AwsWebIdentity, AwsReply> verify(std::string_view token, WallTime now) const;

  const AwsKey& open_session(std::string_view role_arn, std::string_view session_name,
                             std::chrono::seconds length, WallTime now,
                             decltype(AwsIdentity::tags) tags = {});

  // aws_iam_actions.cc: CreateRole, DeleteRole, UpdateAssumeRolePolicy, PutRolePolicy,
  // DeleteRolePolicy; for those the identity may call.
  AwsReply handle(const AwsForm& form, const AwsIdentity& who);

 private:
  struct Provider {
    std::vector<std::string> keys;
    std::vector<std::string> audiences;
  };
  struct User {
    std::vector<AwsPolicy> policies;
  };

  AwsReply create_role(const std::string& name, const AwsForm& form);
  AwsReply change_role(AwsRole& role, std::string_view action, const AwsForm& form);
  std::string name_in(std::string_view role_arn) const;

  std::string account_;
  std::map<std::string, AwsKey, std::less<>> keys_;
  std::map<std::string, User, std::less<>> users_;
  std::map<std::string, AwsRole, std::less<>> roles_;
  std::map<std::string, Provider, std::less<>> providers_;
};

}  // namespace keyferry::dev
