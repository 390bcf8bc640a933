#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace keyferry {

// Who the pod is: a service-account token for the audience wanted. Any thread may call; each call
// gives the newest token (a kubelet renews token files behind our back).
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  // kNotFound names the audience and how to provide it.
  virtual Result<Secret> token(const std::string& audience) = 0;
};

}  // namespace keyferry
