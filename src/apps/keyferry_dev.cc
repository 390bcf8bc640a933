// keyferry-dev: a dev store and a stand-in runtime, for laptops and tests. Never for real secrets.
#include <cstdio>

#include "cli/flags.h"
#include "dev/runtime_program.h"
#include "dev/store_program.h"
#include "os/process.h"
#include "os/system_clock.h"

namespace {

using keyferry::Status;
using keyferry::dev::FaceName;

constexpr const char* kStoreExamples = R"(
Examples:
  keyferry-dev store --listen 127.0.0.1:0 --seed seed.json --jwt-key key.pem --root-token dev-only
  keyferry-dev store --listen 127.0.0.1:8200 --tls-cert server.crt --tls-key server.key
  keyferry-dev store --face aws --listen 127.0.0.1:0 --seed seed.json --jwt-key key.pem
  keyferry-dev store --face azure --seed seed.json --jwt-key key.pem --tls-cert server.crt \
      --tls-key server.key)";
constexpr const char* kRuntimeExamples = R"(
Examples:
  keyferry-dev runtime --admin-port 9000 --admin-password-file m2ee-password
  keyferry-dev runtime --admin-port 0 --admin-password-file pw --ddl 3 --events events.jsonl)";
constexpr const char* kTokenExamples = R"(
Examples:
  keyferry-dev key --out key.pem
  keyferry-dev token --key key.pem --namespace shop --service-account shop --audience vault)";

CLI::App* add_store(CLI::App& app, keyferry::dev::StoreOptions& options) {
  CLI::App* verb = app.add_subcommand("store", "a secret store for laptops and tests");
  verb->footer(kStoreExamples);
  keyferry::cli::add_choice<FaceName>(
      *verb, "--face", "whose API it speaks", options.face,
      {{"vault", FaceName::kVault}, {"aws", FaceName::kAws}, {"azure", FaceName::kAzure}}, "vault");
  verb->add_option("--listen", options.listen, "ADDRESS:PORT, port 0 for any")
      ->capture_default_str();
  verb->add_option("--seed", options.seed_file, "JSON: what it holds and who may read it");
  verb->add_option("--jwt-key", options.jwt_key_file, "key that signs login tokens (PEM)");
  verb->add_option("--root-token", options.root_token, "only 'dev-only', printed at start");
  verb->add_option("--root-token-file", options.root_token_file,
                   "read, or written when it is not there");
  verb->add_option("--tls-cert", options.tls_certificate_file, "certificate chain (PEM)");
  verb->add_option("--tls-key", options.tls_key_file, "its key (PEM)");
  return verb;
}

CLI::App* add_runtime(CLI::App& app, keyferry::dev::RuntimeOptions& options) {
  CLI::App* verb = app.add_subcommand("runtime", "a stand-in for the Mendix runtime's admin port");
  verb->footer(kRuntimeExamples);
  verb->add_option("--admin-address", options.admin_address, "address of the admin port")
      ->capture_default_str();
  verb->add_option("--admin-port", options.admin_port, "0 for any")->capture_default_str();
  verb->add_option("--admin-password-file", options.admin_password_file, "M2EE password")
      ->required();
  verb->add_option("--runtime-version", options.runtime_version, "version to play")
      ->capture_default_str();
  verb->add_option("--constants-file", options.constants_file, "the model's metadata.json");
  verb->add_option("--ddl", options.ddl_commands, "DDL commands pending at the first start");
  verb->add_option("--script", options.script_file, "faults to play (JSON)");
  verb->add_option("--events", options.event_file, "file for what happened (JSON lines)");
  verb->add_option("--pool-workers", options.pool_workers, "threads that open connections")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  verb->add_option("--connects-per-second", options.connects_per_second, "of all workers together")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  return verb;
}

CLI::App* add_token(CLI::App& app, keyferry::dev::TokenOptions& options) {
  CLI::App* verb = app.add_subcommand("token", "print a token shaped like a service account's");
  verb->footer(kTokenExamples);
  verb->add_option("--key", options.key_file, "private key (PEM)")->required();
  verb->add_option("--namespace", options.kubernetes_namespace)->required();
  verb->add_option("--service-account", options.service_account)->required();
  verb->add_option("--audience", options.audience)->required();
  verb->add_option("--ttl", options.ttl, "life time, negative for an expired token")
      ->capture_default_str();
  verb->add_option("--issuer", options.issuer, "the iss claim, default that of a cluster");
  return verb;
}

int exit_code_of(const Status& status) {
  if (status.ok()) return 0;
  std::fprintf(stderr, "keyferry-dev: %s\n", status.error().message().c_str());
  return status.error().code() == keyferry::ErrorCode::kInvalidArgument ? 2 : 1;
}

int run(int argc, char** argv) {
  CLI::App app(
      "Stand-ins for a secret store and a Mendix runtime, for laptops and tests.\n"
      "Exit status: 0 good, 1 failed, 2 wrong usage.",
      "keyferry-dev");
  app.set_version_flag("--version", "keyferry-dev " KEYFERRY_VERSION);
  app.require_subcommand(1);
  keyferry::dev::StoreOptions store;
  keyferry::dev::RuntimeOptions runtime;
  keyferry::dev::TokenOptions token;
  std::string key_file;
  const CLI::App* store_verb = add_store(app, store);
  const CLI::App* runtime_verb = add_runtime(app, runtime);
  const CLI::App* token_verb = add_token(app, token);
  CLI::App* key_verb = app.add_subcommand("key", "make a private key (EC P-256, PEM)");
  key_verb->add_option("--out", key_file, "file that is not there yet")->required();
  if (const auto reason = keyferry::cli::read_command_line(app, argc, argv)) {
    return keyferry::cli::leave(*reason);
  }
  if (const Status hardened = keyferry::harden_process(); !hardened.ok())
    return exit_code_of(hardened);
  keyferry::SystemClock clock;
  if (key_verb->parsed()) return exit_code_of(keyferry::dev::run_make_key(key_file));
  if (token_verb->parsed()) return exit_code_of(keyferry::dev::run_make_token(token, clock));
  const keyferry::SignalStop stop;
  if (store_verb->parsed())
    return exit_code_of(keyferry::dev::run_store(store, clock, stop.token()));
  if (runtime_verb->parsed())
    return exit_code_of(keyferry::dev::run_runtime(runtime, clock, stop.token()));
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "keyferry-dev: %s\n", problem.what());
    return 1;
  }
}
