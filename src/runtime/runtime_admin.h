#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "formats/json.h"

namespace keyferry::runtime {

// What the runtime answered to an admin action (M2EE): 0 is success.
struct AdminReply {
  int result = 0;
  Json feedback;  // object or null
  std::string message;
  std::string cause;
};

// The runtime's admin API. A reply is what the runtime said, good or bad; an Error means that it
// could not be asked (kUnavailable, kDeadlineExceeded) or did not let us (kPermissionDenied,
// kUnimplemented, kInvalidArgument). Any thread may call.
class RuntimeAdmin {
 public:
  virtual ~RuntimeAdmin() = default;
  // `params` is a JSON object as text; empty means {}.
  virtual Result<AdminReply> call(std::string_view action, const Secret& params,
                                  Deadline deadline) = 0;
};

}  // namespace keyferry::runtime
