#pragma once

#include "os/process.h"
#include "sidecar/options.h"

namespace keyferry::sidecar {

// The whole of keyferry-sidecar after its command line: reads the app, opens the endpoints, runs
// until a signal. The error is also left as the termination message.
Status run_sidecar(const SidecarOptions& options, const SignalStop& signals);

}  // namespace keyferry::sidecar
