#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/log.h"
#include "runtime/merge.h"

namespace keyferry::sidecar {

struct SidecarOptions {
  std::string app_file;  // manifest with the MendixApp
  std::string app_name;  // which, where the file has several
  std::string secrets_dir = "/mnt/secrets";
  std::string state_dir = "/run/keyferry-sidecar";  // in memory, outlives the sidecar; "": none
  std::string model_metadata;  // the app's model/metadata.json; "" when not readable
  runtime::Role role = runtime::Role::kLeader;

  std::string admin_url = "http://127.0.0.1:9000/";
  std::string admin_password_file;
  std::string admin_user = "MxAdmin";
  int runtime_port = 8080;
  std::string base_path;     // sent as BasePath when not empty
  std::string runtime_path;  // sent as RuntimePath when not empty

  std::string listen_address = "0.0.0.0";  // kubelet probes the pod's address
  std::uint16_t listen_port = 8800;
  std::string termination_log = "/dev/termination-log";

  std::chrono::milliseconds file_poll{30'000};    // beside the notification of a change
  std::chrono::milliseconds runtime_poll{5'000};  // whether the runtime is still the one we started
  std::chrono::milliseconds give_up{600'000};     // trouble at start lasts that long at most
  std::chrono::milliseconds start_limit{3'600'000};

  log::Level log_level = log::Level::kInfo;
  log::Format log_format = log::Format::kText;
};

}  // namespace keyferry::sidecar
