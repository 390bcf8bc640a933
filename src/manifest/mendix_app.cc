#include "manifest/mendix_app.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"
#include "manifest/object_reader.h"
#include "manifest/object_readers.h"

namespace keyferry::manifest {

namespace {

std::optional<Secret> read_base64(const ObjectReader& runtime, std::string_view key) {
  if (runtime.member(key) == nullptr) return std::nullopt;
  const std::string text = runtime.text(key, ObjectReader::Quoting::kLenient);
  auto decoded = base64_decode(trim(text));
  if (decoded.ok()) return std::move(decoded).value();
  runtime.error(key, decoded.error().message(),
                "encode the value with base64 (printf %s VALUE | base64 -w0)");
  return std::nullopt;
}

// Two to four numbers, the last of four being the build: "10.24.14", "9.4.0.24572".
bool is_version(std::string_view text) {
  const auto parts = split(text, '.');
  return parts.size() >= 2 && parts.size() <= 4 &&
         std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
           return !part.empty() && part.size() <= 9 &&
                  part.find_first_not_of("0123456789") == std::string_view::npos;
         });
}

// Unread, it would turn off every check that asks for a version, without a word.
std::string read_version(const ObjectReader& spec) {
  constexpr std::string_view kKey = "mendixRuntimeVersion";
  const Yaml* node = spec.member(kKey);
  std::string text = spec.text(kKey);
  const bool complained = node == nullptr || text.empty() || is_typed_scalar(*node);
  if (complained || is_version(trim(text)) || !placeholder_in(text).empty()) return text;
  spec.error(kKey, cat("'", text, "' is not a version"), "write it in the form 10.24.14");
  return text;
}

void read_choice(const ObjectReader& runtime, std::string_view key, std::string& into,
                 std::initializer_list<std::string_view> choices) {
  const std::string text = runtime.text(key);
  if (text.empty()) return;
  std::vector<std::string> names;
  for (const std::string_view choice : choices) {
    names.emplace_back(choice);
    if (text == choice) into = text;
  }
  if (into != text) {
    runtime.error(key, cat("'", text, "' is not one of ", join(names, ", ")), "write one of them");
  }
}

// A field that holds a JSON object as text, as the API server wants it.
Json read_json_object(const ObjectReader& runtime, std::string_view key) {
  const std::string text = runtime.text(key);
  if (trim(text).empty()) return Json();
  auto parsed = parse_json(text);
  if (!parsed.ok()) {
    runtime.error(key, parsed.error().message(), "write one JSON object as text");
    return Json();
  }
  if (parsed->as_object() == nullptr) {
    runtime.error(key, cat("holds ", parsed->type_name(), ", not a JSON object"),
                  "write one JSON object as text");
    return Json();
  }
  return std::move(parsed).value();
}

// A constant's value as the text the runtime takes (Mendix docs: all values are strings).
std::string constant_text(const Json& value) {
  const std::string* text = value.as_string();
  return text != nullptr ? *text : to_text(value);
}

// MicroflowConstants inside customConfiguration: an object, or JSON text of one; no deeper.
std::map<std::string, std::string> read_custom_constants(const ObjectReader& runtime,
                                                         const Json& constants) {
  constexpr std::string_view kKey = "customConfiguration";
  constexpr const char* kRemedy =
      "write MicroflowConstants as an object, or as the JSON text of one object";
  Json decoded = constants;
  if (const std::string* text = constants.as_string()) {
    auto parsed = parse_json(*text);
    if (!parsed.ok()) {
      runtime.error(kKey, cat("MicroflowConstants: ", parsed.error().message()), kRemedy);
      return {};
    }
    decoded = std::move(parsed).value();
  }
  std::map<std::string, std::string> values;
  if (decoded.as_object() == nullptr) {
    runtime.error(kKey, cat("MicroflowConstants holds ", decoded.type_name(), ", not an object"),
                  kRemedy);
    return values;
  }
  for (const auto& [name, value] : *decoded.as_object()) {
    if (value.as_object() != nullptr || value.as_array() != nullptr || value.is_null()) {
      runtime.error(kKey, cat("MicroflowConstants: ", name, " holds ", value.type_name()),
                    "write a string, a number, true or false; or leave the constant out");
      continue;
    }
    values[name] = constant_text(value);
  }
  return values;
}

