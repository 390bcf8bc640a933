#include "dev/runtime_program.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "base/strings.h"
#include "dev/connection_pool.h"
#include "dev/m2ee_face.h"
#include "dev/runtime_model.h"
#include "dev/vault_reply.h"
#include "net/http_server.h"
#include "os/dir.h"

namespace keyferry::dev {
namespace {

constexpr std::size_t kFileLimit = std::size_t{8} << 20;
constexpr int kDeathByScript = 70;
constexpr Duration kStartConnectLimit = std::chrono::seconds(10);

Result<Json> json_in(const std::string& file) {
  KF_ASSIGN(const Secret text, read_file(file, kFileLimit));
  return parse_json(text.expose()).with_context(cat("file '", file, "'"));
}

Result<RuntimeModelOptions> model_options_of(const RuntimeOptions& options) {
  RuntimeModelOptions model;
  model.version = options.runtime_version;
  model.ddl_commands = options.ddl_commands;
  if (options.constants_file.empty()) return model;
  KF_ASSIGN(const Json metadata, json_in(options.constants_file));
  KF_ASSIGN(model.constants, constants_of_metadata(metadata).with_context(options.constants_file));
  return model;
}

// Appends events as JSON lines; without a file they are dropped. Any thread may write.
class EventFile {
 public:
  Status open(const std::string& path) {
    if (path.empty()) return {};
    file_.open(path, std::ios::app);
    if (file_.is_open()) return {};
    return Error(ErrorCode::kInvalidArgument, cat("cannot write event file '", path, "'"));
  }

  void write(Json event, const Clock& clock) {
    event.set("at", rfc3339(clock.wall_now()));
    const std::lock_guard lock(mutex_);
    if (file_.is_open()) file_ << to_text(event) << std::endl;
  }

 private:
  std::mutex mutex_;
  std::ofstream file_;
};

Json counts_json(const PoolCounts& counts) {
  return Json::Object{{"opened", Json(counts.opened)},
                      {"failed", Json(counts.failed)},
                      {"last_failure_state", Json(counts.last_failure_state)},
                      {"last_failure_unix_ms", Json(counts.last_failure_unix_ms)}};
}

Status read_script(const std::string& file, M2eeFace& face) {
  if (file.empty()) return {};
  KF_ASSIGN(const Json json, json_in(file));
  KF_ASSIGN(auto script, parse_runtime_script(json).with_context(file));
  face.set_script(std::move(script));
  return {};
}

}  // namespace

Status run_runtime(const RuntimeOptions& options, Clock& clock, const std::stop_token& stop) {
  KF_ASSIGN(RuntimeModelOptions model_options, model_options_of(options));
  KF_ASSIGN(const Secret password_file, read_file(options.admin_password_file, kFileLimit));
  const Secret password(trim(password_file.expose()));
  EventFile events;
  KF_TRY(events.open(options.event_file));

  std::stop_source end;
  const std::stop_callback forward(stop, [&] { end.request_stop(); });
  RuntimeModel model(
      std::move(model_options), clock,
      [&](const DatabaseTarget& target) {
        return open_query_close(target, clock, Deadline::in(clock, kStartConnectLimit),
                                end.get_token());
      },
      [&](Json event) { events.write(std::move(event), clock); });
  const ConnectionPool pool(clock, {options.pool_workers, options.connects_per_second},
                            [&] { return model.live_target(); });
  M2eeFace::Actions actions;
  actions.stats = [&] {
    Json stats = model.stats();
    stats.set("pid", std::int64_t{::getpid()}).set("connections", counts_json(pool.counts()));
    return stats;
  };
  actions.shut_down = [&] { end.request_stop(); };
  actions.die = [] { std::_Exit(kDeathByScript); };
  M2eeFace face(model, clock, password, std::move(actions));
  KF_TRY(read_script(options.script_file, face));

  ListenOptions listen;
  listen.address = options.admin_address;
  listen.port = options.admin_port;
  listen.serving = Serving::kThreadPerConnection;
  listen.max_body_bytes = kFileLimit;
  KF_ASSIGN(const auto server, HttpServer::start(listen, [&](const ServerRequest& request) {
              return face.answer(request);
            }));
  std::printf("listening on %s\n", server->url().c_str());
  std::fflush(stdout);
  clock.wait_until(SteadyTime::max(), end.get_token());
  return {};
}

}  // namespace keyferry::dev
