#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "identity/entra.h"

namespace keyferry::entra {

// Why Entra refused a token, and what to change where: its AADSTS code explained. `claims` are
// those of the assertion, empty where a client secret was sent.
Error refusal(const Response& response, const EntraIdentity& identity, const Claims& claims,
              WallTime now);

// Whether an answer is worth another try (429, 5xx, temporarily_unavailable).
bool may_be_better_later(const Response& response);

}  // namespace keyferry::entra
