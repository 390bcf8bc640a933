#include "identity/aws_endpoints.h"

#include <algorithm>

#include "base/strings.h"

namespace keyferry {

namespace {

// Regions of a partition have names and domains of their own.
struct Partition {
  std::string_view regions;  // how their names begin
  std::string_view domain;
  std::string_view dual_stack_domain;  // "" where there is none
  std::string_view secrets_domain;     // Secrets Manager's, where dual stack is wanted
};
constexpr Partition kPartitions[] = {
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "amazonaws.com.cn"},
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud", "api.aws.scloud"},
    {"us-isof-", "csp.hci.ic.gov", "", ""},
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov", "api.aws.ic.gov"},
    {"eu-isoe-", "cloud.adc-e.uk", "", ""},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu", "api.amazonwebservices.eu"},
    {"", "amazonaws.com", "api.aws", "amazonaws.com"},
};

const Partition& partition_of(std::string_view region) {
  return *std::find_if(std::begin(kPartitions), std::end(kPartitions),
                       [&](const Partition& one) { return region.starts_with(one.regions); });
}

std::string_view domain_of(const Partition& partition, std::string_view service, bool dual_stack) {
  if (!dual_stack || partition.dual_stack_domain.empty()) return partition.domain;
  return service == "secretsmanager" ? partition.secrets_domain : partition.dual_stack_domain;
}

// In the regions of the US government STS and SSM are FIPS as they are.
bool has_fips_name(std::string_view service, std::string_view region, bool dual_stack) {
  return dual_stack || service == "secretsmanager" || !region.starts_with("us-gov-");
}

bool is_true(const std::string& text) { return to_lower(trim(text)) == "true"; }

}  // namespace

std::string AwsEndpoints::endpoint_of(std::string_view service, std::string_view region) const {
  for (const std::string_view name : {service, std::string_view()}) {
    const auto found = overrides.find(name);
    if (found == overrides.end()) continue;
    std::string url = found->second;
    while (url.ends_with('/')) url.pop_back();
    return url;
  }
  const bool fips_name = fips && has_fips_name(service, region, dual_stack);
  return cat("https://", service, fips_name ? "-fips" : "", '.', region, '.',
             domain_of(partition_of(region), service, dual_stack));
}

AwsEndpoints endpoints_of_environment(const Environment& environment) {
  AwsEndpoints endpoints;
  endpoints.fips = is_true(environment("AWS_USE_FIPS_ENDPOINT"));
  endpoints.dual_stack = is_true(environment("AWS_USE_DUALSTACK_ENDPOINT"));
  if (is_true(environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))) return endpoints;
  const std::pair<const char*, const char*> variables[] = {
      {"", "AWS_ENDPOINT_URL"},
      {"sts", "AWS_ENDPOINT_URL_STS"},
      {"secretsmanager", "AWS_ENDPOINT_URL_SECRETS_MANAGER"},
      {"ssm", "AWS_ENDPOINT_URL_SSM"},
  };
  for (const auto& [service, variable] : variables) {
    std::string url(trim(environment(variable)));
    if (!url.empty()) endpoints.overrides[service] = std::move(url);
  }
  return endpoints;
}

}  // namespace keyferry
