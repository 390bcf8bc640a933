#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "net/http.h"

namespace keyferry::conformance {

// The way to a real server, on which the answers to the next requests go wrong.
class TroubledHttp final : public Http {
 public:
  explicit TroubledHttp(Http& http) : http_(http) {}

  // Instead of the next `times` answers.
  void answer(int times, int status, std::string body, std::vector<Header> headers = {}) {
    const std::lock_guard lock(mutex_);
    times_ = times;
    trouble_ = [=]() -> Result<Response> {
      Response response;
      response.status = status;
      response.headers = headers;
      response.body = Secret(body);
      return response;
    };
  }
  void fail(int times, const Error& error) {
    const std::lock_guard lock(mutex_);
    times_ = times;
    trouble_ = [=]() -> Result<Response> { return error; };
  }
  int requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  Result<Response> send(const Request& request, Deadline deadline) override {
    {
      const std::lock_guard lock(mutex_);
      ++requests_;
      if (times_ > 0) {
        --times_;
        return trouble_();
      }
    }
    return http_.send(request, deadline);
  }

 private:
  Http& http_;
  mutable std::mutex mutex_;
  int times_ = 0;
  int requests_ = 0;
  std::function<Result<Response>()> trouble_;
};

}  // namespace keyferry::conformance
