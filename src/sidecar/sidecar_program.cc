#include "sidecar/sidecar_program.h"

#include "base/strings.h"
#include "catalog/model_metadata.h"
#include "manifest/manifest.h"
#include "net/curl_http.h"
#include "os/dir.h"
#include "os/system_clock.h"
#include "os/termination_log.h"
#include "runtime/m2ee_client.h"
#include "sidecar/endpoints.h"
#include "sidecar/sidecar.h"

namespace keyferry::sidecar {

namespace {

constexpr std::size_t kLargestManifest = std::size_t{4} << 20;
constexpr std::size_t kLargestMetadata = std::size_t{64} << 20;

std::string text_of(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems) lines.push_back(to_text(problem));
  return join(lines, "\n");
}

Result<manifest::MendixApp> read_app(const SidecarOptions& options) {
  KF_ASSIGN(const Secret text, read_file(options.app_file, kLargestManifest)
                                   .with_context("--app")
                                   .with_remedy("name the MendixApp's manifest"));
  manifest::Manifests manifests;
  manifest::parse_manifest(text.expose(), options.app_file, manifests);
  if (has_errors(manifests.problems)) {
    return Error(ErrorCode::kInvalidArgument, text_of(manifests.problems));
  }
  std::vector<std::string> names;
  for (manifest::MendixApp& app : manifests.mendix_apps) {
    const bool chosen = options.app_name.empty() ? manifests.mendix_apps.size() == 1
                                                 : app.meta.name == options.app_name;
    if (chosen) return std::move(app);
    names.push_back(app.meta.name);
  }
  return Error(ErrorCode::kInvalidArgument,
               names.empty() ? cat("'", options.app_file,
                                   "' holds no MendixApp; name its manifest with --app")
                             : cat("'", options.app_file, "' holds the MendixApps ",
                                   join(names, ", "), "; choose one with --app-name"));
}

Result<std::optional<std::vector<catalog::ModelConstant>>> read_model(
    const SidecarOptions& options) {
  if (options.model_metadata.empty()) return std::optional<std::vector<catalog::ModelConstant>>();
  KF_ASSIGN(const Secret text,
            read_file(options.model_metadata, kLargestMetadata)
                .with_context("--model-metadata")
                .with_remedy("name the model's metadata.json, or leave the flag out"));
  KF_ASSIGN(auto constants, catalog::constants_of_metadata(text.expose()));
  return std::optional(std::move(constants));
}

Result<Secret> read_admin_password(const SidecarOptions& options) {
  constexpr std::size_t kLargest = 4096;
  KF_ASSIGN(const Secret text,
            read_file(options.admin_password_file, kLargest)
                .with_context("--admin-password-file")
                .with_remedy("name the file that holds the app container's M2EE_ADMIN_PASS"));
  const std::string_view password = trim(text.expose());
  if (password.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 cat("--admin-password-file: '", options.admin_password_file,
                     "' is empty; it must hold the app container's M2EE_ADMIN_PASS"));
  }
  return Secret(password);
}

Status serve(const SidecarOptions& options, const SignalStop& signals) {
  KF_ASSIGN(const auto app, read_app(options));
  KF_ASSIGN(auto constants, read_model(options));
  KF_ASSIGN(Secret password, read_admin_password(options));
  SystemClock clock;
  const auto http = make_curl_http();
  runtime::M2eeClient admin(*http, {options.admin_url, std::move(password), signals.token()});
  StatusBoard board;
  Metrics metrics;
  Endpoints endpoints(admin, board, metrics, clock);
  ListenOptions listen;
  listen.address = options.listen_address;
  listen.port = options.listen_port;
  listen.serving = Serving::kThreadPerConnection;
  // A neighbour that opens connections and says nothing must not keep kubelet's probe out.
  listen.max_connections = 64;
  listen.max_connections_per_peer = 16;
  listen.idle_seconds = 5;
  const auto server = HttpServer::start(
      listen, [&](const ServerRequest& request) { return endpoints.answer(request); });
  if (!server.ok()) return server.error().with_context("--listen");
  log::info("listening", {{"url", (*server)->url()}, {"app", app.meta.display_name()}});
  DirWatch watch(options.secrets_dir);
  const auto state = open_state(options.state_dir);
  Sidecar sidecar({options, app, std::move(constants), admin, board, metrics, clock, watch, *http,
                   state.get()});
  return sidecar.run(signals.token());
}

}  // namespace

Status run_sidecar(const SidecarOptions& options, const SignalStop& signals) {
  Status status = serve(options, signals);
  if (!status.ok()) {
    // Outside Kubernetes there is no such file, which is fine.
    (void)write_termination_message(options.termination_log, status.error().message());
  }
  return status;
}

}  // namespace keyferry::sidecar
