#include <algorithm>
#include <set>

#include "base/strings.h"
#include "catalog/catalog.h"
#include "catalog/groups.h"
#include "catalog/key_name.h"
#include "catalog/settings_list.h"
#include "catalog/value_rules.h"
#include "formats/jdbc_url.h"
#include "formats/json.h"

namespace keyferry::catalog {

namespace {

// Settings of the operator's that no key may set.
bool sets_what_is_owned(const KeyName& key) {
  return key.row->group == Group::kRuntime && is_owned_by_operator(key.suffix);
}
std::string owned_words(const KeyName& key) {
  return cat("sets ", key.suffix, ", which the operator owns");
}
std::string owned_remedy(const KeyName& key) {
  return key.suffix == "MicroflowConstants" ? "use mx-const-Module.Name for each constant"
                                            : "remove the key";
}

constexpr std::string_view kRegion = "com.mendix.storage.s3.Region";

// A JSON text's value as plain text: a string without its quotes, else as it is.
std::string decoded(const Secret& json) {
  const auto value = parse_json(json.expose());
  const std::string* text = value.ok() ? value->as_string() : nullptr;
  return text != nullptr ? *text : std::string(json.expose());
}

// Whether a JDBC URL goes to this host. A port that is written on one side only is not compared;
// what is no URL, or another vendor's, is not judged.
bool names_host(std::string_view text, std::string_view host) {
  const auto url = parse_jdbc_url(trim(text));
  const auto wanted = parse_jdbc_host(host, 0);
  if (!url.ok() || !wanted.ok() || url->vendor == JdbcUrl::Vendor::kOther) return true;
  return std::any_of(url->hosts.begin(), url->hosts.end(), [&](const JdbcHost& named) {
    const bool both_written =
        named.port_is == JdbcHost::Port::kWritten && wanted->port_is == JdbcHost::Port::kWritten;
    return named.name == wanted->name && (!both_written || named.port == wanted->port);
  });
}

class Resolver {
 public:
  explicit Resolver(const AppContext& context) : context_(context) {}

  void add(const StoreFile& file) {
    if (file.name.starts_with("..")) return;
    KeyName key = read_key_name(file.name, context_);
    if (!key.warning.empty()) warning(file.name, key.warning, "");
    if (key.row == nullptr) {
      add_unknown(file.name, key);
      return;
    }
    if (!names_
             .insert(key.row->effect == Effect::kSetting && key.suffix.empty()
                         ? std::string(key.row->key)
                         : cat(key.row->key, key.suffix))
             .second) {
      error(file.name, "is given twice under names that mean the same", "keep one");
      return;
    }
    if (forbidden(file.name, key)) return;
    read(file, key);
  }

  Resolved finish() {
    drop_collisions();
    const auto text = [&](std::string_view key) {
      const KeyRow* row = row_of(key);
      const StoreSetting* setting = row == nullptr ? nullptr : out_.find(row->setting);
      return setting == nullptr ? std::string() : decoded(setting->json);
    };
    // A key whose value was refused has its own problem; its group is not also called incomplete.
    const auto has = [&](std::string_view key) { return names_.contains(std::string(key)); };
    GroupState groups = judge_groups({has, text}, context_);
    out_.database = groups.database;
    out_.storage = groups.storage;
    out_.missing_keys = std::move(groups.missing);
    for (Problem& problem : groups.problems) out_.problems.push_back(std::move(problem));
    for (const std::string& key : groups.ignored) drop(key);
    check_url_and_host(text);
    return std::move(out_);
  }

 private:
  void error(std::string_view key, std::string message, std::string remedy) {
    complain(Severity::kError, key, std::move(message), std::move(remedy));
  }
  void warning(std::string_view key, std::string message, std::string remedy) {
    complain(Severity::kWarning, key, std::move(message), std::move(remedy));
  }
  void complain(Severity severity, std::string_view key, std::string message, std::string remedy) {
    out_.problems.push_back(
        {severity, "", 0, "", std::string(key), std::move(message), std::move(remedy)});
  }

  void add_unknown(const std::string& name, const KeyName& key) {
    out_.ignored_keys.push_back(name);
    if (key.quiet) return;
    out_.unknown_keys.push_back({name, key.hint});
    warning(name, "is not a known key and is ignored",
            key.hint.empty() ? "remove it, or check the spelling" : key.hint);
  }

  bool forbidden(const std::string& file, const KeyName& key) {
    if (!sets_what_is_owned(key)) return false;
    out_.ignored_keys.push_back(file);
    error(file, owned_words(key), owned_remedy(key));
    return true;
  }

