#include "stores/vault/vault_error.h"

#include "base/strings.h"
#include "net/retry.h"
#include "stores/vault/vault_wire.h"

namespace keyferry::stores::vault {

namespace {

// "HTTP 403: permission denied"
std::string said(const Response& response) {
  const std::string words = complaints_of(response);
  return cat("HTTP ", response.status, words.empty() ? "" : ": ", words);
}

bool is_sealed(const Response& response) {
  return response.status == 503 && complaints_of(response).find("seal") != std::string::npos;
}

ErrorCode code_of(int status) {
  switch (status) {
    case 400:
      return ErrorCode::kInvalidArgument;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 405:
    case 501:
      return ErrorCode::kUnimplemented;
    case 429:
      return ErrorCode::kResourceExhausted;
    case 412:  // a standby that has not caught up
      return ErrorCode::kUnavailable;
    default:
      return status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kFailedPrecondition;
  }
}

// What is the same for logins and reads.
std::string server_remedy(const VaultConfig& config, const Response& response) {
  if (is_sealed(response)) return cat("; unseal the server at ", config.address);
  switch (response.status) {
    case 429:
      return "; the server limits its clients: ask less often or raise the quota";
    case 412:
      return "; a standby has not caught up yet, it is asked again";
    case 301:
    case 302:
    case 307:
      return cat("; set ", config.names.address, " to the server that answers itself");
    default:
      return response.status >= 500 ? cat("; look at the log of the server at ", config.address)
                                    : "";
  }
}

Error with_wait(Error error, const Response& response, WallTime now) {
  const auto wait = retry_after_of(response, now);
  if (!wait) return error;
  error.set_retry_after(*wait);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait).count();
  if (seconds == 0) return error;
  return std::move(error).with_remedy(cat("it asks to be left alone for ", seconds, " s"));
}

std::string_view policy_word(const ObjectSpec& object) {
  if (object.method == "GET") return "read";
  if (object.method == "LIST") return "list";
  if (object.method == "SCAN") return "scan";
  if (object.method == "PATCH") return "patch";
  return object.method == "DELETE" ? "delete" : "update";
}

// "secret/shop" below "secret/": "secret/data/shop".
std::string with_data(const MountFact& mount, const std::string& path) {
  return cat(mount.path, "data/", path.substr(mount.path.size()));
}

// What the engine at the path makes of it; "" when the path fits.
std::string path_remedy(const ObjectSpec& object, const std::optional<MountFact>& mount) {
  const std::string path = object.policy_path();
  if (!mount || !path.starts_with(mount->path)) return "";
  const std::string_view rest = std::string_view(path).substr(mount->path.size());
  if (mount->version == 2 && !is_kv2_endpoint(rest)) {
    return cat("; '", mount->path, "' is a KV version 2 engine: secretPath must be '",
               with_data(*mount, path), "'");
  }
  if (mount->version == 1 && rest.starts_with("data/")) {
    return cat("; '", mount->path, "' is a KV version 1 engine: secretPath must be '", mount->path,
               rest.substr(5), "', without data/");
  }
  return "";
}

std::string read_remedy(const VaultConfig& config, const ObjectSpec& object,
                        const Response& response, const std::optional<MountFact>& mount) {
  const std::string path = object.policy_path();
  if (response.status == 403) {
    if (std::string remedy = path_remedy(object, mount); !remedy.empty()) return remedy;
    return cat("; give a policy of role '", config.role, "' this rule: path \"", path,
               "\" { capabilities = [\"", policy_word(object), "\"] }");
  }
  if (response.status == 404) {
    if (std::string remedy = path_remedy(object, mount); !remedy.empty()) return remedy;
    const std::string words = complaints_of(response);
    if (words.find("versioned K/V") != std::string::npos) {
      return "; it is a KV version 2 engine: put /data/ after the mount's name in secretPath";
    }
    if (words.find("namespace") != std::string::npos) {
      return cat("; check ", config.names.namespace_name, " '", config.namespace_name, "'");
    }
    return "; nothing is there, or its newest version is deleted: write it, or correct secretPath";
  }
  if (response.status == 405) return "; the engine does not know this method: set `method`";
  return server_remedy(config, response);
}

// kNotFound only where the question was right and nothing is there: a 404 with words is about the
// mount, the namespace or the path.
ErrorCode read_code(const ObjectSpec& object, const Response& response,
                    const std::optional<MountFact>& mount) {
  const bool wrong_question = response.status == 404 && (!path_remedy(object, mount).empty() ||
                                                         !complaints_of(response).empty());
  return wrong_question ? ErrorCode::kFailedPrecondition : code_of(response.status);
}

std::string login_remedy(const VaultConfig& config, const Response& response) {
  const std::string words = complaints_of(response);
  if (response.status == 400 || response.status == 403) {
    if (words.find("could not be found") != std::string::npos ||
        words.find("invalid role name") != std::string::npos) {
      return cat("; create the role '", config.role, "' or correct roleName");
    }
    if (words.find("audience") != std::string::npos) {
      return cat("; the token must be one for audience '", config.audience,
                 "', and the role's audience the same: `audience` here says which");
    }
    if (words.find("expired") != std::string::npos) {
      return "; give a token that has not expired, or set the clocks right";
    }
    return cat("; check that login method '", config.auth_mount, "' exists, that role '",
               config.role,
               "' is bound to this service account and namespace, and its audience is '",
               config.audience, "'");
  }
  if (response.status == 404) {
    return words.find("namespace") != std::string::npos
               ? cat("; check ", config.names.namespace_name, " '", config.namespace_name, "'")
               : cat("; there is no login method '", config.auth_mount, "': enable it or set ",
                     config.names.auth_mount);
  }
  return server_remedy(config, response);
}

}  // namespace

