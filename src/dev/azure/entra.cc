#include "dev/azure/entra.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"
#include "dev/azure/assertion.h"
#include "dev/vault_reply.h"

namespace keyferry::dev {
namespace {

constexpr std::int64_t kTokenSeconds = 3599;
constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr std::string_view kDefaultScope = "/.default";

// How a request proved itself, or why it did not.
struct Proof {
  AzureProof kind = AzureProof::kSecret;
  std::optional<EntraError> refusal;
};

EntraError missing(std::string_view name) {
  return {400, "invalid_request", 900144,
          cat("The request body must contain the following parameter: '", name, "'.")};
}

std::optional<EntraError> problem_of_form(const TokenRequest& request) {
  for (const std::string_view name : {"grant_type", "client_id"}) {
    if (request.value(name).empty()) return missing(name);
  }
  if (request.value("grant_type") != "client_credentials") {
    return EntraError{
        400, "unsupported_grant_type", 70003,
        cat("The app requested an unsupported grant type '", request.value("grant_type"), "'.")};
  }
  if (request.value("scope").empty()) return missing("scope");
  return std::nullopt;
}

bool contains(const std::vector<std::string>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

Proof proof_by_secret(const AzureApp& app, std::string_view secret) {
  if (contains(app.secrets, secret)) return {};
  if (contains(app.expired_secrets, secret)) {
    return {AzureProof::kSecret,
            EntraError{401, "invalid_client", 7000222,
                       cat("The provided client secret keys for app '", app.client_id,
                           "' are expired. Create new keys for the app, or use certificate "
                           "credentials for added security.")}};
  }
  return {AzureProof::kSecret,
          EntraError{401, "invalid_client", 7000215,
                     cat("Invalid client secret provided. Ensure the secret being sent in the "
                         "request is the client secret value, not the client secret ID, for a "
                         "secret added to app '",
                         app.client_id, "'.")}};
}

Proof proof_of(const TokenRequest& request, const AzureApp& app, const Directory& directory,
               WallTime now) {
  if (const auto secret = request.value("client_secret"); !secret.empty())
    return proof_by_secret(app, secret);
  const std::string_view assertion = request.value("client_assertion");
  if (assertion.empty()) {
    return {AzureProof::kSecret,
            EntraError{401, "invalid_client", 7000216,
                       "'client_assertion', 'client_secret' or 'request' is required for the "
                       "'client_credentials' grant type."}};
  }
  if (request.value("client_assertion_type") != kAssertionType)
    return {AzureProof::kAssertion, missing("client_assertion_type")};
  return {AzureProof::kAssertion, problem_of_assertion(assertion, app, directory, now)};
}

// The API a scope asks for, without /.default; empty when the scope is not of that form. Clients
// add the scopes of user logins, which mean nothing here.
std::string resource_of(std::string_view scopes) {
  std::string resource;
  for (const std::string_view scope : split(scopes, ' ')) {
    if (scope.empty() || scope == "openid" || scope == "profile" || scope == "offline_access")
      continue;
    if (!scope.ends_with(kDefaultScope) || !resource.empty()) return {};
    resource = scope.substr(0, scope.size() - kDefaultScope.size());
  }
  return resource;
}

std::optional<EntraError> problem_of_resource(const TokenRequest& request,
                                              std::string_view resource,
                                              const Directory& directory) {
  if (resource.empty()) {
    return EntraError{400, "invalid_scope", 1002012,
                      cat("The provided value for scope ", request.value("scope"),
                          " is not valid. Client credential flows must have a scope value with "
                          "/.default suffixed to the resource identifier (application ID URI).")};
  }
  if (directory.has_resource(resource) ||
      (!request.own_host.empty() && resource.ends_with(request.own_host))) {
    return std::nullopt;
  }
  return EntraError{400, "invalid_resource", 500011,
                    cat("The resource principal named ", resource,
                        " was not found in the tenant named ", request.tenant,
                        ". This can happen if the application has not been installed by the "
                        "administrator of the tenant or consented to by any user in the tenant. "
                        "You might have sent your authentication request to the wrong tenant.")};
}

EntraError unknown_tenant(std::string_view tenant) {
  return {400, "invalid_request", 90002,
          cat("Tenant '", tenant,
              "' not found. Check to make sure you have the correct tenant ID and are signing into "
              "the correct cloud. Check with your subscription administrator, this may happen if "
              "there are no active subscriptions for the tenant.")};
}

EntraError unknown_app(const TokenRequest& request) {
  return {400, "unauthorized_client", 700016,
          cat("Application with identifier '", request.value("client_id"),
              "' was not found in the directory '", request.tenant,
              "'. This can happen if the application has not been installed by the administrator "
              "of the tenant or consented to by any user in the tenant. You may have sent your "
              "authentication request to the wrong tenant.")};
}

Json configuration_of(std::string_view tenant, const AzureHost& host) {
  const std::string base = cat(host.origin(), "/", tenant);
  return Json::Object{{"issuer", Json(cat(base, "/v2.0"))},
                      {"authorization_endpoint", Json(cat(base, "/oauth2/v2.0/authorize"))},
                      {"token_endpoint", Json(cat(base, "/oauth2/v2.0/token"))},
                      {"device_authorization_endpoint", Json(cat(base, "/oauth2/v2.0/devicecode"))},
                      {"jwks_uri", Json(cat(base, "/discovery/v2.0/keys"))},
                      {"token_endpoint_auth_methods_supported",
                       Json(Json::Array{Json("client_secret_post"), Json("private_key_jwt")})},
                      {"response_types_supported", Json(Json::Array{Json("code")})},
                      {"subject_types_supported", Json(Json::Array{Json("pairwise")})},
                      {"id_token_signing_alg_values_supported", Json(Json::Array{Json("ES256")})},
                      {"tenant_region_scope", Json("EU")},
                      {"cloud_instance_name", Json("microsoftonline.com")}};
}

Json instance_of(const AzureHost& host) {
  const std::string name = cat(host.name, host.port);
  const Json::Object metadata{{"preferred_network", Json(name)},
                              {"preferred_cache", Json(name)},
                              {"aliases", Json(Json::Array{Json(name)})}};
  return Json::Object{{"tenant_discovery_endpoint",
                       Json(cat(host.origin(), "/common/v2.0/.well-known/openid-configuration"))},
                      {"api-version", Json("1.1")},
                      {"metadata", Json(Json::Array{Json(metadata)})}};
}

}  // namespace

std::string_view TokenRequest::value(std::string_view name) const {
  const auto found = form.find(name);
  return found == form.end() ? std::string_view() : std::string_view(found->second);
}

std::map<std::string, std::string, std::less<>> form_members(std::string_view body) {
  std::map<std::string, std::string, std::less<>> form;
  for (const std::string_view pair : split(body, '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    std::string value(pair.substr(std::min(equals + 1, pair.size())));
    std::replace(value.begin(), value.end(), '+', ' ');
    auto name = percent_decode(pair.substr(0, equals));
    auto decoded = percent_decode(value);
    if (name.ok() && decoded.ok()) form.insert_or_assign(std::move(*name), std::move(*decoded));
  }
  return form;
}

AzureReply answer_token(const TokenRequest& request, const Directory& directory,
                        const AccessTokens& tokens, WallTime now) {
  const auto refuse = [&](const EntraError& error) {
    return entra_error(error, request.correlation_id, now);
  };
  if (!directory.has_tenant(request.tenant)) return refuse(unknown_tenant(request.tenant));
  if (const auto problem = problem_of_form(request)) return refuse(*problem);
  const AzureApp* app = directory.find(request.tenant, request.value("client_id"));
  if (app == nullptr) return refuse(unknown_app(request));
  const Proof proof = proof_of(request, *app, directory, now);
  if (proof.refusal) return refuse(*proof.refusal);
  const std::string resource = resource_of(request.value("scope"));
  if (const auto problem = problem_of_resource(request, resource, directory))
    return refuse(*problem);
  const auto token = tokens.issue(*app, resource, proof.kind, kTokenSeconds, now);
  if (!token.ok()) return refuse({500, "server_error", 90033, "A transient error has occurred."});
  return {200,
          Json(Json::Object{{"token_type", Json("Bearer")},
                            {"expires_in", Json(kTokenSeconds)},
                            {"ext_expires_in", Json(kTokenSeconds)},
                            {"access_token", Json(*token)}}),
          {}};
}

std::optional<AzureReply> answer_metadata(std::string_view path, const AzureHost& host,
                                          const Directory& directory, const AccessTokens& tokens,
                                          WallTime now) {
  const std::size_t slash = path.find('/', 1);
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view tenant = path.substr(1, slash - 1);
  const std::string_view document = path.substr(slash);
  if (document == "/discovery/instance") return AzureReply{200, instance_of(host), {}};
  if (document == "/discovery/v2.0/keys") return AzureReply{200, tokens.key_set(), {}};
  if (document != "/v2.0/.well-known/openid-configuration") return std::nullopt;
  if (tenant != "common" && !directory.has_tenant(tenant))
    return entra_error(unknown_tenant(tenant), "", now);
  return AzureReply{200, configuration_of(tenant, host), {}};
}

}  // namespace keyferry::dev
