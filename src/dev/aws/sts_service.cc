#include "dev/aws/sts_service.h"

#include <algorithm>

#include "base/strings.h"
#include "dev/vault_reply.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kPodAudience = "pods.eks.amazonaws.com";
constexpr std::string_view kPodPrincipal = "Service pods.eks.amazonaws.com";
constexpr std::chrono::seconds kShortest{900};
constexpr std::chrono::seconds kChainedLongest{3600};

AwsReply denied(std::string message) {
  return aws_refusal("AccessDenied", std::move(message), 403);
}
AwsReply validation(std::string message) {
  return aws_refusal("ValidationError", std::move(message));
}

bool is_session_name(std::string_view name) {
  return name.size() >= 2 && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("_+=,.@-").find(c) != std::string_view::npos;
         });
}

Result<void, AwsReply> check_names(const AwsForm& form) {
  for (const std::string_view name : {"RoleArn", "RoleSessionName"}) {
    if (form_value(form, name).empty()) {
      return validation(cat("1 validation error detected: Value null at '", name,
                            "' failed to satisfy constraint: Member must not be null"));
    }
  }
  if (!is_session_name(form_value(form, "RoleSessionName"))) {
    return validation(
        "1 validation error detected: Value at 'roleSessionName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [\\w+=,.@-]*, length 2 to 64");
  }
  return {};
}

