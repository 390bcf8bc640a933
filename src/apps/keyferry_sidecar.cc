// keyferry-sidecar: secret files → settings of the running application, in the app's pod.
#include <malloc.h>

#include <cstdio>

#include "base/strings.h"
#include "cli/flags.h"
#include "net/http_server.h"
#include "net/url.h"
#include "sidecar/sidecar_program.h"

namespace {

using keyferry::cat;
using keyferry::cli::add_choice;
using keyferry::cli::add_duration;
using keyferry::cli::add_log;
using keyferry::cli::add_parsed;
using keyferry::sidecar::SidecarOptions;

constexpr const char* kExamples = R"(
Examples:
  keyferry-sidecar --app mendixapp.yaml --secrets /mnt/secrets --admin-password-file /run/m2ee/password
  keyferry-sidecar --app app.yaml --secrets /dev/shm/shop --admin-password-file pw \
      --admin-url http://127.0.0.1:9001/ --listen 127.0.0.1:8801

Asks the runtime nothing before every file is good. SIGTERM ends it at once; the runtime goes on.
Exit status: 0 stopped by a signal, 1 gave up or cannot begin, 2 wrong usage.)";

void add_listen(CLI::App& app, SidecarOptions& options) {
  add_parsed(app, "--listen", "where healthz, /status and /metrics are served [0.0.0.0:8800]",
             [&options](const std::string& text) -> keyferry::Status {
               KF_ASSIGN(const auto parsed, keyferry::parse_listen_address(text));
               options.listen_address = parsed.address;
               options.listen_port = parsed.port;
               return {};
             })
      ->type_name("ADDRESS:PORT");
}

void add_durations(CLI::App& app, SidecarOptions& options) {
  const auto add = [&](const std::string& flag, std::chrono::milliseconds& into,
                       const std::string& help) {
    add_duration(app, flag, help, [&into](auto value) { into = value; });
  };
  add("--file-poll", options.file_poll,
      "look at the files at least this often, besides at every change [30s]");
  add("--runtime-poll", options.runtime_poll,
      "look this often whether the runtime was restarted [5s]");
  add("--give-up", options.give_up, "end with status 1 after so long without a start [10m]");
  add("--start-limit", options.start_limit, "longest start of the runtime [1h]");
}

void add_options(CLI::App& app, SidecarOptions& options) {
  using keyferry::runtime::Role;
  app.add_option("--app", options.app_file, "manifest with the MendixApp")->required();
  app.add_option("--app-name", options.app_name, "which MendixApp, where the file has several");
  app.add_option("--secrets", options.secrets_dir, "folder with the mounted secrets")
      ->capture_default_str();
  app.add_option("--admin-password-file", options.admin_password_file,
                 "file with the app container's M2EE_ADMIN_PASS")
      ->required();
  add_parsed(app, "--admin-url", cat("the runtime's admin port [", options.admin_url, "]"),
             [&options](const std::string& text) -> keyferry::Status {
               KF_ASSIGN(const auto url, keyferry::parse_url(text));
               options.admin_url = to_text(url);
               return {};
             })
      ->type_name("URL");
  app.add_option("--admin-user", options.admin_user, "the model's administrator")
      ->capture_default_str();
  app.add_option("--model-metadata", options.model_metadata,
                 "the model's metadata.json: names and types of its constants");
  add_choice<Role>(app, "--role", "only the leader touches the database and MxAdmin", options.role,
                   {{"leader", Role::kLeader}, {"follower", Role::kFollower}}, "leader");
  app.add_option("--runtime-port", options.runtime_port, "the app's own port")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  app.add_option("--base-path", options.base_path, "BasePath setting, where the image needs it");
  app.add_option("--runtime-path", options.runtime_path, "RuntimePath setting, likewise");
  add_listen(app, options);
  app.add_option(
         "--state", options.state_dir,
         "folder in memory that outlives the sidecar: digests of what the runtime has; '' for "
         "none")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--termination-log", options.termination_log, "file for the reason of an end")
      ->capture_default_str();
  add_durations(app, options);
  add_log(app, options.log_level, options.log_format);
}

int run(int argc, char** argv) {
  // One heap for all threads: each other one would hold memory that nobody else can use.
  mallopt(M_ARENA_MAX, 1);  // NOLINT(concurrency-mt-unsafe): there is one thread yet
  CLI::App app("Keeps a running Mendix application at what its secret files say.",
               "keyferry-sidecar");
  app.set_version_flag("--version", "keyferry-sidecar " KEYFERRY_VERSION);
  app.footer(kExamples);
  SidecarOptions options;
  add_options(app, options);
  if (const auto reason = keyferry::cli::read_command_line(app, argc, argv)) {
    return keyferry::cli::leave(*reason);
  }
  keyferry::log::set_up(options.log_level, options.log_format);
  keyferry::Status status = keyferry::harden_process();
  if (status.ok()) {
    const keyferry::SignalStop signals;
    status = run_sidecar(options, signals);
  }
  if (status.ok()) return 0;
  std::fprintf(stderr, "keyferry-sidecar: %s\n", status.error().message().c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "keyferry-sidecar: %s\n", problem.what());
    return 1;
  }
}
