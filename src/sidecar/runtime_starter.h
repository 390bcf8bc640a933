#pragma once

#include <stop_token>

#include "base/clock.h"
#include "manifest/mendix_app.h"
#include "runtime/admin_actions.h"
#include "runtime/settings.h"
#include "sidecar/options.h"

namespace keyferry::sidecar {

// What a step of the start needs; references outlive the step.
struct StartParts {
  runtime::RuntimeAdmin& admin;
  Clock& clock;
  const SidecarOptions& options;
  std::stop_token stop;
};

// Logging, application container, all settings: everything a runtime must have before it starts.
Status configure(const StartParts& parts, const manifest::MendixApp& app,
                 const runtime::EffectiveSettings& wanted);

// Starts the configured runtime. Runs pending database changes (a follower waits for the leader to
// do so) and replaces admin passwords that the runtime finds too weak.
Status start(const StartParts& parts, const runtime::EffectiveSettings& wanted);

// The MxAdmin of a runtime that runs: made, or given this password.
Status set_admin(const StartParts& parts, const Secret& password);

}  // namespace keyferry::sidecar
