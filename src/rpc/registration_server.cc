#include "rpc/registration_server.h"

#include <proto/pluginregistration.pb.h>

#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "os/dir_watch.h"
#include "rpc/protobuf_io.h"
#include "rpc/rpc_server.h"

namespace keyferry::rpc {

namespace {

constexpr const char* kPluginType = "CSIPlugin";
constexpr const char* kSupportedVersion = "1.0.0";  // of CSI

Secret plugin_info(const RegistrationOptions& options) {
  pluginregistration::PluginInfo info;
  info.set_type(kPluginType);
  info.set_name(options.driver_name);
  info.set_endpoint(options.driver_socket);
  info.add_supported_versions(kSupportedVersion);
  return serialized(info);
}

Status check(const RegistrationOptions& options) {
  if (options.driver_name.empty()) {
    return Error(ErrorCode::kInvalidArgument, "registration: the driver has no name");
  }
  if (options.driver_socket.starts_with('/')) return {};
  return Error(ErrorCode::kInvalidArgument,
               cat("registration: the driver's socket '", options.driver_socket,
                   "' must be an absolute path of the host, such as "
                   "/var/lib/kubelet/plugins/csi-secrets-store/csi.sock"));
}

}  // namespace

struct RegistrationServer::Parts {
  Parts(RegistrationOptions o, Clock& c)
      : options(std::move(o)),
        clock(c),
        path(cat(options.directory, "/", options.driver_name, "-reg.sock")),
        watch(options.directory) {}

  Methods methods() {
    Methods all;
    all["/pluginregistration.Registration/GetInfo"] = {
        [this](const IncomingCall&) { return tell_who(); }, WorkPlace::kAtOnce};
    all["/pluginregistration.Registration/NotifyRegistrationStatus"] = {
        [this](const IncomingCall& call) { return note(call.message); }, WorkPlace::kAtOnce};
    return all;
  }

  Result<Secret> tell_who() {
    const std::lock_guard lock(mutex);
    state.asked_at = clock.wall_now();
    return plugin_info(options);
  }

  Result<Secret> note(const Secret& message) {
    KF_ASSIGN(const auto said, parsed<pluginregistration::RegistrationStatus>(message));
    {
      const std::lock_guard lock(mutex);
      state.registered = said.plugin_registered();
      state.since = clock.wall_now();
      state.refusal = said.plugin_registered() ? "" : said.error();
      ++state.notices;
    }
    if (said.plugin_registered()) {
      log::info("registered with kubelet", {{"driver", options.driver_name}});
    } else {
      log::error("kubelet refuses the driver, it will ask again",
                 {{"driver", options.driver_name}, {"error", said.error()}});
    }
    return Secret();
  }

  Status serve() {
    ServeOptions serving;
    serving.endpoint = cat("unix://", path);
    serving.handler_threads = 1;  // nothing takes time
    serving.stop_limit = std::chrono::seconds(1);
    KF_ASSIGN(server, RpcServer::start(serving, methods(), clock));
    return {};
  }

  // A folder that was emptied, or a socket that another program made in this one's place.
  void keep_in_place(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      (void)watch.arm();  // a folder that is not there is looked at again after the wait
      if (server == nullptr || !server->is_in_place()) serve_anew();
      if (watch.wait(options.look_every, stop) == Woken::kStopped) return;
    }
  }

  void serve_anew() {
    server.reset();
    const Status status = serve();
    if (!status.ok()) {
      log::error("the registration socket vanished and cannot be made anew, trying again",
                 {{"path", path}, {"error", status.error().message()}});
      return;
    }
    log::warning("the registration socket had vanished, it was made anew", {{"path", path}});
    const std::lock_guard lock(mutex);
    state.registered = false;  // kubelet took its going for ours
    ++state.served_anew;
  }

  const RegistrationOptions options;
  Clock& clock;
  const std::string path;
  DirWatch watch;
  mutable std::mutex mutex;
  RegistrationState state;
  std::unique_ptr<RpcServer> server;  // of start(), then of the thread, then of stop()
  std::jthread keeper;
};

Result<std::unique_ptr<RegistrationServer>> RegistrationServer::start(
    const RegistrationOptions& options, Clock& clock) {
  KF_TRY(check(options));
  auto parts = std::make_unique<Parts>(options, clock);
  KF_TRY(parts->serve()
             .with_context("registration")
             .with_remedy("mount kubelet's plugins_registry there"));
  parts->keeper =
      std::jthread([&kept = *parts](const std::stop_token& stop) { kept.keep_in_place(stop); });
  return std::unique_ptr<RegistrationServer>(new RegistrationServer(std::move(parts)));
}

RegistrationServer::RegistrationServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RegistrationServer::~RegistrationServer() { stop(); }

void RegistrationServer::stop() {
  if (parts_->keeper.joinable()) {
    parts_->keeper.request_stop();
    parts_->keeper.join();
  }
  parts_->server.reset();
}

RegistrationState RegistrationServer::state() const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->state;
}

const std::string& RegistrationServer::socket_path() const { return parts_->path; }

}  // namespace keyferry::rpc
