// What a key vault, Entra and a machine's metadata service may answer. Of the input, one byte
// chooses the status and one the object that was asked for; the rest of the first line is
// WWW-Authenticate and Retry-After, and then comes the body.
#include <algorithm>

#include "base/strings.h"
#include "fuzz/promise.h"
#include "identity/entra_error.h"
#include "identity/machine_identity.h"
#include "net/retry.h"
#include "net/url.h"
#include "stores/azure/azure_challenge.h"
#include "stores/azure/azure_contents.h"
#include "stores/azure/azure_wire.h"

namespace keyferry::fuzz {
namespace {

using stores::azure::AzureConfig;
using stores::azure::Bundle;
using stores::azure::Encoding;
using stores::azure::Format;
using stores::azure::ObjectSpec;
using stores::azure::ObjectType;

constexpr int kStatuses[] = {200, 301, 400, 401, 403, 404, 408, 410, 429, 500, 503, 599};
constexpr ObjectType kTypes[] = {ObjectType::kSecret, ObjectType::kKey, ObjectType::kCertificate};
constexpr Encoding kEncodings[] = {Encoding::kUtf8, Encoding::kBase64, Encoding::kHex};
constexpr auto kLongest = std::chrono::hours(24) * 366;
const WallTime kNow{std::chrono::seconds(1'700'000'000)};

struct Wanted {
  ObjectSpec object;
  AzureConfig config;
};
Wanted wanted_of(unsigned choice) {
  Wanted wanted;
  wanted.object.name = "shop-db";
  wanted.object.type = kTypes[choice % 3];
  wanted.object.encoding = kEncodings[choice / 3 % 3];
  wanted.object.format = choice / 9 % 2 == 0 ? Format::kPem : Format::kPfx;
  wanted.config.separate_files = choice / 18 % 2 == 1;
  wanted.config.order_chains = choice / 36 % 2 == 0;
  return wanted;
}

// Words of an answer that are no values and are told: types, curves, content types, codes.
std::string told_words(const Response& response) {
  const auto body = parse_json(response.body.expose());
  if (!body.ok()) return "";
  std::string words = std::string(body->text_of("contentType"));
  for (const Json* part : {&*body, body->find("key"), body->find("error")}) {
    if (part == nullptr) continue;
    for (const char* name :
         {"kty", "crv", "code", "message", "error", "error_description", "trace_id"}) {
      words += cat(' ', part->text_of(name));
    }
    if (const Json* inner = part->find("innererror")) words += cat(' ', inner->text_of("code"));
  }
  return words;
}

void check_contents(const Wanted& wanted, const Bundle& bundle, const Marked& body) {
  const auto contents = contents_of(wanted.object, bundle, wanted.config);
  if (!contents.ok()) {
    promise(!body.is_shown_in(contents.error().message()) || body.is_shown_in(bundle.content_type),
            "why there are no contents shows no value");
    return;
  }
  const bool plain = !bundle.of_certificate && wanted.object.encoding == Encoding::kUtf8;
  promise(!plain || contents->whole == bundle.value, "a plain secret's file is its value");
  const bool apart = wanted.config.separate_files && bundle.of_certificate;
  promise(contents->key.has_value() == apart && contents->certificates.has_value() == apart,
          "certificates alone are taken apart");
}

void check_object(const Wanted& wanted, const Response& response, const Marked& body) {
  const auto bundle = stores::azure::read_object(response, wanted.object.type);
  if (!bundle.ok()) {
    promise(!body.is_shown_in(bundle.error().message()) || body.is_shown_in(told_words(response)),
            "why an answer is no object does not quote it");
    return;
  }
  promise(!bundle->version.empty() && bundle->version.find('/') == std::string::npos,
          "a version is one part of an id");
  check_contents(wanted, *bundle, body);
}

void check_versions(const Response& response, const Marked& body) {
  const auto page = stores::azure::read_versions(response);
  if (!page.ok()) {
    promise(!body.is_shown_in(page.error().message()), "a broken list is not quoted");
    return;
  }
  const auto enabled = std::count_if(page->versions.begin(), page->versions.end(),
                                     [](const auto& listed) { return listed.enabled; });
  for (const int count : {1, 3}) {
    const auto chosen = stores::azure::newest_first(page->versions, "", count);
    promise(chosen.size() == static_cast<std::size_t>(std::min<std::int64_t>(enabled, count)),
            "a history has as many as were wanted, or all that are enabled");
  }
  for (const auto& listed : page->versions) {
    const auto from = stores::azure::newest_first(page->versions, listed.version, 1);
    promise(from.empty() || from[0] == listed.version, "a history begins at its version");
  }
}

void check_token(const Response& response, const Marked& body) {
  const auto token = entra::read_token(response, kNow);
  if (token.ok()) {
    promise(!token->value.empty(), "a token is not empty");
    promise(token->expires >= kNow && token->expires <= kNow + kLongest,
            "a token's end can be reckoned with");
  } else {
    promise(!body.is_shown_in(token.error().message()), "what is no token is not quoted");
  }
}

void check_challenge(const Response& response) {
  const auto challenge = stores::azure::challenge_of(response);
  promise(challenge.tenant.find('/') == std::string::npos, "a tenant is one part of a path");
  const auto resource = parse_url(challenge.resource);
  promise(challenge.resource.empty() || resource.ok(), "a resource is an address");
  if (!stores::azure::check_challenge(challenge, {"shop.vault.azure.net"}).ok()) return;
  promise(
      challenge.resource.empty() || std::string("shop.vault.azure.net").ends_with(resource->host),
      "a vault's resource is its domain");
}

void check_refusals(const Response& response) {
  EntraIdentity identity;
  identity.client_id = "c";
  for (const Error& error :
       {stores::azure::vault_error(response, {ObjectType::kSecret, "db", ""}, "c", kNow),
        entra::refusal(response, identity, entra::claims_of(response.body), kNow),
        machine_identity::refusal(response, identity, kNow)}) {
    promise(error.message().find(cat("HTTP ", response.status)) != std::string::npos,
            "a refusal names the status");
    promise(error.message().find("; ") != std::string::npos, "a refusal says what to do");
    promise(error.retry_after() == retry_after_of(response, kNow), "a refusal keeps its wait");
  }
}

void check_body(const Wanted& wanted, Response& response, std::string_view text,
                const Marked& body) {
  response.body = Secret(text);
  check_object(wanted, response, body);
  check_versions(response, body);
  check_token(response, body);
  check_refusals(response);
}

void check(Choices input) {
  Response response;
  response.status = input.one_of(kStatuses);
  const Wanted wanted = wanted_of(input.take());
  const auto line_end = input.rest().find('\n');
  const std::string header(input.rest().substr(0, line_end));
  for (const char* name : {"WWW-Authenticate", "Retry-After"}) {
    if (!header.empty()) response.headers.push_back({name, header});
  }
  const std::string_view text =
      line_end == std::string_view::npos ? "" : input.rest().substr(line_end + 1);
  const Marked body = marked(text);
  check_challenge(response);
  check_body(wanted, response, text, body);
  check_body(wanted, response, body.text, body);
}

}  // namespace
}  // namespace keyferry::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keyferry::fuzz::check({data, size});
  return 0;
}
