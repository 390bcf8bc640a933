#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/secret.h"

namespace keyferry {

// Keys that sign requests to AWS: long-lived (no session token, no end) or temporary.
struct AwsCredentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;             // empty for long-lived ones
  std::optional<WallTime> expires;  // of temporary ones

  AwsCredentials copy() const {
    return {access_key_id, secret_access_key.copy(), session_token.copy(), expires};
  }
};

}  // namespace keyferry