std::optional<MountFact> read_mount(const Response& response) {
  if (!is_success(response)) return std::nullopt;
  const auto body = parse_json(response.body.expose());
  const Json* data = body.ok() ? body->find("data") : nullptr;
  if (data == nullptr) return std::nullopt;
  MountFact fact{std::string(data->text_of("path")), std::string(data->text_of("type")), 0};
  const bool is_kv = fact.type == "kv" || fact.type == "generic";
  const Json* options = data->find("options");
  const std::string_view version = options == nullptr ? "" : options->text_of("version");
  if (is_kv) fact.version = version == "2" ? 2 : 1;
  if (!fact.path.ends_with('/')) fact.path += '/';
  return fact;
}

Error no_answer_error(const VaultConfig& config, Error error) {
  if (error.code() == ErrorCode::kFailedPrecondition ||
      error.message().find("client certificate") != std::string::npos) {
    return std::move(error).with_remedy(cat("TLS is set by ", config.names.tls));
  }
  const bool unreachable =
      error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kDeadlineExceeded;
  if (!unreachable) return error;
  return std::move(error).with_remedy(cat("is the server at ", config.address,
                                          " up, and reachable from here? ", config.names.address,
                                          " names it"));
}

Error login_error(const VaultConfig& config, const Response& response, WallTime now) {
  const ErrorCode code = response.status == 400 || response.status == 403
                             ? ErrorCode::kUnauthenticated
                             : code_of(response.status);
  return with_wait(Error(code, cat("login as role '", config.role, "' at auth/", config.auth_mount,
                                   ": ", said(response), login_remedy(config, response))),
                   response, now);
}

Error read_error(const VaultConfig& config, const ObjectSpec& object, const Response& response,
                 const std::optional<MountFact>& mount, WallTime now) {
  return with_wait(Error(read_code(object, response, mount),
                         cat(object.method, ' ', object.policy_path(), ": ", said(response),
                             read_remedy(config, object, response, mount))),
                   response, now);
}

Error login_end_error(const VaultConfig& config, const Response& response) {
  const std::string rule = is_denied(response)
                               ? cat("; unless it was gone already, give a policy of role '",
                                     config.role, "' the rule: ", kRevokeSelfRule)
                               : "";
  return {code_of(response.status),
          cat("vault: end of a login: ", said(response), rule,
              "; its token and what was made under it end by themselves")};
}

bool may_be_better_later(const Response& response) {
  return response.status == 412 || response.status == 429 ||
         (response.status >= 500 && response.status != 501);
}

bool is_past_maximum(const Response& response) {
  return complaints_of(response).find("past the max TTL") != std::string::npos;
}

bool is_lease_gone(const Response& response) {
  if (response.status != 400) return false;
  const std::string words = complaints_of(response);
  return words.find("lease not found") != std::string::npos ||
         words.find("invalid lease") != std::string::npos ||
         words.find("lease expired") != std::string::npos;
}

bool is_denied(const Response& response) { return response.status == 403; }

bool is_success(const Response& response) {
  return response.status >= 200 && response.status < 300;
}

}  // namespace keyferry::stores::vault
