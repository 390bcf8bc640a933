#include "runtime/bucket_region.h"

#include "base/strings.h"
#include "catalog/s3_region.h"
#include "formats/json.h"

namespace keyferry::runtime {

std::string bucket_to_ask(const EffectiveSettings& settings) {
  const Setting* region = settings.find("com.mendix.storage.s3.Region");
  const Setting* endpoint = settings.find("com.mendix.storage.s3.EndPoint");
  if (region == nullptr || endpoint == nullptr || region->source != Source::kDefault) return "";
  const auto value = parse_json(endpoint->json.expose());
  const std::string* text = value.ok() ? value->as_string() : nullptr;
  return text != nullptr && catalog::s3_region_of(*text).bucket_knows ? *text : "";
}

Result<std::string> ask_bucket_region(Http& http, const std::string& endpoint, Deadline deadline,
                                      std::stop_token stop) {
  Request request;
  request.method = "HEAD";
  request.url = endpoint.find("://") == std::string::npos ? cat("https://", endpoint) : endpoint;
  request.stop = std::move(stop);
  KF_ASSIGN(const Response response, http.send(request, deadline));
  std::string region(response.header("x-amz-bucket-region"));
  if (!region.empty()) return region;
  return Error(ErrorCode::kNotFound, cat("the bucket's region was not told (HTTP ", response.status,
                                         "); give it as mx-runtime-com.mendix.storage.s3.Region"));
}

}  // namespace keyferry::runtime
