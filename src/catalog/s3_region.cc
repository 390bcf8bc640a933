#include "catalog/s3_region.h"

#include "base/strings.h"
#include "formats/arn.h"

namespace keyferry::catalog {

namespace {

std::string host_of(std::string_view endpoint) {
  if (const auto scheme = endpoint.find("://"); scheme != std::string_view::npos) {
    endpoint.remove_prefix(scheme + 3);
  }
  endpoint = endpoint.substr(0, endpoint.find('/'));
  if (const auto user = endpoint.rfind('@'); user != endpoint.npos)
    endpoint.remove_prefix(user + 1);
  return to_lower(endpoint.substr(0, endpoint.find(':')));
}

}  // namespace

S3Region s3_region_of(std::string_view endpoint) {
  constexpr const char* kLastResort = "us-east-1";
  const std::string host = host_of(endpoint);
  const auto amazon = host.find(".amazonaws.com");
  if (amazon == std::string::npos) {
    return {kLastResort, "the endpoint is not Amazon's; it wants some region"};
  }
  std::string_view label = std::string_view(host).substr(0, amazon);
  label = label.substr(label.rfind('.') + 1);
  if (label.starts_with("s3-")) label.remove_prefix(3);
  if (is_aws_region(label)) return {std::string(label), "in the endpoint's name"};
  return {kLastResort, "the endpoint names no region", host.ends_with(".s3.amazonaws.com")};
}

}  // namespace keyferry::catalog
