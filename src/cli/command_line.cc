#include <charconv>

#include "base/strings.h"
#include "cli/flags.h"
#include "cli/options.h"

namespace keyferry::cli {

namespace {

constexpr const char* kPullExamples = R"(
Examples:
  keyferry pull -f manifests/ --out /dev/shm/shop --token-file vault=/run/secrets/vault-token
  keyferry pull -f spc.yaml --out /mnt/secrets --watch 2m --service-account shop/shop \
      --token-file vault=/run/secrets/vault-token
)";
constexpr const char* kCheckExamples = R"(
Examples:
  keyferry check -f serviceaccount.yaml -f secretproviderclass.yaml -f mendixapp.yaml
  keyferry check -f manifests/ --live --token-file vault=token.jwt --output json
)";
constexpr const char* kSettingsExamples = R"(
Examples:
  keyferry settings --app mendixapp.yaml --secrets /mnt/secrets
  keyferry settings --app mendixapp.yaml --secrets /mnt/secrets --output json
)";
constexpr const char* kJmesPathExamples = R"(
Examples:
  keyferry jmespath 'spec.parameters' spc.json
  keyferry jmespath '"db-password"' < secret.json      (a name with a hyphen: both kinds of quotes)
  keyferry jmespath -u "Users[?Name=='shop'].Password | [0]" secret.json
  keyferry jmespath -c '{user: username, pass: "db-password"}' secret.json
)";
constexpr const char* kFooter = R"(
Exit status: 0 good, 1 problems found or the store refused, 2 wrong usage.
'keyferry VERB --help' explains a verb and gives examples.)";

Result<ObjectName> object_name_of(const std::string& text) {
  const auto slash = text.find('/');
  ObjectName parsed;
  parsed.name = slash == std::string::npos ? text : text.substr(slash + 1);
  parsed.namespace_name = slash == std::string::npos ? "" : text.substr(0, slash);
  const bool bad = parsed.name.empty() || parsed.name.find('/') != std::string::npos ||
                   (slash != std::string::npos && parsed.namespace_name.empty());
  if (bad)
    return Error(ErrorCode::kInvalidArgument,
                 cat("'", text, "' is neither NAMESPACE/NAME nor NAME"));
  return parsed;
}

Result<std::uint32_t> file_mode_of(const std::string& text) {
  std::uint32_t mode = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (whole && mode <= 0777 && (mode & 0400) != 0) return mode;
  return Error(
      ErrorCode::kInvalidArgument,
      cat("'", text, "' is not a file mode; write it in octal, e.g. 0640, the owner may read"));
}

Result<int> requests_per_second_of(const std::string& text) {
  int number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (whole && number > 0 && number <= 1'000'000) return number;
  return Error(ErrorCode::kInvalidArgument,
               cat("'", text, "' is not a number of requests; write a whole number from 1 on"));
}

void add_object_name(CLI::App& verb, const std::string& flag, const std::string& help,
                     std::optional<ObjectName>& into) {
  add_parsed(verb, flag, help, [&into](const std::string& text) -> Status {
    KF_ASSIGN(into, object_name_of(text));
    return {};
  })->type_name("[NAMESPACE/]NAME");
}

// A flag that may come several times, each with a name and a path.
void add_paths(CLI::App& verb, const std::string& flag, const std::string& form,
               const std::string& help, std::map<std::string, std::string>& into) {
  verb.add_option_function<std::vector<std::string>>(
          flag,
          [flag, form, &into](const std::vector<std::string>& pairs) {
            for (const std::string& pair : pairs) {
              const auto equals = pair.find('=');
              if (equals == 0 || equals == std::string::npos || equals + 1 == pair.size())
                throw CLI::ValidationError(flag, cat("'", pair, "' is not ", form));
              into[pair.substr(0, equals)] = pair.substr(equals + 1);
            }
          },
          help)
      ->type_name(form)
      ->allow_extra_args(false);
}

void add_identity(CLI::App& verb, IdentityOptions& identity) {
  add_object_name(
      verb, "--service-account",
      "the account whose annotations count, as AWS needs them; Vault tells by the token who\n"
      "asks (default: the manifests' ServiceAccount)",
      identity.service_account);
  add_paths(verb, "--token-file", "AUDIENCE=PATH",
            "file with the ServiceAccount's token for an audience; read anew for every login",
            identity.token_files);
  add_paths(verb, "--publish-secret", "KEY=PATH",
            "file with one key of the secret that nodePublishSecretRef names, as a service\n"
            "principal of Azure needs it: clientid and clientsecret",
            identity.publish_secrets);
}

void add_files(CLI::App& verb, std::vector<std::string>& files) {
  verb.add_option("-f,--file", files, "manifest: a file, a folder of them, or - for standard input")
      ->required()
      ->type_name("FILE")
      ->allow_extra_args(false);
}

void add_output(CLI::App& verb, OutputFormat& output, OutputFormat readable,
                const char* readable_name) {
  add_choice<OutputFormat>(verb, "--output,-o", "how to print the answer", output,
                           {{readable_name, readable}, {"json", OutputFormat::kJson}},
                           readable_name);
}

