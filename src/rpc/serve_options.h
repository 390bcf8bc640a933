#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace keyferry::rpc {

// How a server of this room listens and works; the same for each of them.
struct ServeOptions {
  // unix:///run/x.sock, unix://run/x.sock (a leading slash is added, csi.md 1.1) or, for tests,
  // tcp://127.0.0.1:0 (loopback only, port 0: any free one). A stale socket is replaced, the new
  // one has mode 0600 and is removed at the end.
  std::string endpoint;
  // Calls that work at the same time, each on its own thread; further ones wait.
  int handler_threads = 8;
  // Calls that wait; one more is answered kResourceExhausted, which kubelet tries again.
  std::size_t most_waiting = 512;
  // A larger request is answered kResourceExhausted. Bytes.
  std::size_t largest_request = std::size_t{4} << 20;
  // Connections that are open at the same time; further ones wait to be accepted.
  std::size_t most_connections = 256;
  // For a call whose caller says none; kubelet's is 2 minutes (csi.md 1.7).
  std::chrono::milliseconds default_deadline{120'000};
  // How long running calls have at stop() before they are told to stop too.
  std::chrono::milliseconds stop_limit{10'000};
};

}  // namespace keyferry::rpc
