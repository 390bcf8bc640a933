#include "net/http.h"

#include "base/strings.h"

namespace keyferry {

bool operator==(const KeyText& a, const KeyText& b) {
  if (a.empty() || b.empty()) return a.empty() == b.empty();
  return a.pem_ == b.pem_ || *a.pem_ == *b.pem_;
}

Request copy_of(const Request& request) {
  Request copy;
  copy.method = request.method;
  copy.url = request.url;
  copy.headers = request.headers;
  for (const SecretHeader& header : request.secret_headers) {
    copy.secret_headers.push_back({header.name, header.value.copy()});
  }
  copy.body = request.body.copy();
  copy.tls = request.tls;
  copy.proxy = request.proxy;
  copy.asks_for_less = request.asks_for_less;
  copy.connection = request.connection;
  copy.max_response_bytes = request.max_response_bytes;
  copy.priority = request.priority;
  copy.stop = request.stop;
  return copy;
}

std::string_view Response::header(std::string_view name) const {
  const std::string wanted = to_lower(name);
  for (const Header& header : headers) {
    if (to_lower(header.name) == wanted) return header.value;
  }
  return {};
}

}  // namespace keyferry
