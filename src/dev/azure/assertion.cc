#include "dev/azure/assertion.h"

#include <algorithm>

#include "base/strings.h"
#include "dev/jwt.h"
#include "dev/vault_reply.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kRemedy =
    "Please check your federated identity credential Subject, Audience and Issuer against the "
    "presented assertion. "
    "https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

EntraError no_match(int code, std::string_view claim, std::string_view value) {
  return {401, "invalid_client", code,
          cat("No matching federated identity record found for presented assertion ", claim, " '",
              value, "'. ", kRemedy)};
}

std::vector<std::string> audiences_of(const Json& claims) { return texts_of(claims.find("aud")); }

using Credentials = std::vector<const FederatedCredential*>;

template <class Predicate>
Credentials those_that(const Credentials& credentials, Predicate predicate) {
  Credentials found;
  std::copy_if(credentials.begin(), credentials.end(), std::back_inserter(found),
               [&](const FederatedCredential* credential) { return predicate(*credential); });
  return found;
}

// Entra looks for the issuer first, then among what is left for the subject, then the audience, and
// names the first that nothing fits. Since 2024 all are compared with their case.
std::optional<EntraError> problem_of_claims(const Json& claims, const AzureApp& app) {
  const std::string_view issuer = claims.text_of("iss");
  const std::string_view subject = claims.text_of("sub");
  const std::vector<std::string> audiences = audiences_of(claims);
  Credentials left;
  for (const FederatedCredential& credential : app.federated) left.push_back(&credential);
  left = those_that(left, [&](const auto& each) { return each.issuer == issuer; });
  if (left.empty()) return no_match(700211, "issuer", issuer);
  const Credentials nearly = those_that(
      left, [&](const auto& each) { return to_lower(each.subject) == to_lower(subject); });
  left = those_that(left, [&](const auto& each) { return each.subject == subject; });
  if (left.empty() && !nearly.empty()) {
    return EntraError{401, "invalid_client", 7002138,
                      cat("No matching federated identity record found for presented assertion "
                          "subject '",
                          subject,
                          "'. The subject matches with case-insensitive comparison, but "
                          "not with case-sensitive comparison. ",
                          kRemedy)};
  }
  if (left.empty()) return no_match(700213, "subject", subject);
  left = those_that(left, [&](const auto& each) {
    return std::any_of(audiences.begin(), audiences.end(), [&](const std::string& audience) {
      return std::find(each.audiences.begin(), each.audiences.end(), audience) !=
             each.audiences.end();
    });
  });
  if (left.empty()) return no_match(700212, "audience", join(audiences, ", "));
  return std::nullopt;
}

std::string entra_day(std::int64_t seconds) {
  return rfc3339(WallTime(std::chrono::seconds(seconds)));
}

std::optional<EntraError> problem_of_time(const Json& claims, WallTime now) {
  const auto at = [&](std::string_view name) {
    const Json* value = claims.find(name);
    return value == nullptr ? std::int64_t{0} : value->as_int().value_or(0);
  };
  const std::int64_t seconds = unix_seconds(now);
  if (seconds < at("exp") && seconds >= at("nbf")) return std::nullopt;
  return EntraError{401, "invalid_client", 700024,
                    cat("Client assertion is not within its valid time range. Current time: ",
                        rfc3339(now), ", assertion valid from ", entra_day(at("nbf")),
                        ", expiry time of assertion ", entra_day(at("exp")), ".")};
}

}  // namespace

std::optional<EntraError> problem_of_assertion(std::string_view assertion, const AzureApp& app,
                                               const Directory& directory, WallTime now) {
  const auto claims = unverified_claims(assertion);
  if (!claims.ok())
    return EntraError{400, "invalid_request", 50027, "JWT token is invalid or malformed."};
  const std::string_view issuer = claims->text_of("iss");
  if (issuer == app.client_id) {
    return EntraError{401, "invalid_client", 700027,
                      "The certificate with identifier used to sign the client assertion is not "
                      "registered on application."};
  }
  if (auto problem = problem_of_claims(*claims, app)) return problem;
  if (!verified_claims(assertion, directory.keys_of(issuer)).ok()) {
    return EntraError{401, "invalid_client", 7000272,
                      cat("The certificate with identifier used to sign the federated credential "
                          "could not be found in the metadata of identity provider ",
                          issuer,
                          ". Please validate that your Identity Provider's metadata exposes the "
                          "key used to sign the incoming token.")};
  }
  return problem_of_time(*claims, now);
}

}  // namespace keyferry::dev
