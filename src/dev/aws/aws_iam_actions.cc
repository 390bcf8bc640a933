// The few actions of IAM's API by which a test makes and changes roles while the store runs.
#include "base/strings.h"
#include "dev/aws/aws_iam.h"

namespace keyferry::dev {
namespace {

AwsReply no_such(std::string_view what, std::string_view name) {
  return aws_refusal("NoSuchEntity", cat("The ", what, " with name ", name, " cannot be found."),
                     404);
}

Result<AwsPolicy, AwsReply> policy_in(const AwsForm& form, std::string_view member) {
  const auto json = parse_json(form_value(form, member));
  auto policy = json.ok() ? parse_aws_policy(*json) : Result<AwsPolicy>(json.error());
  if (!policy.ok()) return aws_refusal("MalformedPolicyDocument", policy.error().message());
  return std::move(*policy);
}

}  // namespace

AwsReply AwsIam::handle(const AwsForm& form, const AwsIdentity& who) {
  const std::string_view action = form_value(form, "Action");
  const std::string name(form_value(form, "RoleName"));
  const std::string permission = cat("iam:", action);
  if (!allows(who, permission, role_arn(name))) {
    return aws_refusal("AccessDenied",
                       cat("User: ", who.arn, " is not authorized to perform: ", permission,
                           " on resource: ", role_arn(name)),
                       403);
  }
  if (action == "CreateRole") return create_role(name, form);
  const auto role = roles_.find(name);
  if (role == roles_.end()) return no_such("role", name);
  if (action == "DeleteRole") {
    roles_.erase(role);
    return aws_xml("");
  }
  return change_role(role->second, action, form);
}

AwsReply AwsIam::create_role(const std::string& name, const AwsForm& form) {
  if (name.empty() || name.find_first_of(" /:") != std::string::npos)
    return aws_refusal("ValidationError", "The specified value for roleName is invalid.");
  if (roles_.contains(name))
    return aws_refusal("EntityAlreadyExists", cat("Role with name ", name, " already exists."),
                       409);
  auto trust = policy_in(form, "AssumeRolePolicyDocument");
  if (!trust.ok()) return trust.error();
  AwsRole role;
  role.id = cat("AROA", aws_upper_id(17));
  role.trust = std::move(*trust);
  const std::string id = role.id;
  roles_.emplace(name, std::move(role));
  return aws_xml(xml_around(
      "Role",
      cat(xml_element("Path", "/"), xml_element("RoleName", name), xml_element("RoleId", id),
          xml_element("Arn", role_arn(name)), xml_element("CreateDate", "2026-01-01T00:00:00Z"))));
}

AwsReply AwsIam::change_role(AwsRole& role, std::string_view action, const AwsForm& form) {
  const std::string policy_name(form_value(form, "PolicyName"));
  if (action == "DeleteRolePolicy") {
    return role.policies.erase(policy_name) == 0 ? no_such("role policy", policy_name)
                                                 : aws_xml("");
  }
  if (action != "UpdateAssumeRolePolicy" && action != "PutRolePolicy")
    return aws_refusal("InvalidAction", cat("Could not find operation ", action));
  auto policy = policy_in(form, "PolicyDocument");
  if (!policy.ok()) return policy.error();
  if (action == "PutRolePolicy") {
    role.policies.insert_or_assign(policy_name, std::move(*policy));
  } else {
    role.trust = std::move(*policy);
  }
  return aws_xml("");
}

}  // namespace keyferry::dev
