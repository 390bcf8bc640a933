#include "runtime/merge.h"

#include <map>

#include "base/strings.h"
#include "catalog/key_name.h"
#include "catalog/s3_region.h"
#include "catalog/secret_setting.h"
#include "catalog/settings_list.h"
#include "catalog/value_rules.h"
#include "formats/json.h"

namespace keyferry::runtime {

namespace {

using catalog::Group;
using catalog::KeyRow;
using catalog::Requirement;

constexpr std::string_view kRegion = "com.mendix.storage.s3.Region";
constexpr std::string_view kEndPoint = "com.mendix.storage.s3.EndPoint";
constexpr std::string_view kService = "com.mendix.core.StorageService";

std::string plain(const Secret& json) {
  const auto value = parse_json(json.expose());
  const std::string* text = value.ok() ? value->as_string() : nullptr;
  return text != nullptr ? *text : std::string(json.expose());
}

bool is_true(const Setting* setting) {
  return setting != nullptr && to_lower(plain(setting->json)) == "true";
}

Visibility visibility_of(std::string_view name, const Secret& json) {
  return catalog::is_secret_value(name, json.expose()) ? Visibility::kHidden : Visibility::kOpen;
}

// A value of a dedicated key is open unless its kind or its own text is secret; what comes by
// mx-runtime-* or mx-const-* is in the store for a reason, and hidden.
Visibility visibility_of(const KeyRow* row, std::string_view name, const Secret& json) {
  if (row == nullptr || row->type == catalog::ValueType::kSecret) return Visibility::kHidden;
  return visibility_of(name, json);
}

// What the operator owns may have a field of its own.
std::string owned_remedy(std::string_view name) {
  return name == "DTAPMode" ? "remove it, and set spec.runtime.dtapMode" : "remove it";
}

bool belongs_to(const KeyRow& row, Group first, Group second, Group third) {
  return row.group == first || row.group == second || row.group == third;
}

class Merger {
 public:
  explicit Merger(const MergeInput& input) : input_(input), app_(input.app) {}

  EffectiveSettings merge() {
    if (input_.store != nullptr) add_store(*input_.store);
    add_fields();
    add_custom_configuration();
    add_defaults();
    take_passwords();
    note_inert();
    move_into(settings_, out_.settings);
    move_into(constants_, out_.constants);
    return std::move(out_);
  }

 private:
  using Table = std::map<std::string, Setting>;

  static void move_into(Table& table, std::vector<Setting>& list) {
    for (auto& entry : table) list.push_back(std::move(entry.second));
  }

  // The first one to set a name wins: sources are added highest first.
  void add(Table& table, Setting setting) {
    std::string name = setting.name;
    table.try_emplace(std::move(name), std::move(setting));
  }

  void note(std::string_view field, std::string message, std::string remedy,
            Severity severity = Severity::kWarning) {
    out_.notes.push_back({severity, app_.meta.file, 0, app_.meta.display_name(), std::string(field),
                          std::move(message), std::move(remedy)});
  }

  // The storage's other settings are nobody else's, and documented to be set this way.
  void note_override(const catalog::StoreSetting& custom) {
    const KeyRow* row = catalog::row_of_setting(custom.name);
    if (row == nullptr && custom.name != "com.mendix.storage.s3.Region") return;
    note(custom.key, cat("overrides ", custom.name, ", which the operator manages"),
         row == nullptr ? std::string("remove it, unless that is meant")
                        : cat("use the key ", row->key));
  }

  const Setting* find(std::string_view name) const {
    const auto found = settings_.find(std::string(name));
    return found == settings_.end() ? nullptr : &found->second;
  }

  void add_store(const catalog::Resolved& store) {
    for (const auto& setting : store.settings) {
      const KeyRow* row = catalog::row_of_setting(setting.name);
      add(settings_, {setting.name, setting.json.copy(), Source::kStore, setting.key,
                      visibility_of(row, setting.name, setting.json)});
    }
    for (const auto& setting : store.custom) {
      note_override(setting);
      add(settings_, {setting.name, setting.json.copy(), Source::kStoreCustom, setting.key,
                      Visibility::kHidden});
    }
    for (const auto& constant : store.constants) {
      add(constants_, {constant.name, constant.json.copy(), Source::kStoreCustom, constant.key,
                       Visibility::kHidden});
    }
  }

  void add_text(std::string_view name, std::string_view text, Source source,
                std::string_view origin) {
    Secret json = catalog::json_text(text);
    const Visibility visibility = visibility_of(name, json);
    add(settings_, {std::string(name), std::move(json), source, std::string(origin), visibility});
  }

  void add_fields() {
    const manifest::MendixRuntimeSpec& runtime = app_.runtime;
    if (!runtime.dtap_mode.empty()) {
      add_text("DTAPMode", runtime.dtap_mode, Source::kMendixApp, "spec.runtime.dtapMode");
    }
    if (!runtime.scheduled_event_execution.empty()) {
      add_text("ScheduledEventExecution", runtime.scheduled_event_execution, Source::kMendixApp,
               "spec.runtime.scheduledEventExecution");
    }
    if (!runtime.my_scheduled_events.empty()) {
      add_text("MyScheduledEvents", join(runtime.my_scheduled_events, ","), Source::kMendixApp,
               "spec.runtime.myScheduledEvents");
    }
    for (const auto& [name, text] : runtime.microflow_constants) {
      add_constant(name, text, Source::kMendixApp, "spec.runtime.microflowConstants");
    }
  }

