#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace keyferry::rpc {

struct HeaderField {
  std::string name;  // lower case
  std::string value;
};
using HeaderFields = std::vector<HeaderField>;

using StreamId = std::int32_t;

// What the peer does, told while receive() runs. Of a stream that was never heard of, the first
// word is a header.
class Http2Events {
 public:
  virtual ~Http2Events() = default;
  virtual void on_header(StreamId stream, std::string_view name, std::string_view value) = 0;
  virtual void on_data(StreamId stream, std::string_view bytes) = 0;
  virtual void on_end(StreamId stream) = 0;     // the peer says no more
  virtual void on_closed(StreamId stream) = 0;  // by both sides, or reset; the last word
};

enum class Http2Side { kServer, kClient };
enum class ResetReason { kNoError, kRefused, kCancelled };

// One HTTP/2 connection without its socket (RFC 9113, by nghttp2): bytes in, bytes out. Bodies go
// from a Secret to the bytes that are sent and are wiped in both; nghttp2 keeps no copy of them.
// For one thread.
class Http2Session {
 public:
  // References outlive the session.
  Http2Session(Http2Side side, Http2Events& events);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // kInternal: the peer does not speak HTTP/2; nothing more can come of the connection.
  Status receive(std::string_view bytes);
  // The bytes to be sent now; empty when there are none. Valid until the next call of any method.
  std::string_view to_send();
  void sent(std::size_t count);
  bool has_to_send() const;
  // Nothing more is to be read or sent.
  bool is_over() const;
  // The peer has said its settings: it speaks HTTP/2.
  bool is_met() const;

  // A client's request with its whole body; the new stream.
  Result<StreamId> request(const HeaderFields& headers, Secret body);
  // A server's answer: headers, body, trailers.
  void answer(StreamId stream, const HeaderFields& headers, Secret body, HeaderFields trailers);
  // An answer without a body.
  void answer(StreamId stream, const HeaderFields& headers);
  void reset(StreamId stream, ResetReason reason);
  // No new streams; those that are open go on.
  void go_away();

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace keyferry::rpc
