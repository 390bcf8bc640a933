#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "formats/json.h"
#include "manifest/object_meta.h"
#include "manifest/placeholder.h"

namespace keyferry::manifest {

// spec.runtime of a MendixApp (mendix.md 3.2), decoded: base64 taken off, nested JSON parsed.
struct MendixRuntimeSpec {
  std::optional<Secret> mx_admin_password;  // empty: leave the admin unchanged
  std::optional<Secret> debugger_password;  // empty: debugging off
  std::string dtap_mode;                    // P, D or "" (absent: P)
  std::string log_autosubscribe_level;      // "" when absent
  std::map<std::string, std::string> log_levels;
  std::map<std::string, std::string> microflow_constants;  // spec.runtime.microflowConstants
  Json custom_configuration;                               // object without MicroflowConstants
  std::map<std::string, std::string> custom_constants;  // MicroflowConstants of customConfiguration
  std::string scheduled_event_execution;                // ALL, NONE, SPECIFIED or ""
  std::vector<std::string> my_scheduled_events;
  Json jetty_options;  // object or null
};

// privatecloud.mendix.com/v1alpha1 MendixApp: the fields that the secret store or the override
// order touches (mendix.md 3.2, 5.4); the rest of spec is accepted and ignored.
struct MendixApp {
  ObjectMeta meta;
  std::string runtime_version;  // spec.mendixRuntimeVersion, "" when absent
  bool allow_override = false;  // spec.allowOverrideSecretsWithSecretStoreCSIDriver
  int allow_override_line = 0;
  std::string app_url;  // domain only
  bool tls = true;      // false only where spec.tls.enableTLS says so
  std::string database_service_plan;
  std::string storage_service_plan;
  std::string runtime_leader_selection;
  std::optional<int> replicas;
  MendixRuntimeSpec runtime;
  std::vector<Placeholder> placeholders;  // in the texts of spec that hold none by right
};

}  // namespace keyferry::manifest
