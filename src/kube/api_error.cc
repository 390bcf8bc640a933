#include "kube/api_error.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/encoding.h"
#include "base/strings.h"
#include "net/retry.h"

namespace keyferry::kube {

namespace {

struct Cause {
  std::string reason;
  std::string field;
  std::string message;
};

// A Status (meta/v1); empty where the body is none, as those of proxies are.
struct ApiStatus {
  std::string reason;
  std::string message;
  std::string about;  // details.name: the object that is not there
  std::vector<Cause> causes;
  std::optional<std::int64_t> retry_after_seconds;

  bool has_cause(std::string_view wanted) const {
    return std::any_of(causes.begin(), causes.end(),
                       [&](const Cause& cause) { return cause.reason == wanted; });
  }
};

ApiStatus read_status(const Json& json) {
  ApiStatus status;
  if (json.text_of("kind") != "Status") return status;
  status.reason = printable(json.text_of("reason"));
  status.message = printable(json.text_of("message"));
  const Json* details = json.find("details");
  if (details == nullptr) return status;
  status.about = details->text_of("name");
  if (const Json* seconds = details->find("retryAfterSeconds")) {
    status.retry_after_seconds = seconds->as_int();
  }
  const Json* causes = details->find("causes");
  if (causes == nullptr || causes->as_array() == nullptr) return status;
  for (const Json& cause : *causes->as_array()) {
    status.causes.push_back({std::string(cause.text_of("reason")),
                             printable(cause.text_of("field")),
                             printable(cause.text_of("message"))});
  }
  return status;
}

ErrorCode code_of(int http, const ApiStatus& status) {
  switch (http) {
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return status.has_cause("NamespaceTerminating") ? ErrorCode::kFailedPrecondition
                                                      : ErrorCode::kPermissionDenied;
    case 404:
      return status.about.empty() ? ErrorCode::kUnimplemented : ErrorCode::kNotFound;
    case 405:
    case 406:
    case 415:
    case 501:
      return ErrorCode::kUnimplemented;
    case 409:
      return status.reason == "AlreadyExists" ? ErrorCode::kAlreadyExists : ErrorCode::kAborted;
    case 410:
      return ErrorCode::kOutOfRange;
    case 429:
      return ErrorCode::kResourceExhausted;
    case 504:
      return status.has_cause("ResourceVersionTooLarge") ? ErrorCode::kOutOfRange
                                                         : ErrorCode::kUnavailable;
    default:
      break;
  }
  if (http >= 500 || http == 408) return ErrorCode::kUnavailable;
  return http >= 400 ? ErrorCode::kInvalidArgument : ErrorCode::kInternal;
}

// "spec.provider: Required value"; of a Secret the fields alone, for the words quote values.
std::string causes_of(const ApiStatus& status, bool about_secrets) {
  std::vector<std::string> pieces;
  for (const Cause& cause : status.causes) {
    if (about_secrets) {
      pieces.push_back(cause.field);
    } else {
      pieces.push_back(cause.field.empty() ? cause.message : cat(cause.field, ": ", cause.message));
    }
  }
  return join(pieces, "; ");
}

// What the server says; of what was sent for a Secret, which it may quote, the fields alone.
std::string server_words(int http, const ApiStatus& status, const Asked& asked) {
  if (asked.is_about_secrets() && (http == 400 || http == 422)) {
    const std::string fields = causes_of(status, true);
    return fields.empty() ? status.reason : cat("fields ", fields);
  }
  return status.message.empty() ? causes_of(status, false) : status.message;
}

std::string words_of(int http, const ApiStatus& status, const Asked& asked) {
  constexpr std::size_t kMost = 2000;
  const std::string words = server_words(http, status, asked);
  if (words.empty()) return cat("HTTP ", http, " without a Kubernetes Status");
  return cat("HTTP ", http, ": ", utf8_prefix(words, kMost));
}

// RBAC says "User "…" cannot list resource "…"": the verb it missed may be another than was asked
// (an apply that creates).
std::string denied_verb(const std::string& message) {
  constexpr std::string_view kCannot = " cannot ";
  const auto begin = message.find(kCannot);
  if (begin == std::string::npos) return {};
  const auto end = message.find(" resource ", begin);
  if (end == std::string::npos) return {};
  return message.substr(begin + kCannot.size(), end - begin - kCannot.size());
}

std::string rbac_remedy(const Asked& asked, const Caller& caller, const std::string& verb) {
  const std::string& space = asked.name.namespace_name;
  const bool everywhere = space.empty() || asked.resource.scope == Scope::kCluster;
  const std::string who = caller.service_account.empty()
                              ? std::string("that user")
                              : cat("ServiceAccount ", caller.service_account);
  return cat("allow it to ", who, ": a ",
             everywhere ? std::string("ClusterRole") : cat("Role in namespace ", space),
             " with apiGroups [\"", asked.resource.group, "\"], resources [\"",
             asked.rbac_resource(), "\"], verbs [\"", verb, "\"], and a ",
             everywhere ? "ClusterRoleBinding" : "RoleBinding", " to it");
}

std::string remedy_for(ErrorCode code, const ApiStatus& status, const Asked& asked,
                       const Caller& caller) {
  if (code == ErrorCode::kUnauthenticated) {
    return cat(
        "the API server does not take ",
        caller.credential.empty() ? std::string("a caller without credentials") : caller.credential,
        "; is it of this cluster, and in date?");
  }
  if (code == ErrorCode::kPermissionDenied) {
    const std::string verb = denied_verb(status.message);
    return verb.empty() ? std::string() : rbac_remedy(asked, caller, verb);
  }
  if (code == ErrorCode::kFailedPrecondition) return "the namespace is being deleted";
  if (code == ErrorCode::kUnimplemented) {
    return cat("does the API server serve ", asked.resource.display_name(), " in version ",
               asked.resource.version, "? Its CustomResourceDefinition may be missing");
  }
  if (code == ErrorCode::kAborted && status.has_cause("FieldManagerConflict")) {
    return "leave the fields to their managers, or apply with force";
  }
  return {};
}

}  // namespace

Error error_of(const Response& response, const Asked& asked, const Caller& caller, WallTime now) {
  const auto json = parse_json(response.body.expose());
  const ApiStatus status = json.ok() ? read_status(*json) : ApiStatus();
  const ErrorCode code = code_of(response.status, status);
  Error error(code, words_of(response.status, status, asked));
  if (const std::string remedy = remedy_for(code, status, asked, caller); !remedy.empty()) {
    error = std::move(error).with_remedy(remedy);
  }
  if (const auto wait = retry_after_of(response, now)) error.set_retry_after(*wait);
  return error;
}

Error error_of_event(const Json& json, const Asked& asked) {
  const ApiStatus status = read_status(json);
  const Json* number = json.find("code");
  const auto http = number == nullptr ? std::nullopt : number->as_int();
  const bool is_busy = http == 429;
  Error error(is_busy ? ErrorCode::kResourceExhausted : ErrorCode::kOutOfRange,
              words_of(static_cast<int>(http.value_or(0)), status, asked));
  if (is_busy && status.retry_after_seconds.value_or(0) > 0) {
    constexpr std::int64_t kAnHour = 3600;
    error.set_retry_after(std::chrono::seconds(std::min(*status.retry_after_seconds, kAnHour)));
  }
  return error;
}

}  // namespace keyferry::kube
