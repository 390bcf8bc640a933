#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "net/http.h"

namespace keyferry {

// An Http for tests: answers from a script and remembers what it was sent.
class FakeHttp final : public Http {
 public:
  struct Sent {
    std::string method;
    std::string url;
    std::map<std::string, std::string> headers;  // names in lower case, the secret ones too
    std::string body;
    TlsOptions tls;
    ProxyUse proxy = ProxyUse::kFromEnvironment;
    Deadline deadline;
  };
  // Called without the lock held, so it may block or tick a clock.
  using Handler = std::function<Result<Response>(const Sent&)>;

  static Response response(int status, std::string_view body, std::vector<Header> headers = {}) {
    Response answer;
    answer.status = status;
    answer.headers = std::move(headers);
    answer.body = Secret(body);
    return answer;
  }

  // Adds to the answers for "GET http://host/path"; they are given in turn, the last one for ever.
  void answer(const std::string& method_and_url, int status, const std::string& body,
              const std::vector<Header>& headers = {}) {
    script(method_and_url, [=](const Sent&) { return response(status, body, headers); });
  }
  void fail(const std::string& method_and_url, const Error& error) {
    script(method_and_url, [=](const Sent&) -> Result<Response> { return error; });
  }
  void script(const std::string& method_and_url, Handler handler) {
    const std::lock_guard lock(mutex_);
    scripts_[method_and_url].push_back(std::move(handler));
  }

  Result<Response> send(const Request& request, Deadline deadline) override {
    const Sent sent = sent_of(request, deadline);
    Handler handler;
    {
      const std::lock_guard lock(mutex_);
      sent_.push_back(sent);
      const auto found = scripts_.find(cat(sent.method, ' ', sent.url));
      if (found == scripts_.end()) {
        return Error(ErrorCode::kInternal,
                     cat("nothing scripted for ", sent.method, ' ', sent.url));
      }
      handler = found->second.front();
      if (found->second.size() > 1) found->second.pop_front();
    }
    return handler(sent);
  }

  std::vector<Sent> sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
  }
  // "GET http://host/path" of every request, in order.
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const Sent& sent : this->sent()) lines.push_back(cat(sent.method, ' ', sent.url));
    return lines;
  }

 private:
  static Sent sent_of(const Request& request, Deadline deadline) {
    Sent sent{request.method, request.url,   {},      std::string(request.body.expose()),
              request.tls,    request.proxy, deadline};
    for (const Header& header : request.headers) sent.headers[to_lower(header.name)] = header.value;
    for (const SecretHeader& header : request.secret_headers) {
      sent.headers[to_lower(header.name)] = std::string(header.value.expose());
    }
    return sent;
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::deque<Handler>> scripts_;
  std::vector<Sent> sent_;
};

}  // namespace keyferry
