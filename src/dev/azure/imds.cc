#include "dev/azure/imds.h"

#include <algorithm>

#include "base/strings.h"
#include "dev/jwt.h"

namespace keyferry::dev {
namespace {

constexpr std::int64_t kTokenSeconds = 86399;
constexpr std::string_view kVersions[] = {"2018-02-01", "2019-08-01", "2021-02-01", "2023-11-15"};

AzureReply invalid(std::string description) {
  return imds_error(400, "invalid_request", std::move(description));
}

// The identity a request names, or the machine's only one.
Result<const AzureApp*, AzureReply> identity_of(const ServerRequest& request,
                                                const Directory& directory) {
  const auto identities = directory.managed_identities();
  const auto named = [&](std::string_view parameter, std::string AzureApp::*member) {
    const std::string wanted = to_lower(request.query_value(parameter));
    const auto found = std::find_if(identities.begin(), identities.end(), [&](const AzureApp* app) {
      return to_lower(app->*member) == wanted;
    });
    return found == identities.end() ? nullptr : *found;
  };
  const std::pair<const char*, std::string AzureApp::*> names[] = {
      {"client_id", &AzureApp::client_id},
      {"object_id", &AzureApp::object_id},
      {"mi_res_id", &AzureApp::resource_id},
      {"msi_res_id", &AzureApp::resource_id}};
  for (const auto& [parameter, member] : names) {
    if (request.query_value(parameter).empty()) continue;
    if (const AzureApp* app = named(parameter, member)) return app;
    return invalid("Identity not found");
  }
  const auto own = std::find_if(identities.begin(), identities.end(),
                                [](const AzureApp* app) { return app->system_assigned; });
  if (own != identities.end()) return *own;
  if (identities.size() == 1) return identities.front();
  if (identities.empty()) return invalid("Identity not found");
  return invalid(
      "Multiple user assigned identities exist, please specify the clientId / resourceId of the "
      "identity in the token request");
}

std::optional<AzureReply> problem_of(const ServerRequest& request) {
  if (request.path != "/metadata/identity/oauth2/token")
    return imds_error(401, "unknown_source", cat("Unknown Source ", request.path));
  if (request.method != "GET")
    return imds_error(405, "invalid_request", "The method is not allowed");
  if (to_lower(request.header("Metadata")) != "true")
    return invalid("Required metadata header not specified");
  if (!request.header("X-Forwarded-For").empty())
    return invalid("Requests with an X-Forwarded-For header are not answered");
  const std::string_view version = request.query_value("api-version");
  if (std::find(std::begin(kVersions), std::end(kVersions), version) == std::end(kVersions)) {
    return invalid(version.empty() ? std::string("Required parameter api-version not specified")
                                   : cat("The api-version ", version, " is not supported"));
  }
  if (request.query_value("resource").empty())
    return invalid("Required audience parameter not specified");
  return std::nullopt;
}

}  // namespace

AzureReply answer_imds(const ServerRequest& request, const Directory& directory,
                       const AccessTokens& tokens, WallTime now) {
  if (auto problem = problem_of(request)) return std::move(*problem);
  auto identity = identity_of(request, directory);
  if (!identity.ok()) return std::move(identity).error();
  const std::string resource(request.query_value("resource"));
  if (!directory.has_resource(resource)) {
    return imds_error(400, "invalid_resource",
                      cat("AADSTS500011: The resource principal named ", resource,
                          " was not found in the tenant named ", (*identity)->tenant, "."));
  }
  const auto token = tokens.issue(**identity, resource, AzureProof::kAssertion, kTokenSeconds, now);
  if (!token.ok()) return imds_error(500, "unknown", "Failed to retrieve token");
  const std::int64_t seconds = unix_seconds(now);
  const std::string lifetime = std::to_string(kTokenSeconds);
  return {200,
          Json(Json::Object{{"access_token", Json(*token)},
                            {"client_id", Json((*identity)->client_id)},
                            {"expires_in", Json(lifetime)},
                            {"ext_expires_in", Json(lifetime)},
                            {"expires_on", Json(std::to_string(seconds + kTokenSeconds))},
                            {"not_before", Json(std::to_string(seconds))},
                            {"resource", Json(resource)},
                            {"token_type", Json("Bearer")}}),
          {}};
}

}  // namespace keyferry::dev
