// Signs for tests that compare us with others: a line of JSON in, a line of JSON out.
//   in   method, url, headers [[name, value]…], body, keyId, key, token, region, service,
//        time (seconds), s3 (boolean), lifetime (seconds, 0 for the header form)
//   out  headers {name: value…}, or url, or error
// or, to compare addresses:
//   in   endpointOf (service), region, fips, dualStack (booleans)
//   out  url
#include <iostream>
#include <string>

#include "formats/json.h"
#include "identity/aws_endpoints.h"
#include "identity/sigv4.h"

namespace keyferry {
namespace {

std::int64_t number_of(const Json& question, std::string_view name) {
  const Json* value = question.find(name);
  return value == nullptr ? 0 : value->as_int().value_or(0);
}

Request request_of(const Json& question) {
  Request request;
  request.method = question.text_of("method");
  request.url = question.text_of("url");
  request.body = Secret(question.text_of("body"));
  for (const Json& pair : *question.find("headers")->as_array()) {
    const Json::Array& header = *pair.as_array();
    request.headers.push_back({*header[0].as_string(), *header[1].as_string()});
  }
  return request;
}

Json endpoint_for(const Json& question) {
  AwsEndpoints endpoints;
  endpoints.fips = *question.find("fips")->as_bool();
  endpoints.dual_stack = *question.find("dualStack")->as_bool();
  return Json().set(
      "url", endpoints.endpoint_of(question.text_of("endpointOf"), question.text_of("region")));
}

Json answer_to(const Json& question) {
  if (question.find("endpointOf") != nullptr) return endpoint_for(question);
  const AwsCredentials credentials{std::string(question.text_of("keyId")),
                                   Secret(question.text_of("key")),
                                   Secret(question.text_of("token")),
                                   {}};
  const sigv4::Scope scope{std::string(question.text_of("region")),
                           std::string(question.text_of("service")),
                           WallTime(std::chrono::seconds(number_of(question, "time")))};
  const auto rule =
      *question.find("s3")->as_bool() ? sigv4::PathRule::kAsSent : sigv4::PathRule::kEncodedAgain;
  if (const auto lifetime = number_of(question, "lifetime"); lifetime != 0) {
    const auto url = sigv4::presigned_url(question.text_of("method"), question.text_of("url"),
                                          credentials, scope, std::chrono::seconds(lifetime), rule);
    return url.ok() ? Json().set("url", url->expose()) : Json().set("error", url.error().message());
  }
  Request request = request_of(question);
  const Status status = sigv4::sign(request, credentials, scope, rule);
  if (!status.ok()) return Json().set("error", status.error().message());
  Json headers(Json::Object{});
  for (const Header& header : request.headers) headers.set(header.name, header.value);
  for (const auto& header : request.secret_headers) headers.set(header.name, header.value.expose());
  return Json().set("headers", std::move(headers));
}

}  // namespace
}  // namespace keyferry

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const auto question = keyferry::parse_json(line);
    if (!question.ok()) {
      std::cerr << "sigv4_judge: a line is not JSON\n";
      return 1;
    }
    std::cout << to_text(keyferry::answer_to(*question)) << std::endl;
  }
  return 0;
}
