#include "base/strings.h"
#include "formats/json.h"
#include "net/retry.h"
#include "stores/azure/azure_wire.h"

namespace keyferry::stores::azure {

namespace {

// {"error": {"code", "message", "innererror": {"code"}}}
struct Said {
  std::string code;
  std::string message;  // its first line
  std::string inner;    // "ForbiddenByRbac", "SecretDisabled"
};

Said read_said(const Response& response) {
  const auto body = parse_json(response.body.expose());
  const Json* error = body.ok() ? body->find("error") : nullptr;
  if (error == nullptr) return {};
  const std::string_view message = error->text_of("message");
  const Json* inner = error->find("innererror");
  return {std::string(error->text_of("code")),
          std::string(trim(message.substr(0, message.find_first_of("\r\n")))),
          inner == nullptr ? "" : std::string(inner->text_of("code"))};
}

bool is_disabled(const Said& said) { return said.inner.ends_with("Disabled"); }

// Codes differ between servers: the status decides.
ErrorCode code_of(int status, const Said& said) {
  switch (status) {
    case 400:
      return ErrorCode::kInvalidArgument;
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return is_disabled(said) ? ErrorCode::kFailedPrecondition : ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 408:
      return ErrorCode::kUnavailable;
    case 429:
      return ErrorCode::kResourceExhausted;
    default:
      return status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kFailedPrecondition;
  }
}

std::string_view role_for(ObjectType type) {
  switch (type) {
    case ObjectType::kSecret:
      return "Key Vault Secrets User";
    case ObjectType::kKey:
      return "Key Vault Crypto User";
    case ObjectType::kCertificate:
      return "Key Vault Certificate User";
  }
  return "";
}

std::string denied_remedy(const Said& said, const ObjectId& id, const std::string& who) {
  if (is_disabled(said)) return "enable it, or write the objectVersion of one that is enabled";
  if (said.inner.find("Firewall") != std::string::npos ||
      said.inner.find("Connection") != std::string::npos) {
    return "let this network through the vault's firewall, or ask at a private endpoint "
           "(endpointUrl)";
  }
  return cat("give ", who, " the role '", role_for(id.type),
             "' on the vault; a vault with access policies: the permission get for ",
             word_of(id.type), "s, and list for objectVersionHistory");
}

std::string remedy_of(ErrorCode code, const Said& said, const ObjectId& id,
                      const std::string& who) {
  switch (code) {
    case ErrorCode::kUnauthenticated:
      return cat("tenantID must be the vault's tenant, and cloudName its cloud; asked as ", who);
    case ErrorCode::kPermissionDenied:
      return denied_remedy(said, id, who);
    case ErrorCode::kNotFound:
      return "create it in the vault, or correct objectName, objectType, objectVersion or "
             "keyvaultName";
    case ErrorCode::kFailedPrecondition:
      return is_disabled(said) ? denied_remedy(said, id, who)
                               : std::string(
                                     "is that the address of a key vault? endpointUrl and "
                                     "cloudName decide it");
    case ErrorCode::kInvalidArgument:
      return "correct objectName or objectVersion";
    case ErrorCode::kResourceExhausted:
      return "look less often, or spread the objects over more vaults";
    case ErrorCode::kUnavailable:
      return "it is asked again; if it lasts, look at the vault's health in the portal";
    default:
      return "";
  }
}

}  // namespace

Error vault_error(const Response& response, const ObjectId& id, const std::string& who,
                  WallTime now) {
  const Said said = read_said(response);
  std::string text = cat("HTTP ", response.status);
  if (!said.code.empty()) text += cat(' ', said.code);
  if (!said.inner.empty()) text += cat(" (", said.inner, ")");
  if (!said.message.empty()) text += cat(": ", said.message);
  const ErrorCode code = code_of(response.status, said);
  Error error = Error(code, std::move(text))
                    .with_context(to_text(id))
                    .with_remedy(remedy_of(code, said, id, who));
  if (const auto wait = retry_after_of(response, now)) error.set_retry_after(*wait);
  return error;
}

bool may_be_better_later(const Response& response) {
  return response.status == 408 || response.status == 429 || response.status >= 500;
}

}  // namespace keyferry::stores::azure
