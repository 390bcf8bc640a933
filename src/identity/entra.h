#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "identity/entra_identity.h"
#include "net/http.h"

// Microsoft Entra's token endpoint (OAuth 2.0 client credentials). Pure.
namespace keyferry {

// A bearer token for one resource.
struct EntraToken {
  Secret value;
  WallTime expires;
};

namespace entra {

// POST /TENANT/oauth2/v2.0/token with the pod's token, or with a client secret, as proof.
Request federated_request(const EntraIdentity& identity, const Secret& assertion);
Request secret_request(const EntraIdentity& identity, const Secret& client_secret);

// {access_token, expires_in or expires_on}: numbers or texts. kInternal: there is no token in it;
// it is not quoted.
Result<EntraToken> read_token(const Response& response, WallTime now);

// Who a service-account token speaks for, unverified, for messages; "" for what it does not say.
struct Claims {
  std::string issuer;
  std::string subject;
  std::string audience;
};
Claims claims_of(const Secret& assertion);

}  // namespace entra
}  // namespace keyferry
