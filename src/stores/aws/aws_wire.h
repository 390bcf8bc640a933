#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "formats/json.h"
#include "net/http.h"
#include "stores/aws/aws_config.h"

// Requests to Secrets Manager and Parameter Store and what they answer. Pure; requests are still to
// be signed. API references: secretsmanager 2017-10-17, ssm 2014-11-06.
namespace keyferry::stores::aws {

inline constexpr std::size_t kSecretsInBatch = 20;     // BatchGetSecretValue
inline constexpr std::size_t kParametersInBatch = 10;  // GetParameters

// A value with the version it is of.
struct Value {
  Secret contents;
  std::string version;  // VersionId; number of a parameter
};

Request describe_secret_request(const std::string& endpoint, const ObjectQuery& query);
Request secret_value_request(const std::string& endpoint, const ObjectQuery& query);
Request secret_batch_request(const std::string& endpoint, const std::vector<ObjectQuery>& queries);
Request parameters_request(const std::string& endpoint, const std::vector<ObjectQuery>& queries);

// Whether the version that is held is the one the query means now (DescribeSecret).
Result<bool> read_is_current(const Response& response, const ObjectQuery& query,
                             const std::string& held_version);

Result<Value> read_secret_value(const Response& response);

// One result for each query, in its order; nothing where the answer says nothing of it (a batch may
// leave some out).
Result<std::vector<std::optional<Result<Value>>>> read_secret_batch(
    const Response& response, const std::vector<ObjectQuery>& queries);

// What a parameter is called, by its name and by its ARN alike.
std::string parameter_name_of(const ObjectQuery& query);

// One result for each query, in its order. Names (parameter_name_of) in one batch differ: two
// selectors of one name are told apart by nothing that every server sends.
Result<std::vector<Result<Value>>> read_parameters(const Response& response,
                                                   const std::vector<ObjectQuery>& queries);

// "/shop/db:3"; what GetParameters takes for a query.
std::string selector_of(const ObjectQuery& query);

}  // namespace keyferry::stores::aws
