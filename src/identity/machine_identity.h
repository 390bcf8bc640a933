#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "identity/entra.h"

// Tokens from services of the node itself: the machine's metadata service (IMDS), and the NMI of
// retired AAD pod identity. Never through a proxy. Pure.
namespace keyferry::machine_identity {

inline constexpr const char* kMetadataEndpoint = "http://169.254.169.254";
inline constexpr const char* kNodeEndpoint = "http://localhost:2579";

// GET /metadata/identity/oauth2/token with the header Metadata.
Request metadata_request(const EntraIdentity& identity);
// GET /host/token/ with the pod's name and namespace.
Request node_request(const EntraIdentity& identity);

// The metadata service says 404 and 410 while it starts, too.
bool may_be_better_later(const Response& response);

// Why there is no token, and what to do about it.
Error refusal(const Response& response, const EntraIdentity& identity, WallTime now);

}  // namespace keyferry::machine_identity
