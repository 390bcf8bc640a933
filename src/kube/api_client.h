#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "kube/api_config.h"
#include "kube/kube_api.h"
#include "net/http.h"
#include "net/http_stream.h"

namespace keyferry::kube {

struct ApiClientOptions {
  std::string user_agent = "keyferry/" KEYFERRY_VERSION;
  std::string field_manager = "keyferry";  // of what is created, updated and merged
  double requests_per_second = 0;          // of all threads together, watches too; 0: no limit
  int burst = 1;                           // that many at once before the limit is felt
  Duration longest_exchange = std::chrono::seconds(30);  // one try of a request that is no watch
};

// What it is built from. References outlive it.
struct ApiClientParts {
  Http& http;
  HttpStream& stream;
  Clock& clock;
};

// KubeApi over HTTP. Tries again what may be tried again (net/retry.h), a creation only where the
// server has said that it did not look at it. A refused token is read anew from its file at once.
std::unique_ptr<KubeApi> make_kube_api(ApiConfig config, ApiClientOptions options,
                                       const ApiClientParts& parts);

}  // namespace keyferry::kube
