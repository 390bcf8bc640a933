#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace keyferry {

// A variable of the environment; empty when it is not set.
using Environment = std::function<std::string(std::string_view name)>;

// How services of AWS are reached, where that is not plain "https://SERVICE.REGION.amazonaws.com".
struct AwsEndpoints {
  bool fips = false;        // AWS_USE_FIPS_ENDPOINT
  bool dual_stack = false;  // AWS_USE_DUALSTACK_ENDPOINT
  // A private endpoint (VPC endpoint, emulator) instead, whatever the region: by service, "" for
  // all. AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS, …_SECRETS_MANAGER, …_SSM
  std::map<std::string, std::string, std::less<>> overrides;

  // "https://sts.eu-west-1.amazonaws.com": without a slash at the end. `service` is the endpoint's
  // prefix: "sts", "secretsmanager", "ssm".
  std::string endpoint_of(std::string_view service, std::string_view region) const;

  friend bool operator==(const AwsEndpoints&, const AwsEndpoints&) = default;
};

// What the SDKs' variables say.
AwsEndpoints endpoints_of_environment(const Environment& environment);

}  // namespace keyferry
