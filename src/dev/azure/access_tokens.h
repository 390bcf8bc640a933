#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "dev/azure/directory.h"
#include "formats/json.h"

namespace keyferry::dev {

// Whom an access token speaks for.
struct AzureCaller {
  std::string tenant, client_id, object_id, issuer;
  bool administrator = false;  // the store's root token: may do everything
};

// How the caller proved who it is: the appidacr claim.
enum class AzureProof { kSecret, kAssertion };

// Access tokens as Entra issues them to applications: JWTs signed with a key of this process.
// The constness is that of the key: any thread may call.
class AccessTokens {
 public:
  static Result<AccessTokens> with_fresh_key();

  Result<std::string> issue(const AzureApp& app, std::string_view audience, AzureProof proof,
                            std::int64_t ttl_seconds, WallTime now) const;

  // Why a token is refused: the words and number Key Vault uses for it.
  struct Refusal {
    std::string message;
  };
  // The caller; audiences: every one that is taken, the first is named in the refusal.
  Result<AzureCaller, Refusal> verify(std::string_view token, std::string_view tenant,
                                      const std::vector<std::string>& audiences,
                                      WallTime now) const;

  // {"keys": [...]}
  Json key_set() const;

 private:
  AccessTokens(Secret key, std::string public_key, Json jwk)
      : key_(std::move(key)), public_key_(std::move(public_key)), jwk_(std::move(jwk)) {}

  Secret key_;
  std::string public_key_;
  Json jwk_;
};

// The issuer of a tenant's access tokens.
std::string issuer_of_tenant(std::string_view tenant);

}  // namespace keyferry::dev
