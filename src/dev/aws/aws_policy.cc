#include "dev/aws/aws_policy.h"

#include <algorithm>

#include "base/strings.h"
#include "dev/aws/aws_reply.h"
#include "dev/vault_reply.h"

namespace keyferry::dev {
namespace {

Error wrong(std::size_t number, std::string_view what) {
  return {ErrorCode::kInvalidArgument, cat("policy: statement ", number, ": ", what)};
}

// A member that may be one text or a list of them.
std::vector<std::string> one_or_more(const Json* value) {
  if (value != nullptr && value->as_string() != nullptr) return {*value->as_string()};
  return texts_of(value);
}

struct Operator {
  std::string_view name;
  bool negated;
  bool wildcards;
};
constexpr Operator kOperators[] = {
    {"StringEquals", false, false}, {"StringNotEquals", true, false}, {"StringLike", false, true},
    {"StringNotLike", true, true},  {"ArnEquals", false, true},       {"ArnLike", false, true},
};

const Operator* operator_of(std::string_view name) {
  for (const std::string_view prefix : {"ForAnyValue:", "ForAllValues:"}) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  const auto found = std::find_if(std::begin(kOperators), std::end(kOperators),
                                  [&](const Operator& one) { return one.name == name; });
  return found == std::end(kOperators) ? nullptr : found;
}

Status read_conditions(const Json& blocks, std::size_t number, AwsStatement& statement) {
  if (blocks.as_object() == nullptr) return wrong(number, "Condition is not an object");
  for (const auto& [name, keys] : *blocks.as_object()) {
    const Operator* known = operator_of(name);
    if (known == nullptr) return wrong(number, cat("condition operator '", name, "' is not known"));
    if (keys.as_object() == nullptr) return wrong(number, cat(name, " is not an object"));
    for (const auto& [key, values] : *keys.as_object()) {
      statement.conditions.push_back(
          {to_lower(key), known->negated, known->wildcards, one_or_more(&values)});
    }
  }
  return {};
}

void read_principals(const Json& value, AwsStatement& statement) {
  if (value.as_string() != nullptr) statement.principals.push_back(*value.as_string());
  if (value.as_object() == nullptr) return;
  for (const auto& [kind, names] : *value.as_object()) {
    for (const std::string& name : one_or_more(&names)) {
      statement.principals.push_back(name == "*" ? name : cat(kind, ' ', name));
    }
  }
}

Result<AwsStatement> read_statement(const Json& json, std::size_t number) {
  constexpr std::string_view kKnown[] = {"Sid",      "Effect",    "Action",
                                         "Resource", "Principal", "Condition"};
  if (json.as_object() == nullptr) return wrong(number, "not an object");
  for (const auto& [name, value] : *json.as_object()) {
    if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown))
      return wrong(number, cat("'", name, "' is not known"));
  }
  AwsStatement statement;
  const std::string_view effect = json.text_of("Effect");
  if (effect != "Allow" && effect != "Deny") return wrong(number, "Effect must be Allow or Deny");
  statement.allow = effect == "Allow";
  statement.actions = one_or_more(json.find("Action"));
  if (statement.actions.empty()) return wrong(number, "Action is missing");
  statement.resources = one_or_more(json.find("Resource"));
  if (const Json* principal = json.find("Principal")) read_principals(*principal, statement);
  if (statement.resources.empty() == statement.principals.empty())
    return wrong(number, "one of Resource and Principal must be there");
  if (const Json* blocks = json.find("Condition"))
    KF_TRY(read_conditions(*blocks, number, statement));
  return statement;
}

bool any_fits(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return fits_wildcards(pattern, text); });
}

bool names_action(const AwsStatement& statement, std::string_view action) {
  const std::string wanted = to_lower(action);
  return std::any_of(statement.actions.begin(), statement.actions.end(),
                     [&](const std::string& one) { return fits_wildcards(to_lower(one), wanted); });
}

bool holds(const AwsStatement::Condition& condition, const AwsQuestion& question) {
  const auto found = question.context.find(condition.key);
  if (found == question.context.end()) return condition.negated;
  const auto fits = [&](const std::string& value) {
    return condition.wildcards ? any_fits(condition.values, value)
                               : std::find(condition.values.begin(), condition.values.end(),
                                           value) != condition.values.end();
  };
  return std::any_of(found->second.begin(), found->second.end(), fits) != condition.negated;
}

bool concerns(const AwsStatement& statement, const AwsQuestion& question) {
  if (!names_action(statement, question.action)) return false;
  const bool whom = question.principal.empty()
                        ? any_fits(statement.resources, question.resource)
                        : std::any_of(statement.principals.begin(), statement.principals.end(),
                                      [&](const std::string& one) {
                                        return one == "*" || one == question.principal;
                                      });
  return whom &&
         std::all_of(statement.conditions.begin(), statement.conditions.end(),
                     [&](const AwsStatement::Condition& one) { return holds(one, question); });
}

}  // namespace

Result<AwsPolicy> parse_aws_policy(const Json& document) {
  const Json* list = document.find("Statement");
  if (list == nullptr)
    return Error(ErrorCode::kInvalidArgument, "policy: the member 'Statement' is missing");
  const Json::Array alone{*list};
  const Json::Array& statements = list->as_array() == nullptr ? alone : *list->as_array();
  AwsPolicy policy;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    KF_ASSIGN(AwsStatement statement, read_statement(statements[i], i + 1));
    policy.push_back(std::move(statement));
  }
  return policy;
}

AwsVerdict judge(const AwsPolicy& policy, const AwsQuestion& question) {
  AwsVerdict verdict = AwsVerdict::kNotAllowed;
  for (const AwsStatement& statement : policy) {
    if (!concerns(statement, question)) continue;
    if (!statement.allow) return AwsVerdict::kDenied;
    verdict = AwsVerdict::kAllowed;
  }
  return verdict;
}

}  // namespace keyferry::dev
