#include "stores/aws/aws_config.h"

#include "base/strings.h"
#include "formats/arn.h"
#include "identity/pod_identity.h"
#include "net/url.h"
#include "stores/parameter_reader.h"

namespace keyferry::stores::aws {

namespace {

const std::vector<std::string_view> kParameters = {"objects",        "region",
                                                   "failoverRegion", "pathTranslation",
                                                   "usePodIdentity", "preferredAddressType",
                                                   "assumeRoleArn",  "endpointUrl"};

void read_region(const ParameterReader& parameters, AwsConfig& config) {
  config.region = parameters.text("region");
  config.failover_region = parameters.text("failoverRegion");
  for (const auto& [name, region] :
       {std::pair("region", config.region), std::pair("failoverRegion", config.failover_region)}) {
    if (region.empty() || is_aws_region(region)) continue;
    parameters.error(name, cat("'", region, "' is not a region"), "write e.g. eu-west-1");
  }
  if (!config.failover_region.empty() && config.failover_region == config.region) {
    parameters.error("failoverRegion", "is the same as region", "name another region, or none");
  }
}

PathTranslation translation_of(const ParameterReader& parameters) {
  const std::string text = parameters.text("pathTranslation");
  if (text.empty()) return {};
  if (to_lower(text) == "false") return {std::nullopt};
  if (text.size() == 1 && text != "/") return {text.front()};
  parameters.error("pathTranslation", cat("'", text, "' is neither False nor one character"),
                   "write False to keep folders, or the character that replaces '/'");
  return {};
}

// The provider takes any other word for `auto`, so that is no more than a warning.
std::vector<std::string> agents_of(const ParameterReader& parameters) {
  const std::string type = to_lower(parameters.text("preferredAddressType"));
  if (type == "ipv4") return {pod_identity::kIpv4Endpoint};
  if (type == "ipv6") return {pod_identity::kIpv6Endpoint};
  if (!type.empty() && type != "auto") {
    parameters.warning("preferredAddressType", cat("'", type, "' is read as auto"),
                       "write auto, ipv4 or ipv6");
  }
  return {pod_identity::kIpv4Endpoint, pod_identity::kIpv6Endpoint};
}

void read_role(const ParameterReader& parameters, AwsConfig& config) {
  config.assume_role_arn = parameters.text("assumeRoleArn");
  if (config.assume_role_arn.empty()) return;
  const auto arn = parse_arn(config.assume_role_arn);
  if (!arn || arn->service != "iam" || !arn->resource.starts_with("role/")) {
    parameters.error("assumeRoleArn", cat("'", config.assume_role_arn, "' is not a role's ARN"),
                     "write arn:aws:iam::ACCOUNT:role/NAME");
  }
}

void read_endpoint(const ParameterReader& parameters, AwsConfig& config) {
  config.endpoint_url = parameters.text("endpointUrl");
  if (config.endpoint_url.empty()) return;
  if (const auto url = parse_url(config.endpoint_url); !url.ok()) {
    parameters.error("endpointUrl", cat("is ", url.error().message()),
                     "write scheme, host and port, e.g. http://127.0.0.1:4566");
  }
}

}  // namespace

ParsedConfig parse_config(const manifest::SecretProviderClass& spc) {
  ParsedConfig parsed;
  const ParameterReader parameters(spc, "aws", parsed.problems);
  parameters.check_names(kParameters, {});
  AwsConfig& config = parsed.config;
  read_region(parameters, config);
  if (parameters.flag("usePodIdentity")) config.login = AwsLogin::kPodIdentity;
  config.pod_identity_agents = agents_of(parameters);
  read_role(parameters, config);
  read_endpoint(parameters, config);
  config.objects = parse_objects(spc, config, translation_of(parameters), parsed.problems);
  return parsed;
}

}  // namespace keyferry::stores::aws
