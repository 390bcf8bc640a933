#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace keyferry::rpc {

// Where a server listens: a path, or a port of the loopback.
struct Endpoint {
  std::string path;        // absolute; "" for tcp
  std::uint16_t port = 0;  // of 127.0.0.1, where there is no path
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// "unix:///a.sock", "unix://a.sock" (a leading slash is added), "tcp://127.0.0.1:0"; the scheme in
// any case. kInvalidArgument says how to write it.
Result<Endpoint> parse_endpoint(std::string_view text);
std::string to_text(const Endpoint& endpoint);

// A listening socket that does not block. One on a path has mode 0600, replaces a stale one and is
// removed at the end unless another program's has taken its place.
class Listener {
 public:
  // kFailedPrecondition: something that is no socket is at the path; kUnavailable: it cannot be
  // had. Messages name the endpoint.
  static Result<Listener> open(const Endpoint& endpoint);
  Listener(Listener&&) noexcept = default;
  Listener& operator=(Listener&& other) noexcept;
  ~Listener() { close(); }

  int descriptor() const { return fd_.get(); }
  // With the port that was found where any was asked for.
  const Endpoint& endpoint() const { return endpoint_; }
  // Whether the socket file is still there and this one's; always for tcp.
  bool is_in_place() const;
  void close();

 private:
  Listener(UniqueFd fd, Endpoint endpoint) : fd_(std::move(fd)), endpoint_(std::move(endpoint)) {}

  UniqueFd fd_;
  Endpoint endpoint_;
  dev_t device_ = 0;  // of the socket file
  ino_t inode_ = 0;
};

// Connects to a socket file; the descriptor does not block. kUnavailable: nobody serves it (now);
// kNotFound: it is not there.
Result<UniqueFd> connect_to(const std::string& path);

}  // namespace keyferry::rpc
