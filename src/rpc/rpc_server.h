#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "rpc/serve_options.h"

namespace keyferry::rpc {

struct IncomingCall {
  Secret message;
  Deadline deadline;
  std::stop_token stop;
};

// The answer's message, or why there is none.
using Work = std::function<Result<Secret>(const IncomingCall&)>;

// kAtOnce: on the thread that serves all connections, so quick and without I/O, and answered
// however busy the pool is.
enum class WorkPlace { kAtOnce, kPool };

struct Method {
  Work work;
  WorkPlace place = WorkPlace::kPool;
};

// By path: "/csi.v1.Identity/Probe".
using Methods = std::map<std::string, Method, std::less<>>;

// Serves unary gRPC calls of any kind: one thread for all connections, a pool for what takes time.
class RpcServer {
 public:
  // `clock` outlives the server. Errors as of CsiServer.
  static Result<std::unique_ptr<RpcServer>> start(const ServeOptions& options, Methods methods,
                                                  Clock& clock);
  ~RpcServer();  // stops
  RpcServer(const RpcServer&) = delete;
  RpcServer& operator=(const RpcServer&) = delete;

  // See CsiServer::stop().
  void stop();
  const std::string& endpoint() const;
  // Whether the socket file is there and this server's. Not while stop() runs.
  bool is_in_place() const;

 private:
  struct Parts;
  explicit RpcServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace keyferry::rpc
