#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "dev/aws/aws_reply.h"
#include "formats/json.h"

namespace keyferry::dev {

// AWS Systems Manager Parameter Store of one account in one region: parameters with numbered
// versions and labels, answering what its API reference says. Not thread-safe.
class ParameterStore {
 public:
  ParameterStore(std::string_view account, std::string_view region);

  AwsReply handle(const AwsCall& call);
  // As a seed does: a text, or {"value", "type"}; the next version where the parameter is there.
  void put(const std::string& name, const Json& value, WallTime now);

 private:
  struct Version {
    std::string value, type;
    std::string sealed;  // what a SecureString looks like undecrypted
    WallTime modified;
    std::set<std::string> labels;
  };
  struct Parameter {
    std::string name, arn;
    std::vector<Version> versions;  // number 1 first
  };
  // A version of a parameter and what selected it: ":3", ":prod", or nothing.
  struct Selected {
    const Parameter* parameter;
    std::size_t index;
    std::string selector;
  };

  AwsReply put_parameter(const AwsCall& call);
  AwsReply get(const AwsCall& call) const;
  AwsReply get_many(const AwsCall& call) const;
  AwsReply get_by_path(const AwsCall& call) const;
  AwsReply label(const AwsCall& call);
  AwsReply remove(const AwsCall& call);

  // `name` may be an ARN and carry a selector. The refusal is ParameterNotFound or
  // ParameterVersionNotFound.
  Result<Selected, AwsReply> select(std::string_view name) const;
  std::string arn_of(std::string_view name) const;
  const Parameter* find(std::string_view name_or_arn) const;
  void add_version(const std::string& name, std::string value, std::string type, WallTime now);
  static Json json_of(const Selected& selected, const AwsCall& call);

  std::string arn_prefix_;
  std::map<std::string, Parameter, std::less<>> parameters_;  // by name
};

}  // namespace keyferry::dev
