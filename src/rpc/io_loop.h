#pragma once

#include <poll.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "rpc/handler_pool.h"
#include "rpc/listener.h"
#include "rpc/mailbox.h"
#include "rpc/rpc_server.h"
#include "rpc/server_connection.h"

namespace keyferry::rpc {

// The one thread that serves all connections of a server: accepts, reads, hands whole calls to
// their methods, writes answers, watches deadlines. Handlers' threads reach it by the mailbox only.
class IoLoop {
 public:
  // References outlive the loop.
  IoLoop(Listener& listener, const ServeOptions& options, const Methods& methods, HandlerPool& pool,
         Clock& clock)
      : listener_(listener), options_(options), methods_(methods), pool_(pool), clock_(clock) {}

  bool is_good() const { return mailbox_->is_good(); }
  // Until it was asked to stop and is through.
  void run();
  // Any thread.
  void ask_to_stop() { mailbox_->ask_to_stop(); }

 private:
  using ConnectionId = std::uint64_t;

  struct Connection {
    std::unique_ptr<ServerConnection> peer;
    SteadyTime since;
    std::map<StreamId, CallId> calls;
  };
  struct RunningCall {
    ConnectionId connection = 0;
    StreamId stream = 0;
    std::string path;
    SteadyTime since;
    Deadline deadline;
    std::stop_source stop;
  };

  void wait();
  std::vector<pollfd> descriptors() const;
  SteadyTime next_moment() const;
  void accept_all();
  void serve(ConnectionId id, Connection& connection);
  void begin(ConnectionId id, Connection& connection, ArrivedCall arrived);
  void hand_over(CallId id, const Method& method, std::shared_ptr<const IncomingCall> call);
  void finish(CallId id, const Result<Secret>& answer);
  void forget(CallId id);
  void take_mail();
  void expire();
  void begin_to_stop();
  void cut_short();
  bool is_through() const;
  void drop_ended();

  Listener& listener_;
  const ServeOptions& options_;
  const Methods& methods_;
  HandlerPool& pool_;
  Clock& clock_;
  // Shared with handlers, which may outlive the loop's run.
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  std::map<ConnectionId, Connection> connections_;
  std::map<CallId, RunningCall> calls_;
  std::uint64_t last_id_ = 0;
  std::optional<SteadyTime> stop_at_;   // running calls are told to stop
  std::optional<SteadyTime> leave_at_;  // what was not sent by then is lost
};

}  // namespace keyferry::rpc
