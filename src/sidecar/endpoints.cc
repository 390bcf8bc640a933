#include "sidecar/endpoints.h"

#include "base/strings.h"
#include "runtime/admin_actions.h"

namespace keyferry::sidecar {

namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kMetricsText = "text/plain; version=0.0.4; charset=utf-8";

ServerResponse text(int status, std::string_view body) {
  return ServerResponse::of(status, kText, cat(body, '\n'));
}

}  // namespace

Sickness sickness(runtime::RuntimeAdmin& admin, const Clock& clock) {
  using runtime::RuntimeState;
  // kubelet's own limit for the probe is 1 to 3 seconds; what takes longer is lost on it anyway.
  const Deadline deadline = Deadline::in(clock, std::chrono::seconds(3));
  if (const Status alive = echo(admin, deadline); !alive.ok()) {
    return {alive.error().message(), {}};
  }
  const auto state = runtime_status(admin, deadline);
  if (!state.ok()) return {state.error().message(), {}};
  switch (*state) {
    case RuntimeState::kCreated:
    case RuntimeState::kStarting:
    case RuntimeState::kStopping:
      return {};
    case RuntimeState::kStopped:
    case RuntimeState::kBroken:
    case RuntimeState::kUnknown:
      return {cat("the runtime is ", name_of(*state)), {}};
    case RuntimeState::kRunning:
      break;
  }
  const auto health = check_health(admin, deadline);
  if (!health.ok()) return {};
  if (health->health != runtime::Health::kSick) return {"", Secret()};
  return {"the runtime reports that it is sick; /status and the sidecar's log have its words",
          Secret(health->diagnosis.empty() ? "without saying why" : health->diagnosis)};
}

ServerResponse Endpoints::healthz() {
  Sickness found = sickness(admin_, clock_);
  if (found.diagnosis) board_.note_diagnosis(*std::move(found.diagnosis));
  return found.problem.empty() ? text(200, "ok") : text(503, found.problem);
}

ServerResponse Endpoints::answer(const ServerRequest& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    return text(405, "only GET is answered here");
  }
  if (request.path == "/m2ee-sidecar/v1/healthz" || request.path == "/healthz") return healthz();
  const auto report = board_.read();
  if (request.path == "/metrics") {
    return ServerResponse::of(200, kMetricsText, metrics_.render(*report, clock_.steady_now()));
  }
  if (request.path == "/status") {
    return ServerResponse::of(200, "application/json",
                              cat(to_text(to_json(*report, clock_.steady_now())), '\n'));
  }
  return text(404, "there are /status, /metrics and /m2ee-sidecar/v1/healthz");
}

}  // namespace keyferry::sidecar
