#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "net/http_server.h"
#include "runtime/runtime_admin.h"
#include "sidecar/metrics.h"
#include "sidecar/status_board.h"

namespace keyferry::sidecar {

// What kubelet, Prometheus and people ask the sidecar. References outlive the object; any thread
// may call answer().
class Endpoints {
 public:
  Endpoints(runtime::RuntimeAdmin& admin, StatusBoard& board, const Metrics& metrics,
            const Clock& clock)
      : admin_(admin), board_(board), metrics_(metrics), clock_(clock) {}

  // GET /m2ee-sidecar/v1/healthz, /healthz, /metrics, /status.
  ServerResponse answer(const ServerRequest& request);

 private:
  ServerResponse healthz();

  runtime::RuntimeAdmin& admin_;
  StatusBoard& board_;
  const Metrics& metrics_;
  const Clock& clock_;
};

// Healthy: the runtime answers at all, is in a state that leads somewhere, and where it runs its
// own check does not call it sick (Mendix Operator 2.17).
struct Sickness {
  std::string problem;  // "": healthy; never in the runtime's own words, which may quote values
  std::optional<Secret> diagnosis;  // those words; "" of a healthy one, none where it was not asked
};
Sickness sickness(runtime::RuntimeAdmin& admin, const Clock& clock);

}  // namespace keyferry::sidecar
