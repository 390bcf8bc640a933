#pragma once

#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/json.h"

namespace keyferry::dev {

enum class FaultKind {
  kStatus,      // that status with an error body
  kDelay,       // the right answer, late
  kGarbage,     // 200 with bytes that are not JSON
  kCutBody,     // the right answer, its second half missing
  kCutHeaders,  // the connection ends inside the header lines
  kClose,       // the connection ends without an answer
};

struct Fault {
  std::string path;  // "/v1/secret/data/shop"; a * at the end matches any rest
  FaultKind kind = FaultKind::kStatus;
  int status = 500;
  std::string code;  // the error's name, for an API whose errors have one; "" for the usual one
  std::optional<std::int64_t> retry_after_seconds;
  std::chrono::milliseconds delay{0};
  int times = 1;  // 0: for ever
};

// {"path", "status", "code", "retry_after", "times", "delay_ms"} or "kind": "garbage" | "cut" |
// "cut_headers" | "close". kInvalidArgument names the wrong member.
Result<Fault> parse_fault(const Json& json);

// Faults that tests ordered, in order. Any thread may call.
class FaultPlan {
 public:
  void add(Fault fault);
  void clear();
  // The first fault for this path, counted down; nullopt when there is none.
  std::optional<Fault> take(std::string_view path);

 private:
  std::mutex mutex_;
  std::list<Fault> faults_;
};

// What was asked and answered, without bodies and headers. Any thread may call.
class RequestLog {
 public:
  void add(std::string_view method, std::string_view path, int status);
  void clear();
  // {"requests": [{"method", "path", "status"}]}
  Json to_json() const;

 private:
  struct Entry {
    std::string method, path;
    int status;
  };
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace keyferry::dev
