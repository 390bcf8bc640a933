#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/json.h"

namespace keyferry::dev {

// One statement of an IAM policy document.
struct AwsStatement {
  struct Condition {
    std::string key;  // lower case; keys are compared without regard to case
    bool negated = false;
    bool wildcards = false;  // StringLike
    std::vector<std::string> values;
  };
  bool allow = true;
  std::vector<std::string> actions;     // "secretsmanager:Get*"
  std::vector<std::string> resources;   // empty in a trust policy
  std::vector<std::string> principals;  // "Federated arn:…", "AWS arn:…", "Service …"; "*"
  std::vector<Condition> conditions;    // all must hold
};

// A policy document: of a role's permissions, or of who may assume it.
using AwsPolicy = std::vector<AwsStatement>;

// kInvalidArgument names the statement and the member that is wrong or not known here.
Result<AwsPolicy> parse_aws_policy(const Json& document);

// What is asked, for evaluation.
struct AwsQuestion {
  std::string_view action;
  std::string_view resource;   // "" when a trust policy is asked
  std::string_view principal;  // "" when an identity's own policies are asked
  // Condition keys in lower case; one of several values is enough to be equal.
  std::map<std::string, std::vector<std::string>, std::less<>> context;
};

enum class AwsVerdict { kNotAllowed, kAllowed, kDenied };

// An explicit deny wins, else one allow is enough.
AwsVerdict judge(const AwsPolicy& policy, const AwsQuestion& question);

}  // namespace keyferry::dev
