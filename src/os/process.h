#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"

namespace keyferry {

// Before the first secret is read: no core dumps, not attachable by others (PR_SET_DUMPABLE 0),
// SIGPIPE ignored. A failure is returned, not ignored: the program must then not go on.
Status harden_process();

// A variable of the environment; empty when it is not set. Nobody here changes the environment.
std::string environment_variable(std::string_view name);

// From here on SIGTERM and SIGINT request `stop` instead of ending the process; a second one ends
// it. Call once, before the first thread is started (the signals are blocked for all threads and
// received by one thread of this object).
class SignalStop {
 public:
  SignalStop();
  ~SignalStop();
  SignalStop(const SignalStop&) = delete;
  SignalStop& operator=(const SignalStop&) = delete;

  std::stop_token token() const { return stop_.get_token(); }
  // The signal that came, 0 when none did.
  int signal() const;

 private:
  struct State;
  std::stop_source stop_;
  State* state_;
};

}  // namespace keyferry
