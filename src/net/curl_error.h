#pragma once

#include <curl/curl.h>

#include <string_view>

#include "base/error.h"
#include "net/http.h"

namespace keyferry {

struct CurlFailure {
  CURLcode code;
  std::string_view what;           // was asked
  std::string_view detail;         // libcurl's own words
  bool is_unanswered_tls = false;  // asked over TLS, and not a byte of answer came
};

// Why libcurl has no answer. kDeadlineExceeded; kFailedPrecondition where TLS failed in a way that
// trying again does not mend; else kUnavailable.
Error curl_error(const CurlFailure& failure, const TlsOptions& tls);

}  // namespace keyferry
