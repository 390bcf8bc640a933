#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/unique_fd.h"

namespace keyferry::rpc {

using CallId = std::uint64_t;

// What a handler made of a call.
struct HandledCall {
  CallId call = 0;
  Result<Secret> answer;
};

// What other threads leave for the one that serves the connections: answers and the wish to stop.
// Its descriptor can be read when there is something.
class Mailbox {
 public:
  Mailbox();

  void post(HandledCall handled);
  void ask_to_stop();

  int descriptor() const { return event_.get(); }
  bool is_good() const { return static_cast<bool>(event_); }

  struct Contents {
    std::vector<HandledCall> handled;
    bool stop = false;  // stays so
  };
  Contents take();

 private:
  void ring();

  UniqueFd event_;
  std::mutex mutex_;
  Contents contents_;
};

}  // namespace keyferry::rpc
