#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "dev/runtime_model.h"
#include "net/http_server.h"

namespace keyferry::dev {

// The admin port of the stand-in runtime: checks of method, content type and password, then the
// model; scripted delays, dropped connections and deaths. For tests GET /dev/stats and
// POST /dev/script, which need no password. Any thread may call answer().
class M2eeFace {
 public:
  struct Actions {
    std::function<Json()> stats;      // the body of GET /dev/stats
    std::function<void()> shut_down;  // after the shutdown action; must return at once
    std::function<void()> die;        // ends the process at once
  };

  M2eeFace(RuntimeModel& model, Clock& clock, const Secret& admin_password, Actions actions);

  ServerResponse answer(const ServerRequest& request);
  void set_script(RuntimeScript script);

 private:
  ServerResponse answer_dev(const ServerRequest& request);
  std::optional<M2eeReply> refusal(const ServerRequest& request) const;
  ServerResponse perform(const Json& body, const ServerRequest& request);
  // True when the script wants this answer dropped.
  bool takes_drop(std::string_view action);
  void obey_script_before(std::string_view action, const ServerRequest& request);

  RuntimeModel& model_;
  Clock& clock_;
  const Secret expected_header_;
  const Actions actions_;
  std::mutex mutex_;
  RuntimeScript script_;
};

}  // namespace keyferry::dev
