#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace keyferry {

// Amazon Resource Name: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE; the resource may hold
// colons.
struct Arn {
  std::string partition;
  std::string service;
  std::string region;
  std::string account;
  std::string resource;
};
// Nothing when the text is not one; region and account may be empty, the rest may not.
std::optional<Arn> parse_arn(std::string_view text);

// "eu-west-1", "us-gov-east-1", "cn-north-1", "eusc-de-east-1": whether a text has that shape.
bool is_aws_region(std::string_view text);

}  // namespace keyferry
