#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "dev/azure/azure_reply.h"
#include "dev/azure/directory.h"

namespace keyferry::dev {

// Why Entra refuses a client assertion for an app: no federated credential fits its issuer, subject
// or audience, its issuer's key did not sign it, or it is not valid at this time. nullopt: taken.
std::optional<EntraError> problem_of_assertion(std::string_view assertion, const AzureApp& app,
                                               const Directory& directory, WallTime now);

}  // namespace keyferry::dev