  void read(const StoreFile& file, const KeyName& key) {
    const auto text = text_of(file.bytes);
    if (!text.ok()) {
      error(file.name, text.error().message(), "");
      return;
    }
    if (key.row->effect == Effect::kAdminUser || key.row->effect == Effect::kDebugger) {
      read_action(*text, key);
      return;
    }
    auto value = read_value(key, *text, context_);
    if (!value.ok()) {
      error(file.name, value.error().message(), std::string(remedy_of(key.row->type)));
      return;
    }
    if (!value->warning.empty()) warning(file.name, value->warning, "");
    const bool family = key.row->setting.empty();
    StoreSetting setting{family ? key.suffix : std::string(key.row->setting),
                         std::move(value->json), file.name};
    if (key.row->effect == Effect::kConstant) {
      out_.constants.push_back(std::move(setting));
    } else {
      (family ? out_.custom : out_.settings).push_back(std::move(setting));
    }
  }

  // Empty: the admin is left as it is; the debugger is turned off (Mendix docs, MendixApp CR).
  void read_action(std::string_view text, const KeyName& key) {
    if (trim(text) != text) {
      warning(key.row->key, "begins or ends with a blank, which is kept", "remove it if not meant");
    }
    if (key.row->effect == Effect::kDebugger) {
      out_.debugger_password = Secret(text);
    } else if (!text.empty()) {
      out_.admin_password = Secret(text);
    }
  }

  // A dedicated key owns its setting: rotation and groups are built on it. The region is the one
  // setting that is derived, so that there the explicit one wins (no dedicated key exists).
  void drop_collisions() {
    std::erase_if(out_.custom, [&](const StoreSetting& custom) {
      const KeyRow* owner = row_of_setting(custom.name);
      if (custom.name == kRegion || owner == nullptr || !names_.contains(std::string(owner->key))) {
        return false;
      }
      out_.ignored_keys.push_back(custom.key);
      warning(custom.key, cat("is ignored: key '", owner->key, "' sets ", custom.name, " too"),
              "keep one of them");
      return true;
    });
  }

  void drop(const std::string& key) {
    out_.ignored_keys.push_back(key);
    std::erase_if(out_.settings, [&](const StoreSetting& s) { return s.key == key; });
  }

  template <class Text>
  void check_url_and_host(const Text& text) {
    const std::string url = text("database-jdbc-url");
    const std::string host = text("database-host");
    if (url.empty() || host.empty() || names_host(url, host)) return;
    warning("database-host", "is another host than database-jdbc-url has",
            "the connection goes to the URL's; make them agree");
  }

  const AppContext& context_;
  std::set<std::string> names_;  // canonical keys that are there
  Resolved out_;
};

}  // namespace

const StoreSetting* Resolved::find(std::string_view setting) const {
  for (const StoreSetting& candidate : settings) {
    if (candidate.name == setting) return &candidate;
  }
  return nullptr;
}

Resolved resolve(const std::vector<StoreFile>& files, const AppContext& context) {
  Resolver resolver(context);
  for (const StoreFile& file : files) resolver.add(file);
  return resolver.finish();
}

Problems check_names(const std::vector<PlannedKey>& keys, const AppContext& context) {
  Problems problems;
  std::map<std::string, int, std::less<>> lines;
  for (const PlannedKey& planned : keys) {
    const KeyName key = read_key_name(planned.name, context);
    if (key.row != nullptr) lines.emplace(key.name, planned.line);
    if (!key.warning.empty()) {
      problems.push_back({Severity::kWarning, "", planned.line, "", planned.name, key.warning, ""});
    }
    if (key.row != nullptr && sets_what_is_owned(key)) {
      problems.push_back({Severity::kError, "", planned.line, "", planned.name, owned_words(key),
                          owned_remedy(key)});
    }
    if (key.row != nullptr || key.quiet) continue;
    // A hint means the key was meant for us: what it carries would be lost in silence.
    problems.push_back({key.hint.empty() ? Severity::kWarning : Severity::kError, "", planned.line,
                        "", planned.name, "is not a known key and would be ignored",
                        key.hint.empty() ? "remove it, or check the spelling" : key.hint});
  }
  const auto has = [&](std::string_view key) { return lines.contains(key); };
  const auto text = [](std::string_view) { return std::string(); };
  GroupState groups = judge_groups({has, text, GroupInput::Values::kUnknown}, context);
  for (Problem& problem : groups.problems) {
    if (const auto found = lines.find(problem.field); found != lines.end()) {
      problem.line = found->second;
    }
    problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace keyferry::catalog
