#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "dev/database/leases.h"
#include "formats/json.h"

namespace keyferry::dev {

// What a client wants of a path, as the Vault API sees it.
enum class Operation { kRead, kList, kWrite, kDelete };

// One request below /v1/ of one namespace.
struct VaultCall {
  Operation operation = Operation::kRead;
  std::string path;  // without /v1/ and without a slash at the end
  std::map<std::string, std::string, std::less<>> query;
  std::string token;
  Json body;  // null when none was sent
  WallTime now;
  std::string owner = {};  // display name of the token
};

// Status and body of an answer; a null body is no body.
struct VaultReply {
  int status = 200;
  Json body;
  DatabaseDuties duties = {};
};

// 200 with the envelope every answer of the Vault API has.
VaultReply data_reply(Json data);
VaultReply auth_reply(Json auth);
VaultReply no_content();                                                // 204
VaultReply error_reply(int status, std::vector<std::string> messages);  // {"errors": [...]}
VaultReply not_found();                                                 // 404 {"errors": []}
// 403 as for a missing, unknown or expired token.
VaultReply permission_denied();
// 404 with an envelope that holds only the warning.
VaultReply warning_not_found(std::string warning);

// 200 {"keys": [...]} of the names below `prefix`, folders with a slash; 404 when there are none.
VaultReply list_reply(const std::vector<std::string>& paths, std::string_view prefix);

// "2026-01-02T03:04:05.000000006Z"
std::string rfc3339(WallTime time);

// "1h30m", "90s", "90" or the number 90 as seconds; `fallback` for anything else.
std::int64_t seconds_of(const Json* value, std::int64_t fallback);

// The texts of an array of strings, of a comma separated string, or none.
std::vector<std::string> texts_of(const Json* value);

// Random and unguessable, fit for tokens and ids.
std::string random_id();

}  // namespace keyferry::dev
