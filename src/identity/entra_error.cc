#include "identity/entra_error.h"

#include <cstdlib>

#include "base/strings.h"
#include "formats/json.h"
#include "net/retry.h"

namespace keyferry::entra {

namespace {

// What Entra said: {"error", "error_description": "AADSTS700016: … Trace ID: …", "error_codes"}.
struct Said {
  std::string error;
  std::string description;  // its first line, without trace and time
  std::string trace;        // for Microsoft's support
  long code = 0;            // 700016
};

std::string one_line(std::string_view text) {
  text = text.substr(0, text.find_first_of("\r\n"));
  return std::string(trim(text.substr(0, text.find(" Trace ID:"))));
}

Said read_said(const Response& response) {
  const auto body = parse_json(response.body.expose());
  if (!body.ok()) return {};
  const std::string_view description = body->text_of("error_description");
  Said said{std::string(body->text_of("error")), one_line(description),
            std::string(body->text_of("trace_id")), 0};
  constexpr std::string_view kPrefix = "AADSTS";
  if (const auto at = said.description.find(kPrefix); at != std::string::npos) {
    said.code = std::atol(said.description.c_str() + at + kPrefix.size());
  }
  return said;
}

ErrorCode code_of(const Response& response, const Said& said) {
  if (response.status == 429) return ErrorCode::kResourceExhausted;
  if (may_be_better_later(response)) return ErrorCode::kUnavailable;
  const bool refused = response.status == 400 || response.status == 401 || response.status == 403;
  if (refused || !said.error.empty()) return ErrorCode::kUnauthenticated;
  return ErrorCode::kFailedPrecondition;
}

std::string or_unknown(const std::string& text) { return text.empty() ? "(unreadable)" : text; }

// The three things a federated credential is compared by; case counts.
std::string trust_remedy(const EntraIdentity& identity, const Claims& claims) {
  return cat("application ", identity.client_id,
             " needs a federated credential with exactly issuer '", or_unknown(claims.issuer),
             "', subject '", or_unknown(claims.subject), "' and audience '",
             or_unknown(claims.audience), "'; a new one is known after a few minutes");
}

std::string application_remedy(const EntraIdentity& identity) {
  return cat(
      "correct clientID (the client ID, not the object ID) or tenantID: there is no "
      "application ",
      identity.client_id, " in tenant ", identity.tenant);
}

std::string signature_remedy(const Claims& claims) {
  return cat("the key that signed the pod's token must be among those that issuer '",
             or_unknown(claims.issuer), "' publishes: is that the OIDC issuer of this cluster?");
}

// Numbers: Microsoft's list of AADSTS error codes.
std::string remedy_of(long code, const EntraIdentity& identity, const Claims& claims) {
  switch (code) {
    case 70021:    // no matching federated identity record: in general,
    case 700211:   // for its issuer,
    case 700212:   // its audience,
    case 700213:   // its subject,
    case 7002138:  // but for the case
      return trust_remedy(identity, claims);
    case 700024:  // outside its valid time range
      return "the pod's token is not good at this time: give a fresh one, or set the clocks right";
    case 50027:   // malformed token
    case 500133:  // assertion expired
      return "give a fresh service-account token of this cluster";
    case 700027:   // certificate not registered
    case 7000272:  // key not in the issuer's metadata
    case 50166:    // issuer's metadata cannot be fetched
    case 700030:
      return signature_remedy(claims);
    case 700016:  // application not found in the directory
      return application_remedy(identity);
    case 7000215:  // invalid client secret
      return "put the client secret's value, not its ID, into the key clientsecret of the secret "
             "that nodePublishSecretRef names";
    case 7000222:  // expired client secret
      return "make a new client secret, and put it into the secret that nodePublishSecretRef names";
    case 7000112:  // application disabled
    case 7000229:  // no service principal in the tenant
      return cat("enable the application ", identity.client_id, " in tenant ", identity.tenant,
                 ", with a service principal");
    case 90002:   // tenant not found
    case 900023:  // neither a GUID nor a domain
    case 50020:
      return cat("correct tenantID '", identity.tenant, "', or cloudName: this is ",
                 identity.authority);
    case 500011:  // resource principal not found
      return cat(
          "tenantID must be the tenant of the vault, and cloudName its cloud; the token was "
          "asked for ",
          identity.resource);
    case 53003:
      return "a Conditional Access policy forbids it: exclude this workload identity, or this "
             "place";
    default:
      return "";
  }
}

std::string remedy_for(ErrorCode error, long code, const EntraIdentity& identity,
                       const Claims& claims) {
  if (std::string remedy = remedy_of(code, identity, claims); !remedy.empty()) return remedy;
  if (error == ErrorCode::kResourceExhausted) return "look less often: Entra limits its clients";
  if (error == ErrorCode::kUnavailable) return "it is asked again; if it lasts, see Azure's status";
  if (error == ErrorCode::kFailedPrecondition) {
    return cat("is ", identity.authority, " a token endpoint? cloudName decides it");
  }
  return "check clientID, tenantID and the application's credentials";
}

}  // namespace

bool may_be_better_later(const Response& response) {
  if (response.status == 408 || response.status == 429 || response.status >= 500) return true;
  return response.status >= 400 && read_said(response).error == "temporarily_unavailable";
}

Error refusal(const Response& response, const EntraIdentity& identity, const Claims& claims,
              WallTime now) {
  const Said said = read_said(response);
  std::string text = cat("HTTP ", response.status);
  const std::string& words = said.description.empty() ? said.error : said.description;
  if (!words.empty()) text += cat(": ", words);
  if (!said.trace.empty()) text += cat(" (trace ", said.trace, ")");
  const ErrorCode code = code_of(response, said);
  Error error =
      Error(code, std::move(text)).with_remedy(remedy_for(code, said.code, identity, claims));
  if (const auto wait = retry_after_of(response, now)) error.set_retry_after(*wait);
  return error;
}

}  // namespace keyferry::entra
