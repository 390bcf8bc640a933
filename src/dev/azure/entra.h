#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "dev/azure/access_tokens.h"
#include "dev/azure/azure_reply.h"
#include "dev/azure/directory.h"

namespace keyferry::dev {

// One POST to /TENANT/oauth2/v2.0/token.
struct TokenRequest {
  std::string tenant;
  std::map<std::string, std::string, std::less<>> form;
  std::string correlation_id;  // of the client, may be empty
  std::string own_host;        // of this listener with its port: its vaults are resources too

  std::string_view value(std::string_view name) const;
};

// Decoded members of a form; the last of two with one name wins, a broken escape is left out.
std::map<std::string, std::string, std::less<>> form_members(std::string_view body);

// The token endpoint: client_credentials by secret or by an assertion of another issuer. The
// answer, or the refusal with the status, code and words Entra has for it.
AzureReply answer_token(const TokenRequest& request, const Directory& directory,
                        const AccessTokens& tokens, WallTime now);

// GET below /TENANT/ and /common/: the OpenID configuration, the keys, the instance discovery.
// nullopt: none of these.
std::optional<AzureReply> answer_metadata(std::string_view path, const AzureHost& host,
                                          const Directory& directory, const AccessTokens& tokens,
                                          WallTime now);

}  // namespace keyferry::dev
