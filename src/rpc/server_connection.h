#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/unique_fd.h"
#include "rpc/http2_session.h"

namespace keyferry::rpc {

// A call that has come as a whole.
struct ArrivedCall {
  StreamId stream = 0;
  std::string path;  // "/package.Service/Method"
  std::optional<Duration> timeout;
  Secret message;
};

// One connection of a server: its socket, what its streams have sent so far, the answers. Calls
// that are no gRPC or too large are answered here. For one thread; nothing blocks.
class ServerConnection final : private Http2Events {
 public:
  ServerConnection(UniqueFd socket, std::size_t largest_request)
      : socket_(std::move(socket)),
        largest_request_(largest_request),
        session_(Http2Side::kServer, *this) {}

  int descriptor() const { return socket_.get(); }
  // Takes what has come and sends what can be sent.
  void read();
  void write();
  bool has_to_send() const { return session_.has_to_send(); }
  // The peer has gone, or both sides are through.
  bool is_over() const { return is_lost_ || session_.is_over(); }
  bool is_met() const { return session_.is_met(); }

  // What came since the last call of each: whole calls; streams that ended, answered or not.
  std::vector<ArrivedCall> take_arrived();
  std::vector<StreamId> take_closed();

  // Nothing happens where the stream is gone by now.
  void answer(StreamId stream, const Result<Secret>& answer);
  void go_away() { session_.go_away(); }

 private:
  struct Incoming {
    std::string http_method;
    std::string path;
    std::string content_type;
    std::optional<Duration> timeout;
    Secret body;
  };

  void on_header(StreamId stream, std::string_view name, std::string_view value) override;
  void on_data(StreamId stream, std::string_view bytes) override;
  void on_end(StreamId stream) override;
  void on_closed(StreamId stream) override;
  void answer_http(StreamId stream, const char* status);

  UniqueFd socket_;
  const std::size_t largest_request_;
  std::map<StreamId, Incoming> incoming_;
  std::vector<ArrivedCall> arrived_;
  std::vector<StreamId> closed_;
  std::set<StreamId> open_;
  bool is_lost_ = false;
  Http2Session session_;
};

}  // namespace keyferry::rpc