void read_custom_configuration(const ObjectReader& runtime, MendixRuntimeSpec& into) {
  into.custom_configuration = read_json_object(runtime, "customConfiguration");
  Json::Object* members = into.custom_configuration.as_object();
  if (members == nullptr) return;
  const auto constants = members->find("MicroflowConstants");
  if (constants == members->end()) return;
  into.custom_constants = read_custom_constants(runtime, constants->second);
  members->erase(constants);
}

void read_log_levels(const ObjectReader& runtime, MendixRuntimeSpec& into) {
  static constexpr std::string_view kLevels[] = {"NONE", "CRITICAL", "ERROR", "WARNING",
                                                 "INFO", "DEBUG",    "TRACE"};
  for (const auto& [node, level] : runtime.text_map("logLevels")) {
    if (std::find(std::begin(kLevels), std::end(kLevels), level) == std::end(kLevels)) {
      runtime.error("logLevels", cat("node '", node, "': '", level, "' is not a log level"),
                    "write NONE, CRITICAL, ERROR, WARNING, INFO, DEBUG or TRACE");
      continue;
    }
    into.log_levels[node] = level;
  }
}

void read_scheduled_events(const ObjectReader& runtime, MendixRuntimeSpec& into) {
  read_choice(runtime, "scheduledEventExecution", into.scheduled_event_execution,
              {"ALL", "NONE", "SPECIFIED"});
  into.my_scheduled_events = runtime.text_list("myScheduledEvents");
  if (into.scheduled_event_execution == "SPECIFIED" && into.my_scheduled_events.empty()) {
    runtime.warning("myScheduledEvents", "is empty, so no scheduled event will run",
                    "list them, or write scheduledEventExecution: NONE");
  }
}

MendixRuntimeSpec read_runtime(const ObjectReader& runtime) {
  runtime.warn_unknown({"logAutosubscribeLevel", "mxAdminPassword", "debuggerPassword", "dtapMode",
                        "logLevels", "logFormatType", "microflowConstants",
                        "scheduledEventExecution", "myScheduledEvents", "jettyOptions",
                        "customConfiguration", "environmentVariables", "clientCertificates",
                        "runtimeLicense", "runtimeMetricsConfiguration"});
  MendixRuntimeSpec spec;
  spec.mx_admin_password = read_base64(runtime, "mxAdminPassword");
  spec.debugger_password = read_base64(runtime, "debuggerPassword");
  read_choice(runtime, "dtapMode", spec.dtap_mode, {"P", "D"});
  read_choice(runtime, "logAutosubscribeLevel", spec.log_autosubscribe_level,
              {"NONE", "CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG", "TRACE"});
  read_log_levels(runtime, spec);
  const auto constants = runtime.text_map("microflowConstants");
  spec.microflow_constants = {constants.begin(), constants.end()};
  read_custom_configuration(runtime, spec);
  read_scheduled_events(runtime, spec);
  spec.jetty_options = read_json_object(runtime, "jettyOptions");
  runtime.text("logFormatType");
  for (const ObjectReader& variable : runtime.items("environmentVariables")) {
    variable.text("name");
    variable.text("value");
  }
  return spec;
}

// Texts that nothing here needs, but that the API server refuses when they are none.
void check_other_texts(const ObjectReader& spec) {
  for (const std::string_view key : {"sourceURL", "sourceVersion", "ingressClassName",
                                     "ingressPath", "ingressPathType", "runtimeLicenseProduct"}) {
    spec.text(key);
  }
  for (const std::string_view key :
       {"runtimeDeploymentPodAnnotations", "serviceAnnotations", "endpointAnnotations"}) {
    spec.text_map(key);
  }
  spec.below("customPodLabels").text_map("general");
}