Result<std::chrono::seconds, AwsReply> length_of(const AwsForm& form,
                                                 std::chrono::seconds longest) {
  const std::string_view text = form_value(form, "DurationSeconds");
  if (text.empty()) return std::min(std::chrono::seconds(3600), longest);
  const Json json(text);
  const std::chrono::seconds length(seconds_of(&json, 0));
  if (length < kShortest)
    return validation("The requested DurationSeconds is below the minimum of 900 seconds");
  if (length > longest) {
    return validation(
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  return length;
}

std::string session_xml(const AwsKey& key) {
  return cat(xml_around("Credentials", cat(xml_element("AccessKeyId", key.id),
                                           xml_element("SecretAccessKey", key.secret.expose()),
                                           xml_element("SessionToken", key.session_token.expose()),
                                           xml_element("Expiration", aws_iso_time(*key.expires)))),
             xml_around("AssumedRoleUser", cat(xml_element("AssumedRoleId", key.whose.user_id),
                                               xml_element("Arn", key.whose.arn))));
}

// Whether the role's trust policy lets this identity assume it. One of the same account needs a
// permission of its own too, unless the trust policy names it and not the account as a whole.
bool may_assume(const AwsIam& iam, const AwsIdentity& who, std::string_view arn,
                const AwsRole& role) {
  constexpr std::string_view kAction = "sts:AssumeRole";
  const AwsVerdict own = iam.verdict_on(who, kAction, arn);
  if (own == AwsVerdict::kDenied) return false;
  const auto trusts = [&](const std::string& principal) {
    return judge(role.trust, {kAction, "", principal, who.tags}) == AwsVerdict::kAllowed;
  };
  if (trusts(cat("AWS ", who.arn))) return true;
  if (!who.role.empty() && trusts(cat("AWS ", iam.role_arn(who.role)))) return true;
  const bool account = trusts(cat("AWS arn:aws:iam::", iam.account(), ":root")) ||
                       trusts(cat("AWS ", iam.account()));
  return account && own == AwsVerdict::kAllowed;
}

AwsReply assume_role(AwsIam& iam, const AwsForm& form, const AwsIdentity& who, WallTime now) {
  const std::string_view arn = form_value(form, "RoleArn");
  const auto names = check_names(form);
  if (!names.ok()) return names.error();
  const AwsRole* role = iam.role_of(arn);
  if (who.root) return denied("Roles may not be assumed by root accounts.");
  if (role == nullptr || !may_assume(iam, who, arn, *role)) {
    return denied(
        cat("User: ", who.arn, " is not authorized to perform: sts:AssumeRole on resource: ", arn));
  }
  const auto length =
      length_of(form, who.role.empty() ? role->longest_session
                                       : std::min(role->longest_session, kChainedLongest));
  if (!length.ok()) return length.error();
  return aws_xml(
      session_xml(iam.open_session(arn, form_value(form, "RoleSessionName"), *length, now)));
}

// "system:serviceaccount:web:shop" as {"web", "shop"}; empty texts for anything else.
std::pair<std::string, std::string> account_in(std::string_view subject) {
  const auto parts = split(subject, ':');
  if (parts.size() != 4 || parts[0] != "system" || parts[1] != "serviceaccount") return {};
  return {std::string(parts[2]), std::string(parts[3])};
}

ServerResponse agent_refusal(int status, std::string_view code, std::string_view message) {
  return ServerResponse::of(
      status, "application/json",
      to_text(Json::Object{{"code", Json(code)}, {"message", Json(message)}}));
}

ServerResponse credentials_response(const AwsIam& iam, const AwsKey& key) {
  const Json body = Json::Object{{"AccessKeyId", Json(key.id)},
                                 {"SecretAccessKey", Json(key.secret.expose())},
                                 {"Token", Json(key.session_token.expose())},
                                 {"AccountId", Json(iam.account())},
                                 {"Expiration", Json(aws_iso_time(*key.expires))}};
  return ServerResponse::of(200, "application/json", to_text(body));
}

}  // namespace

AwsReply assume_role_with_web_identity(AwsIam& iam, const AwsForm& form, WallTime now) {
  const std::string_view arn = form_value(form, "RoleArn");
  const auto names = check_names(form);
  if (!names.ok()) return names.error();
  const auto token = iam.verify(form_value(form, "WebIdentityToken"), now);
  if (!token.ok()) return token.error();
  if (!iam.takes_audience(*token))
    return aws_refusal("InvalidIdentityToken", "Incorrect token audience");
  const AwsRole* role = iam.role_of(arn);
  const std::string principal = cat("Federated ", iam.provider_arn(token->provider));
  const std::string provider = to_lower(token->provider);
  const AwsQuestion question{
      "sts:AssumeRoleWithWebIdentity",
      "",
      principal,
      {{cat(provider, ":sub"), {token->subject}}, {cat(provider, ":aud"), token->audiences}}};
  if (role == nullptr || judge(role->trust, question) != AwsVerdict::kAllowed)
    return denied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
  const auto length = length_of(form, role->longest_session);
  if (!length.ok()) return length.error();
  const AwsKey& key = iam.open_session(arn, form_value(form, "RoleSessionName"), *length, now);
  return aws_xml(
      cat(session_xml(key), xml_element("SubjectFromWebIdentityToken", token->subject),
          xml_element("Audience", token->audiences.empty() ? "" : token->audiences.front()),
          xml_element("Provider", iam.provider_arn(token->provider))));
}

AwsReply handle_sts(AwsIam& iam, const AwsForm& form, const AwsIdentity& who, WallTime now) {
  const std::string_view action = form_value(form, "Action");
  if (action == "AssumeRole") return assume_role(iam, form, who, now);
  if (action == "GetCallerIdentity") {
    return aws_xml(cat(xml_element("Arn", who.arn), xml_element("UserId", who.user_id),
                       xml_element("Account", iam.account())));
  }
  return aws_refusal("InvalidAction", cat("Could not find operation ", action));
}

ServerResponse PodIdentityAgent::answer(AwsIam& iam, const ServerRequest& request,
                                        WallTime now) const {
  const std::string_view token = request.header("Authorization");
  if (token.empty())
    return agent_refusal(400, "InvalidRequestException", "Service account token cannot be empty");
  const auto pod = iam.verify(token, now);
  if (!pod.ok()) return agent_refusal(400, pod.error().code, pod.error().message);
  if (std::find(pod->audiences.begin(), pod->audiences.end(), kPodAudience) ==
      pod->audiences.end()) {
    return agent_refusal(400, "InvalidTokenException",
                         cat("the token's audience is not ", kPodAudience));
  }
  const auto [space, account] = account_in(pod->subject);
  const auto association = roles.find(cat(space, '/', account));
  if (association == roles.end()) {
    return agent_refusal(404, "ResourceNotFoundException",
                         cat("no association for service account ", space, '/', account));
  }
  const std::string arn = iam.role_arn(association->second);
  const AwsRole* role = iam.role_of(arn);
  if (role == nullptr ||
      judge(role->trust, {"sts:AssumeRole", "", kPodPrincipal, {}}) != AwsVerdict::kAllowed) {
    return agent_refusal(
        403, "AccessDeniedException",
        cat("role ", arn, " does not let pods.eks.amazonaws.com assume it (sts:AssumeRole)"));
  }
  const AwsKey& key =
      iam.open_session(arn, cat("eks-", account), role->longest_session, now,
                       {{"aws:principaltag/kubernetes-namespace", {space}},
                        {"aws:principaltag/kubernetes-service-account", {account}}});
  return credentials_response(iam, key);
}

}  // namespace keyferry::dev
