#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "kube/api_config.h"

namespace keyferry::kube {

// "system:serviceaccount:NAMESPACE:NAME", or who else a JSON web token is about; "" where the text
// is none. The signature is not looked at: the API server does that.
std::string subject_of(const Secret& token);

// "NAMESPACE/NAME" of such a subject; "" where it is another.
std::string service_account_of(std::string_view subject);

// The token by which a client is known, as new as its file, which is looked at once a minute: the
// kubelet renews it behind our back. Any thread may call; no lock is held while the file is read.
class BearerToken {
 public:
  struct Held {
    std::shared_ptr<const Secret> token;  // null where there is none
    std::string service_account;          // "" where it is not one's
  };

  // The clock outlives it.
  BearerToken(const ApiConfig& config, Clock& clock)
      : clock_(clock), file_(config.token_file), held_(held_of(config.token)) {}

  // An error only where no token was ever read.
  Result<Held> current();

  // After `refused` was: whether there is another one by now. Reads the file at once.
  bool renewed_after(const Held& refused);

 private:
  static Held held_of(std::shared_ptr<const Secret> token);
  Status read();

  Clock& clock_;
  const std::string file_;
  std::mutex mutex_;
  Held held_;
  SteadyTime look_at_ = SteadyTime::min();  // when the file is due
};

}  // namespace keyferry::kube
