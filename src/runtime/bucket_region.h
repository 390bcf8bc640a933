#pragma once

#include <stop_token>
#include <string>

#include "net/http.h"
#include "runtime/settings.h"

namespace keyferry::runtime {

// The endpoint whose bucket has to be asked where it is: the region is only guessed from a global
// name (bucket.s3.amazonaws.com). Empty when the region is given, derived for sure or not needed.
std::string bucket_to_ask(const EffectiveSettings& settings);

// Asks S3 in which region a bucket is (HeadBucket, x-amz-bucket-region; Mendix Operator 2.26.1). S3
// says it to strangers too, with 301 or 403. One request, no credentials. kNotFound: it did not
// say.
Result<std::string> ask_bucket_region(Http& http, const std::string& endpoint, Deadline deadline,
                                      std::stop_token stop);

}  // namespace keyferry::runtime
