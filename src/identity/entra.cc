#include "identity/entra.h"

#include <charconv>

#include "base/encoding.h"
#include "base/strings.h"
#include "formats/json.h"

namespace keyferry {

std::string name_of(const EntraIdentity& identity) {
  switch (identity.login) {
    case EntraLogin::kFederated:
    case EntraLogin::kTokenProxy:
    case EntraLogin::kSecret:
      return cat("application ", identity.client_id, " of tenant ", identity.tenant);
    case EntraLogin::kMachine:
      return identity.client_id.empty()
                 ? std::string("the machine's managed identity")
                 : cat("the machine's managed identity ", identity.client_id);
    case EntraLogin::kNodeManagedPod:
      return cat("the pod identity of ", identity.namespace_name, '/', identity.pod_name);
  }
  return "";
}

namespace entra {

namespace {

constexpr std::int64_t kLongestLife = std::int64_t{366} * 24 * 3600;

void append_encoded(Secret& body, std::string_view name, const Secret& value) {
  std::string encoded = percent_encode(value.expose());
  body.append(cat('&', name, '='));
  body.append(encoded);
  wipe(encoded.data(), encoded.size());
}

Request token_request(const EntraIdentity& identity) {
  Request request;
  request.method = "POST";
  request.url = cat(identity.authority, '/', identity.tenant, "/oauth2/v2.0/token");
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  request.tls = identity.tls;
  request.body.append(
      cat("grant_type=client_credentials&client_id=", percent_encode(identity.client_id),
          "&scope=", percent_encode(cat(identity.resource, "/.default"))));
  return request;
}

// A whole number, written as one or as a text.
std::optional<std::int64_t> number_of(const Json& body, std::string_view name) {
  const Json* value = body.find(name);
  if (value == nullptr) return std::nullopt;
  if (value->as_string() == nullptr) return value->as_int();
  const std::string& text = *value->as_string();
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// A token that does not say until when it is good is used once.
WallTime end_of(const Json& body, WallTime now) {
  using std::chrono::seconds;
  const auto expires_in = number_of(body, "expires_in");
  if (expires_in && *expires_in > 0) return now + seconds(std::min(*expires_in, kLongestLife));
  const auto expires_on = number_of(body, "expires_on");
  const auto today = std::chrono::floor<seconds>(now).time_since_epoch().count();
  if (!expires_on || *expires_on <= today) return now;
  return now + seconds(std::min(*expires_on - today, kLongestLife));
}

}  // namespace

Request federated_request(const EntraIdentity& identity, const Secret& assertion) {
  Request request = token_request(identity);
  request.body.append(
      "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer");
  append_encoded(request.body, "client_assertion", assertion);
  return request;
}

Request secret_request(const EntraIdentity& identity, const Secret& client_secret) {
  Request request = token_request(identity);
  append_encoded(request.body, "client_secret", client_secret);
  return request;
}

Result<EntraToken> read_token(const Response& response, WallTime now) {
  const auto body = parse_json(response.body.expose());
  if (!body.ok()) {
    return Error(ErrorCode::kInternal, cat("the answer is not JSON (", body.error().message(),
                                           "); is that the address of a token endpoint?"));
  }
  const Json* wrapped = body->find("token");  // as NMI has it
  const Json& token = wrapped != nullptr && wrapped->as_object() != nullptr ? *wrapped : *body;
  const std::string_view value = token.text_of("access_token");
  if (value.empty()) {
    return Error(ErrorCode::kInternal,
                 "the answer holds no access_token; is that the address of a token endpoint?");
  }
  return EntraToken{Secret(value), end_of(token, now)};
}

Claims claims_of(const Secret& assertion) {
  const auto parts = split(assertion.expose(), '.');
  if (parts.size() != 3) return {};
  const auto text = base64url_decode(parts[1]);
  if (!text.ok()) return {};
  const auto body = parse_json(text->expose());
  if (!body.ok()) return {};
  Claims claims{std::string(body->text_of("iss")), std::string(body->text_of("sub")),
                std::string(body->text_of("aud"))};
  const Json* audiences = body->find("aud");
  if (audiences == nullptr || audiences->as_array() == nullptr) return claims;
  std::vector<std::string> names;
  for (const Json& audience : *audiences->as_array()) {
    if (audience.as_string() != nullptr) names.push_back(*audience.as_string());
  }
  claims.audience = join(names, ", ");
  return claims;
}

}  // namespace entra
}  // namespace keyferry