CLI::App* add_pull(CLI::App& app, PullOptions& options) {
  CLI::App* verb = app.add_subcommand("pull", "write a SecretProviderClass's secrets as files");
  verb->description(
      "Reads a SecretProviderClass, asks its store for every object and writes the files in the\n"
      "layout of a Kubernetes secret volume: readers see the old set or the new set, never a "
      "mixture.");
  add_files(*verb, options.files);
  verb->add_option("--out", options.out, "folder to write to; made if missing; must be in memory")
      ->required()
      ->type_name("DIR");
  add_object_name(*verb, "--secret-provider-class", "which one, where the manifests hold several",
                  options.spc);
  add_identity(*verb, options.identity);
  add_duration(*verb, "--watch", "keep going: ask again this often, write what changed",
               [&](auto value) { options.watch = value; });
  add_duration(*verb, "--timeout", "give up asking after this long [2m]",
               [&](auto value) { options.timeout = value; });
  verb->add_option("--state", options.store.state_dir,
                   "folder in memory where logins with leases outlive keyferry (default: none do)")
      ->type_name("DIR");
  verb->add_flag("--revoke-on-exit", options.revoke_on_exit,
                 "with --watch: give logins and leases back to the store at the end");
  add_parsed(*verb, "--max-requests-per-second", "to one server, retries included [no limit]",
             [&](const std::string& text) -> Status {
               KF_ASSIGN(options.store.requests_per_second, requests_per_second_of(text));
               return {};
             })
      ->type_name("NUMBER");
  add_parsed(*verb, "--file-mode", "permission of files whose object names none [0644]",
             [&](const std::string& text) -> Status {
               KF_ASSIGN(options.mode, file_mode_of(text));
               return {};
             })
      ->type_name("OCTAL");
  verb->add_flag("--allow-disk", options.allow_disk,
                 "write even though --out is not in memory (tmpfs): values then reach a disk");
  add_log(*verb, options.log.level, options.log.format);
  verb->footer(kPullExamples);
  return verb;
}

CLI::App* add_check(CLI::App& app, CheckOptions& options) {
  CLI::App* verb = app.add_subcommand("check", "find what is wrong before the pod starts");
  verb->description(
      "Reads ServiceAccount, SecretProviderClass and MendixApp manifests and names every problem\n"
      "at once, each with its file, line, field and remedy. With --live the store is asked too.");
  add_files(*verb, options.files);
  verb->add_flag("--live", options.live, "also log in to the store and read every object");
  add_identity(*verb, options.identity);
  add_duration(*verb, "--timeout", "with --live: give up after this long [30s]",
               [&](auto value) { options.timeout = value; });
  verb->add_flag("--warnings-are-errors", options.warnings_are_errors, "exit 1 on warnings too");
  add_output(*verb, options.output, OutputFormat::kText, "text");
  verb->footer(kCheckExamples);
  return verb;
}

CLI::App* add_settings(CLI::App& app, SettingsOptions& options) {
  CLI::App* verb =
      app.add_subcommand("settings", "show the runtime settings and where each came from");
  verb->description(
      "Merges mounted secrets over a MendixApp's settings exactly as keyferry-sidecar does and\n"
      "prints every effective setting with its source. Secret values are never printed.");
  verb->add_option("--app", options.app, "manifest with the MendixApp")
      ->required()
      ->type_name("FILE");
  verb->add_option("--secrets", options.secrets, "folder with the mounted secrets")
      ->required()
      ->type_name("DIR");
  verb->add_option("--model-metadata", options.model_metadata,
                   "the app model's metadata.json: names and types of its constants")
      ->type_name("FILE");
  add_output(*verb, options.output, OutputFormat::kTable, "table");
  verb->footer(kSettingsExamples);
  return verb;
}

CLI::App* add_jmespath(CLI::App& app, JmesPathOptions& options) {
  CLI::App* verb = app.add_subcommand("jmespath", "try a JMESPath expression on a JSON document");
  verb->description(
      "Searches a JSON document with a JMESPath expression (jmespath.org) and prints the answer "
      "as\n"
      "JSON. The document may be secret: nothing but the answer shows it, nothing is logged, and\n"
      "no message quotes it.");
  verb->add_option("expression", options.expression, "what to search for")
      ->required()
      ->type_name("EXPRESSION");
  verb->add_option("file", options.file, "the document; - or none for standard input")
      ->type_name("FILE")
      ->option_text("FILE [-]");
  verb->add_flag("-u,--unquoted", options.unquoted, "print an answer that is a string as it is");
  verb->add_flag("-c,--compact", options.compact, "print the answer on one line");
  verb->footer(kJmesPathExamples);
  return verb;
}

CLI::App* add_completion(CLI::App& app, CompletionOptions& options) {
  CLI::App* verb = app.add_subcommand("completion", "print a shell completion script");
  verb->add_option("shell", options.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  verb->footer("\nExample:\n  source <(keyferry completion bash)\n");
  return verb;
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv) {
  CLI::App app("Carries secrets from a store to the running application.", "keyferry");
  app.set_version_flag("--version", "keyferry " KEYFERRY_VERSION);
  app.require_subcommand(1);
  app.footer(kFooter);
  PullOptions pull;
  CheckOptions check;
  SettingsOptions settings;
  JmesPathOptions jmespath;
  CompletionOptions completion;
  const CLI::App* pull_verb = add_pull(app, pull);
  const CLI::App* check_verb = add_check(app, check);
  const CLI::App* settings_verb = add_settings(app, settings);
  const CLI::App* jmespath_verb = add_jmespath(app, jmespath);
  add_completion(app, completion);
  if (auto reason = read_command_line(app, argc, argv)) return *std::move(reason);
  if (pull_verb->parsed()) return pull;
  if (check_verb->parsed()) return check;
  if (settings_verb->parsed()) return settings;
  if (jmespath_verb->parsed()) return jmespath;
  return completion;
}

}  // namespace keyferry::cli
