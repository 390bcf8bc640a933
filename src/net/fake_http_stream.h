#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "net/http_stream.h"

namespace keyferry {

// An HttpStream for tests: plays its answers in turn, and remembers what it was asked.
class FakeHttpStream final : public HttpStream {
 public:
  struct Sent {
    std::string method_and_url;
    std::vector<std::string> headers;  // "Name: value", the secret ones too
    TlsOptions tls;
    Deadline deadline;
  };
  using Handler = std::function<Result<Response>(const BodySink&)>;

  void script(Handler handler) { answers_.push_back(std::move(handler)); }
  // A 200 with these pieces; then `end`, an error being a cut.
  void flow(const std::vector<std::string>& pieces, const Status& end = {}) {
    script([=](const BodySink& sink) -> Result<Response> {
      KF_TRY(sink(""));
      for (const std::string& piece : pieces) KF_TRY(sink(piece));
      if (!end.ok()) return end.error();
      Response response;
      response.status = 200;
      return response;
    });
  }
  void answer(int status, const std::string& body) {
    script([=](const BodySink&) -> Result<Response> {
      Response response;
      response.status = status;
      response.body = Secret(body);
      return response;
    });
  }

  Result<Response> stream(const Request& request, const BodySink& sink,
                          Deadline deadline) override {
    Sent sent{cat(request.method, ' ', request.url), {}, request.tls, deadline};
    for (const Header& header : request.headers) {
      sent.headers.push_back(cat(header.name, ": ", header.value));
    }
    for (const SecretHeader& header : request.secret_headers) {
      sent.headers.push_back(cat(header.name, ": ", header.value.expose()));
    }
    sent_.push_back(std::move(sent));
    if (answers_.empty()) return Error(ErrorCode::kInternal, "nothing scripted");
    const Handler handler = std::move(answers_.front());
    answers_.pop_front();
    return handler(sink);
  }

  const std::vector<Sent>& sent() const { return sent_; }

 private:
  std::deque<Handler> answers_;
  std::vector<Sent> sent_;
};

}  // namespace keyferry