// JSON and a user's own words may hold braces; passwords, numbers and choices have complaints of
// their own.
bool has_no_placeholders(std::string_view field) {
  static constexpr std::string_view kFields[] = {
      "spec.allowOverrideSecretsWithSecretStoreCSIDriver",
      "spec.endpointAnnotations",
      "spec.replicas",
      "spec.runtime.clientCertificates",
      "spec.runtime.customConfiguration",
      "spec.runtime.debuggerPassword",
      "spec.runtime.dtapMode",
      "spec.runtime.environmentVariables",
      "spec.runtime.jettyOptions",
      "spec.runtime.logAutosubscribeLevel",
      "spec.runtime.logLevels",
      "spec.runtime.microflowConstants",
      "spec.runtime.mxAdminPassword",
      "spec.runtime.runtimeLicense",
      "spec.runtime.runtimeMetricsConfiguration",
      "spec.runtime.scheduledEventExecution",
      "spec.runtimeDeploymentPodAnnotations",
      "spec.runtimeLeaderSelection",
      "spec.runtimeLicense",
      "spec.runtimeMetricsConfiguration",
      "spec.serviceAnnotations",
      "spec.tls.enableTLS"};
  return std::find(std::begin(kFields), std::end(kFields), field) != std::end(kFields);
}

void find_placeholders(const Yaml& node, const std::string& field,
                       std::vector<Placeholder>& found) {
  if (has_no_placeholders(field)) return;
  if (node.kind == Yaml::Kind::kScalar) {
    const auto more = placeholders_in(node.scalar, node.text_line, field);
    found.insert(found.end(), more.begin(), more.end());
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    find_placeholders(node.items[i], cat(field, "[", i, "]"), found);
  }
  for (const auto& [key, value] : node.members) {
    find_placeholders(value, cat(field, ".", key.scalar), found);
  }
}

constexpr std::string_view kAllow = "allowOverrideSecretsWithSecretStoreCSIDriver";

void warn_unknown_fields(const ObjectReader& spec) {
  spec.warn_unknown({"database",
                     "storage",
                     "mendixRuntimeVersion",
                     "sourceURL",
                     "sourceVersion",
                     "appURL",
                     "tls",
                     "replicas",
                     "resources",
                     "runtimeDeploymentPodAnnotations",
                     "serviceAnnotations",
                     "endpointAnnotations",
                     "ingressClassName",
                     "ingressPath",
                     "ingressPathType",
                     "topologySpreadConstraints",
                     "runtimeLeaderSelection",
                     "customPodLabels",
                     "runtimeLicenseProduct",
                     "deploymentStrategy",
                     "podDisruptionBudget",
                     "runtimeReadOnlyRootFilesystem",
                     kAllow,
                     "runtimeMetricsConfiguration",
                     "runtime",
                     "runtimeLicense"});
}

void read_deployment(const ObjectReader& spec, MendixApp& app) {
  const ObjectReader tls = spec.below("tls");
  app.tls = tls.truth("enableTLS").value_or(true);
  tls.text("secretName");
  app.database_service_plan = spec.below("database").text("servicePlan");
  app.storage_service_plan = spec.below("storage").text("servicePlan");
  read_choice(spec, "runtimeLeaderSelection", app.runtime_leader_selection,
              {"assigned", "none", "leaderless"});
  const auto replicas = spec.whole_number("replicas");
  if (!replicas) return;
  if (*replicas < 0 || *replicas > 1000) {
    spec.error("replicas", "is out of range", "write a number from 0 to 1000");
  } else {
    app.replicas = static_cast<int>(*replicas);
  }
}

}  // namespace

MendixApp read_mendix_app(const Yaml& document, ObjectMeta meta, Problems& problems) {
  MendixApp app;
  app.meta = std::move(meta);
  const ObjectReader object(&document, "", app.meta, problems);
  object.warn_unknown({"apiVersion", "kind", "metadata", "spec", "status"});
  const ObjectReader spec = object.below("spec");
  if (spec.node() == nullptr) object.error("spec", "is missing", "describe the app");
  warn_unknown_fields(spec);
  app.runtime_version = read_version(spec);
  app.allow_override = spec.truth(kAllow).value_or(false);
  app.allow_override_line = spec.line_of(kAllow);
  app.app_url = spec.text("appURL");
  read_deployment(spec, app);
  app.runtime = read_runtime(spec.below("runtime"));
  check_other_texts(spec);
  if (spec.node() != nullptr) find_placeholders(*spec.node(), "spec", app.placeholders);
  return app;
}

}  // namespace keyferry::manifest
