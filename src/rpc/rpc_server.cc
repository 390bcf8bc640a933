#include "rpc/rpc_server.h"

#include <thread>
#include <utility>

#include "base/strings.h"
#include "rpc/io_loop.h"

namespace keyferry::rpc {

// In the order in which they are made; what is below uses what is above.
struct RpcServer::Parts {
  Parts(const ServeOptions& o, Methods m, Listener l, Clock& clock)
      : options(o),
        methods(std::move(m)),
        listener(std::move(l)),
        endpoint(to_text(listener.endpoint())),
        pool(static_cast<std::size_t>(options.handler_threads), options.most_waiting),
        loop(listener, options, methods, pool, clock) {}

  const ServeOptions options;
  const Methods methods;
  Listener listener;
  const std::string endpoint;
  HandlerPool pool;
  IoLoop loop;
  std::thread thread;
};

Result<std::unique_ptr<RpcServer>> RpcServer::start(const ServeOptions& options, Methods methods,
                                                    Clock& clock) {
  if (options.handler_threads < 1) {
    return Error(ErrorCode::kInvalidArgument,
                 cat("handler threads: ", options.handler_threads, "; there must be one at least"));
  }
  KF_ASSIGN(const Endpoint endpoint, parse_endpoint(options.endpoint));
  KF_ASSIGN(Listener listener, Listener::open(endpoint));
  auto parts = std::make_unique<Parts>(options, std::move(methods), std::move(listener), clock);
  if (!parts->loop.is_good()) {
    return Error(ErrorCode::kUnavailable,
                 "no descriptor for events; raise the limit of open files");
  }
  parts->thread = std::thread([&loop = parts->loop] { loop.run(); });
  return std::unique_ptr<RpcServer>(new RpcServer(std::move(parts)));
}

RpcServer::RpcServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RpcServer::~RpcServer() { stop(); }

void RpcServer::stop() {
  if (!parts_->thread.joinable()) return;
  parts_->loop.ask_to_stop();
  parts_->thread.join();
  parts_->pool.finish();
}

const std::string& RpcServer::endpoint() const { return parts_->endpoint; }

bool RpcServer::is_in_place() const { return parts_->listener.is_in_place(); }

}  // namespace keyferry::rpc