  // Typed by the model like the store's constants; one that does not fit stays a text.
  void add_constant(const std::string& name, const std::string& text, Source source,
                    std::string_view origin) {
    Secret json = catalog::json_text(text);
    const catalog::KeyName key =
        catalog::read_key_name(cat(catalog::kConstantPrefix, name), input_.context);
    if (key.row != nullptr) {
      auto typed = catalog::read_value(key, text, input_.context);
      if (typed.ok()) {
        json = std::move(typed->json);
      } else {
        note(cat(origin, "[", name, "]"), typed.error().message(), "it is sent as text");
      }
    }
    const Visibility visibility = visibility_of(name, json);
    add(constants_, {name, std::move(json), source, std::string(origin), visibility});
  }

  // Whether the store has the whole database or file storage this setting belongs to.
  bool is_of_a_store_group(std::string_view name) const {
    const KeyRow* row = catalog::row_of_setting(name);
    if (row == nullptr || input_.store == nullptr) return false;
    if (row->requirement == Requirement::kOptional) return false;
    if (row->group == Group::kDatabase) {
      return input_.store->database != catalog::DatabaseMode::kAbsent;
    }
    return belongs_to(*row, Group::kStorage, Group::kS3, Group::kAzure) &&
           input_.store->storage != catalog::StorageMode::kAbsent;
  }

  void add_custom_configuration() {
    constexpr std::string_view kField = "spec.runtime.customConfiguration";
    if (const Json::Object* members = app_.runtime.custom_configuration.as_object()) {
      for (const auto& [name, value] : *members) {
        const std::string field = cat(kField, "[", name, "]");
        if (catalog::is_owned_by_operator(name)) {
          note(field, cat("sets ", name, ", which the operator owns"), owned_remedy(name),
               Severity::kError);
          continue;
        }
        if (find(name) == nullptr && is_of_a_store_group(name)) {
          note(field, "is ignored: the secret store gives this group, and a group comes whole",
               "remove it, or put it in the store");
          continue;
        }
        std::string text = to_text(catalog::setting_value(name, value));
        Secret json = Secret::take(text);
        const Visibility visibility = visibility_of(name, json);
        add(settings_,
            {name, std::move(json), Source::kCustomConfiguration, std::string(kField), visibility});
      }
    }
    for (const auto& [name, text] : app_.runtime.custom_constants) {
      add_constant(name, text, Source::kCustomConfiguration, kField);
    }
  }

  void add_defaults() {
    add_text("DTAPMode", "P", Source::kDefault, "production mode");
    if (!app_.app_url.empty()) {
      add_text("ApplicationRootUrl", cat(app_.tls ? "https://" : "http://", app_.app_url, "/"),
               Source::kDefault, "from spec.appURL");
    }
    if (input_.role == Role::kFollower) {
      add_text("com.mendix.core.isClusterSlave", "true", Source::kDefault, "a follower");
    }
    const Setting* service = find(kService);
    const Setting* endpoint = find(kEndPoint);
    const bool needed = !input_.context.version || needs_s3_region(*input_.context.version);
    if (needed && service != nullptr && endpoint != nullptr &&
        plain(service->json).ends_with(".s3")) {
      add_region(catalog::s3_region_of(plain(endpoint->json)));
    }
  }

  void add_region(const catalog::S3Region& derived) {
    const std::optional<std::string>& said = input_.context.bucket_region;
    if (derived.bucket_knows && said) {
      add_text(kRegion, *said, Source::kDefault, "S3 says so of this bucket");
    } else {
      add_text(kRegion, derived.region, Source::kDefault, derived.reason);
    }
  }

  void take_passwords() {
    const manifest::MendixRuntimeSpec& runtime = app_.runtime;
    const catalog::Resolved* store = input_.store;
    if (store != nullptr && store->admin_password) {
      out_.admin_password = {store->admin_password->copy(), Source::kStore, "mx-admin-password"};
    } else if (runtime.mx_admin_password && !runtime.mx_admin_password->empty()) {
      out_.admin_password = {runtime.mx_admin_password->copy(), Source::kMendixApp,
                             "spec.runtime.mxAdminPassword"};
    }
    if (store != nullptr && store->debugger_password) {
      out_.debugger_password = {store->debugger_password->copy(), Source::kStore,
                                "mx-debugger-password"};
    } else if (runtime.debugger_password) {
      out_.debugger_password = {runtime.debugger_password->copy(), Source::kMendixApp,
                                "spec.runtime.debuggerPassword"};
    }
  }

  void note_inert() {
    constexpr std::string_view kUseCa = "com.mendix.storage.s3.UseCACertificates";
    const Setting* use_ca = find(kUseCa);
    if (is_true(use_ca) && find("CACertificates") == nullptr) {
      note(use_ca->origin, cat(kUseCa, " is true, but no CACertificates are configured"),
           "it has no effect until they are");
    }
  }

  const MergeInput& input_;
  const manifest::MendixApp& app_;
  Table settings_;
  Table constants_;
  EffectiveSettings out_;
};

}  // namespace

EffectiveSettings merge(const MergeInput& input) { return Merger(input).merge(); }

}  // namespace keyferry::runtime
