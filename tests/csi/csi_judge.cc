// A CSI driver that does what a test asks of it by the volume's context:
//   behave   "wait": until it is told to stop; "fail": with code and message; else it is good
// and prints each thing that happens as a line of JSON.
//   csi_judge ENDPOINT REGISTRATION_FOLDER THREADS QUEUE STOP_MILLISECONDS
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <string>

#include "formats/json.h"
#include "os/process.h"
#include "os/system_clock.h"
#include "rpc/csi_server.h"
#include "rpc/registration_server.h"

namespace keyferry {
namespace {

constexpr const char* kDriver = "secrets-store.csi.k8s.io";

void say(const Json& event) {
  static std::mutex one_line_at_a_time;
  const std::lock_guard lock(one_line_at_a_time);
  std::cout << to_text(event) << std::endl;
}

std::string text_of(const std::map<std::string, std::string>& context, const std::string& name) {
  const auto found = context.find(name);
  return found == context.end() ? "" : found->second;
}

Json context_of(const rpc::PublishRequest& request) {
  Json context(Json::Object{});
  for (const auto& [name, value] : request.volume_context) context.set(name, value);
  return context;
}

Json secrets_of(const rpc::PublishRequest& request) {
  Json secrets(Json::Object{});
  if (request.secrets == nullptr) return secrets;
  for (const auto& [name, value] : *request.secrets) secrets.set(name, value.expose());
  return secrets;
}

class JudgedHandler final : public rpc::CsiHandler {
 public:
  explicit JudgedHandler(Clock& clock) : clock_(clock) {}

  Status publish(const rpc::PublishRequest& request, Deadline deadline,
                 std::stop_token stop) override {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline.left(clock_));
    const Secret* tokens = rpc::tokens_of(request);
    say(Json()
            .set("event", "publish")
            .set("volume", request.volume_id)
            .set("target", request.target_path)
            .set("readonly", request.readonly)
            .set("group", request.capability.mount_group)
            .set("mode", static_cast<std::int64_t>(request.capability.access_mode))
            .set("context", context_of(request))
            .set("secrets", secrets_of(request))
            .set("tokens", tokens == nullptr ? "" : tokens->expose())
            .set("left", left.count()));
    return behave(request, stop);
  }
  Status unpublish(const rpc::UnpublishRequest& request, Deadline, std::stop_token) override {
    say(Json().set("event", "unpublish").set("volume", request.volume_id));
    return {};
  }
  Result<rpc::VolumeStats> stats(const rpc::VolumeStatsRequest& request, Deadline,
                                 std::stop_token) override {
    if (request.volume_path != "/there") {
      return Error(ErrorCode::kNotFound, "nothing is mounted at " + request.volume_path);
    }
    return rpc::VolumeStats{{10, 30, 20}, {1, 3, 2}};
  }
  bool ready() override { return true; }

 private:
  Status behave(const rpc::PublishRequest& request, const std::stop_token& stop) {
    const std::string behaviour = text_of(request.volume_context, "behave");
    if (behaviour == "fail") {
      const int code = std::stoi(text_of(request.volume_context, "code"));
      return Error(static_cast<ErrorCode>(code), text_of(request.volume_context, "message"));
    }
    if (behaviour != "wait") return {};
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait(lock, stop, [] { return false; });
    say(Json().set("event", "stopped").set("volume", request.volume_id));
    return Error(ErrorCode::kCancelled, "told to stop");
  }

  Clock& clock_;
};

int complain(const Error& error) {
  std::cerr << "csi_judge: " << error.message() << "\n";
  return 1;
}

int run(char** argv) {
  const SignalStop signals;
  SystemClock clock;
  JudgedHandler handler(clock);
  rpc::CsiServerOptions options;
  options.serve.endpoint = argv[1];
  options.serve.handler_threads = std::stoi(argv[3]);
  options.serve.most_waiting = static_cast<std::size_t>(std::stoi(argv[4]));
  options.serve.stop_limit = std::chrono::milliseconds(std::stoi(argv[5]));
  options.driver_name = kDriver;
  options.vendor_version = KEYFERRY_VERSION;
  options.node_id = "node1";
  auto server = rpc::CsiServer::start(options, handler, clock);
  if (!server.ok()) return complain(server.error());
  rpc::RegistrationOptions registering;
  registering.directory = argv[2];
  registering.driver_name = kDriver;
  registering.driver_socket = "/host/csi.sock";
  auto registration = rpc::RegistrationServer::start(registering, clock);
  if (!registration.ok()) return complain(registration.error());
  say(Json().set("event", "listening").set("endpoint", (*server)->endpoint()));
  clock.wait_until(SteadyTime::max(), signals.token());
  const rpc::RegistrationState state = (*registration)->state();
  (*registration)->stop();
  (*server)->stop();
  say(Json()
          .set("event", "ended")
          .set("registered", state.registered)
          .set("refusal", state.refusal)
          .set("notices", state.notices)
          .set("served_anew", state.served_anew));
  return 0;
}

}  // namespace
}  // namespace keyferry

int main(int argc, char** argv) {
  constexpr int kArguments = 6;
  return argc == kArguments ? keyferry::run(argv) : 2;
}
