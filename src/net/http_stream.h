#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace keyferry {

// Takes the next bytes of an answer's body, on the calling thread. An error ends the exchange.
using BodySink = std::function<Status(std::string_view bytes)>;

// One exchange whose answer is read while it comes, such as a watch that lasts for minutes.
class HttpStream {
 public:
  virtual ~HttpStream() = default;

  // As Http::send; but the body of an answer with status 200 goes to `sink` piece by piece, however
  // long it is, and the Response has none. Any other answer is whole, up to max_response_bytes. The
  // sink's error is the call's. kUnavailable also where the peer has gone without a word (TCP
  // keep-alive, within about a minute). Any thread may call.
  virtual Result<Response> stream(const Request& request, const BodySink& sink,
                                  Deadline deadline) = 0;
};

}  // namespace keyferry
