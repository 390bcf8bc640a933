#pragma once

#include "base/clock.h"
#include "dev/azure/access_tokens.h"
#include "dev/azure/azure_reply.h"
#include "dev/azure/directory.h"
#include "net/http_server.h"

namespace keyferry::dev {

// The instance metadata service of a machine that has the directory's managed identities:
// GET /metadata/identity/oauth2/token.
AzureReply answer_imds(const ServerRequest& request, const Directory& directory,
                       const AccessTokens& tokens, WallTime now);

}  // namespace keyferry::dev
