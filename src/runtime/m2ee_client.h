#pragma once

#include <stop_token>
#include <string>

#include "net/http.h"
#include "runtime/runtime_admin.h"

namespace keyferry::runtime {

struct M2eeOptions {
  std::string url = "http://127.0.0.1:9000/";
  Secret password;       // M2EE_ADMIN_PASS of the app container
  std::stop_token stop;  // ends a call at once with kCancelled
};

// RuntimeAdmin over HTTP: one POST per action, a fresh connection each, never through a proxy.
class M2eeClient final : public RuntimeAdmin {
 public:
  M2eeClient(Http& http, M2eeOptions options);
  Result<AdminReply> call(std::string_view action, const Secret& params,
                          Deadline deadline) override;

 private:
  Http& http_;
  std::string url_;
  std::stop_token stop_;
  Secret authentication_;  // base64 of the password
};

// Pure: {"action":…,"params":…}.
Secret request_of(std::string_view action, const Secret& params);
// Pure: the answer's body read and its negative results (the API's own refusals) turned into
// errors. kInternal when it is no M2EE answer; never quotes the body.
Result<AdminReply> read_reply(std::string_view action, int status, std::string_view body);

}  // namespace keyferry::runtime
