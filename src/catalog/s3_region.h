#pragma once

#include <string>
#include <string_view>

namespace keyferry::catalog {

// Where the region of an S3 endpoint was found (Mendix Operator 2.25.0 and 2.26.1 rules).
struct S3Region {
  std::string region;
  std::string reason;  // for provenance: "in the endpoint's name"
  // A global name of one bucket (bucket.s3.amazonaws.com): a guess until the bucket is asked.
  bool bucket_knows = false;
};

// The region in names like bucket.s3.eu-west-1.amazonaws.com (legacy s3-eu-west-1 too); global and
// foreign endpoints give us-east-1, the operator's last resort.
S3Region s3_region_of(std::string_view endpoint);

}  // namespace keyferry::catalog
