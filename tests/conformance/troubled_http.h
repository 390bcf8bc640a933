#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/strings.h"
#include "formats/json.h"
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
  // Refuses and says what it was sent: every header and the body.
  void repeat_what_is_sent(int times) {
    const std::lock_guard lock(mutex_);
    times_ = times;
    trouble_ = nullptr;
  }
  // The credentials that were sent to who repeats them.
  std::vector<std::string> repeated() const {
    const std::lock_guard lock(mutex_);
    return repeated_;
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
        return trouble_ ? trouble_() : refusal_that_repeats(request);
      }
    }
    return http_.send(request, deadline);
  }

 private:
  Result<Response> refusal_that_repeats(const Request& request) {
    std::string said(request.body.expose());
    for (const SecretHeader& header : request.secret_headers) {
      const std::string_view value = header.value.expose();
      said += cat(" ", header.name, ": ", value);
      if (value.starts_with("AWS4-")) continue;  // a signature is no credential
      repeated_.emplace_back(value.starts_with("Bearer ") ? value.substr(7) : value);
    }
    const Json message = Json().set("code", "Forbidden").set("message", said);
    Response response;
    response.status = 403;
    response.body = Secret(to_text(Json()
                                       .set("errors", Json::Array{Json(said)})
                                       .set("error", message)
                                       .set("__type", "AccessDeniedException")
                                       .set("message", said)));
    return response;
  }

  Http& http_;
  mutable std::mutex mutex_;
  int times_ = 0;
  int requests_ = 0;
  std::function<Result<Response>()> trouble_;
  std::vector<std::string> repeated_;
};

}  // namespace keyferry::conformance
