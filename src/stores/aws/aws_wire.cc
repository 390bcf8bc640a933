#include "stores/aws/aws_wire.h"

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "base/strings.h"
#include "formats/arn.h"
#include "identity/aws_error.h"

namespace keyferry::stores::aws {

namespace {

constexpr std::string_view kCurrentStage = "AWSCURRENT";

Request action_request(const std::string& endpoint, std::string_view target, const Json& body) {
  Request request;
  request.method = "POST";
  request.url = endpoint + "/";
  request.headers = {{"Content-Type", "application/x-amz-json-1.1"},
                     {"X-Amz-Target", std::string(target)}};
  request.body = Secret(to_text(body));
  return request;
}

Json secret_body(const ObjectQuery& query) {
  Json body(Json::Object{});
  body.set("SecretId", query.id);
  if (!query.version.empty()) body.set("VersionId", query.version);
  if (!query.label.empty()) body.set("VersionStage", query.label);
  return body;
}

Result<Json> read_body(const Response& response) {
  return parse_json(response.body.expose()).with_context("answer of AWS");
}

// SecretString, or the bytes of SecretBinary.
Result<Value> value_of_secret(const Json& secret) {
  const std::string version(secret.text_of("VersionId"));
  if (const Json* text = secret.find("SecretString"); text != nullptr && text->as_string()) {
    return Value{Secret(*text->as_string()), version};
  }
  const Json* binary = secret.find("SecretBinary");
  if (binary == nullptr || binary->as_string() == nullptr) {
    return Error(ErrorCode::kNotFound, "the secret has no value yet; put one with PutSecretValue");
  }
  KF_ASSIGN(Secret bytes,
            base64_decode(*binary->as_string()).with_context("SecretBinary in the answer"));
  return Value{std::move(bytes), version};
}

// The secrets of an answer by every id that may ask for them: a name, an ARN, an ARN without its
// six random characters.
using SecretsById = std::map<std::string_view, const Json*>;
SecretsById secrets_by_id(const Json::Array& secrets) {
  constexpr std::size_t kSuffix = std::string_view("-AbCdEf").size();
  SecretsById by_id;
  for (const Json& secret : secrets) {
    const std::string_view arn = secret.text_of("ARN");
    by_id[secret.text_of("Name")] = &secret;
    by_id[arn] = &secret;
    if (arn.size() <= kSuffix || arn[arn.size() - kSuffix] != '-') continue;
    by_id.try_emplace(arn.substr(0, arn.size() - kSuffix), &secret);
  }
  by_id.erase("");
  return by_id;
}

const Json::Array& list_of(const Json& body, std::string_view name) {
  static const Json::Array none;
  const Json* list = body.find(name);
  return list == nullptr || list->as_array() == nullptr ? none : *list->as_array();
}

bool names_parameter(const ObjectQuery& query, const Json& parameter) {
  return query.id == parameter.text_of("Name") || query.id == parameter.text_of("ARN") ||
         selector_of(query) == parameter.text_of("Name");  // some servers echo the selector
}

std::string number_of(const Json& parameter) {
  const Json* version = parameter.find("Version");
  return version != nullptr && version->as_int() ? cat(*version->as_int()) : "";
}

}  // namespace

Request describe_secret_request(const std::string& endpoint, const ObjectQuery& query) {
  return action_request(endpoint, "secretsmanager.DescribeSecret",
                        Json().set("SecretId", query.id));
}

Request secret_value_request(const std::string& endpoint, const ObjectQuery& query) {
  return action_request(endpoint, "secretsmanager.GetSecretValue", secret_body(query));
}

Request secret_batch_request(const std::string& endpoint, const std::vector<ObjectQuery>& queries) {
  Json::Array ids;
  for (const ObjectQuery& query : queries) ids.emplace_back(query.id);
  return action_request(endpoint, "secretsmanager.BatchGetSecretValue",
                        Json().set("SecretIdList", std::move(ids)));
}

Request parameters_request(const std::string& endpoint, const std::vector<ObjectQuery>& queries) {
  Json::Array names;
  for (const ObjectQuery& query : queries) names.emplace_back(selector_of(query));
  return action_request(endpoint, "AmazonSSM.GetParameters",
                        Json().set("Names", std::move(names)).set("WithDecryption", true));
}

// "arn:aws:ssm:eu-west-1:1:parameter/a/b" is "/a/b", and "…:parameter/a" is "a".
std::string parameter_name_of(const ObjectQuery& query) {
  constexpr std::string_view kKind = "parameter/";
  const auto arn = parse_arn(query.id);
  if (!arn || !arn->resource.starts_with(kKind)) return query.id;
  const std::string name = arn->resource.substr(kKind.size());
  return name.find('/') == std::string::npos ? name : cat('/', name);
}

std::string selector_of(const ObjectQuery& query) {
  const std::string& selector = query.version.empty() ? query.label : query.version;
  return selector.empty() ? query.id : cat(query.id, ':', selector);
}

Result<bool> read_is_current(const Response& response, const ObjectQuery& query,
                             const std::string& held_version) {
  KF_ASSIGN(const Json body, read_body(response));
  const Json* versions = body.find("VersionIdsToStages");
  const Json* held = versions == nullptr ? nullptr : versions->find(held_version);
  if (held == nullptr || held->as_array() == nullptr) return false;
  const std::string_view wanted = query.label.empty() ? kCurrentStage : query.label;
  return std::any_of(held->as_array()->begin(), held->as_array()->end(), [&](const Json& stage) {
    return stage.as_string() != nullptr && *stage.as_string() == wanted;
  });
}

Result<Value> read_secret_value(const Response& response) {
  KF_ASSIGN(const Json body, read_body(response));
  return value_of_secret(body);
}

Result<std::vector<std::optional<Result<Value>>>> read_secret_batch(
    const Response& response, const std::vector<ObjectQuery>& queries) {
  KF_ASSIGN(const Json body, read_body(response));
  const SecretsById by_id = secrets_by_id(list_of(body, "SecretValues"));
  std::vector<std::optional<Result<Value>>> results(queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto found = by_id.find(queries[i].id);
    if (found != by_id.end()) results[i] = value_of_secret(*found->second);
  }
  return results;
}

Result<std::vector<Result<Value>>> read_parameters(const Response& response,
                                                   const std::vector<ObjectQuery>& queries) {
  KF_ASSIGN(const Json body, read_body(response));
  std::vector<Result<Value>> results;
  for (const ObjectQuery& query : queries) {
    const Json::Array& found = list_of(body, "Parameters");
    const auto parameter = std::find_if(
        found.begin(), found.end(), [&](const Json& one) { return names_parameter(query, one); });
    if (parameter == found.end()) {
      results.emplace_back(
          Error(ErrorCode::kNotFound, cat("there is no parameter '", selector_of(query), "'")));
    } else {
      results.emplace_back(Value{Secret(parameter->text_of("Value")), number_of(*parameter)});
    }
  }
  return results;
}

}  // namespace keyferry::stores::aws
