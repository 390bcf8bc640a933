#include "base/strings.h"
#include "catalog/model_metadata.h"
#include "cli/cli.h"
#include "cli/manifest_files.h"
#include "cli/problem_output.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "os/dir.h"
#include "runtime/wanted.h"
#include "volume/mounted_set.h"

namespace keyferry::cli {

namespace {

using runtime::Setting;
using runtime::Visibility;

constexpr std::string_view kHidden = "(hidden)";

Result<const manifest::MendixApp*> only_app(const manifest::Manifests& manifests,
                                            const std::string& file) {
  if (manifests.mendix_apps.size() == 1) return &manifests.mendix_apps.front();
  return Error(ErrorCode::kInvalidArgument, cat("'", file, "' holds ", manifests.mendix_apps.size(),
                                                " MendixApps; --app needs the manifest of one"));
}

Result<catalog::AppContext> context_of(const SettingsOptions& options,
                                       const manifest::MendixApp& app) {
  catalog::AppContext context;
  context.version = runtime::stated_version(app);
  if (options.model_metadata.empty()) return context;
  constexpr std::size_t kLargest = std::size_t{64} << 20;
  KF_ASSIGN(const Secret text,
            read_file(options.model_metadata, kLargest)
                .with_context("--model-metadata")
                .with_remedy("name the model's metadata.json, or leave the flag out"));
  KF_ASSIGN(context.constants, catalog::constants_of_metadata(text.expose()));
  return context;
}

Result<runtime::Wanted> wanted_of(const SettingsOptions& options, const manifest::MendixApp& app) {
  KF_ASSIGN(const auto dir, open_dir(options.secrets)
                                .with_context("--secrets")
                                .with_remedy("name the folder with the mounted secrets"));
  KF_ASSIGN(const auto set, volume::read_set(*dir).with_context("--secrets"));
  if (set.files.empty() && app.allow_override) {
    return Error(ErrorCode::kNotFound, cat("--secrets: no files in '", options.secrets,
                                           "'; name the folder with the mounted secrets"));
  }
  std::vector<catalog::StoreFile> files;
  for (const auto& file : set.files) files.push_back({file.path, file.contents.expose()});
  KF_ASSIGN(const auto context, context_of(options, app));
  auto wanted = runtime::wanted_settings(app, files, context, runtime::Role::kLeader);
  if (auto problem = identity_login_problem(wanted)) wanted.problems.push_back(*std::move(problem));
  return wanted;
}

std::string shown(const Setting& setting) {
  return setting.visibility == Visibility::kHidden ? std::string(kHidden)
                                                   : std::string(setting.json.expose());
}

// Settings, then constants, then what is set by admin actions: one row each.
struct Row {
  std::string kind;
  std::string name;
  std::string value;
  std::string source;
  std::string origin;
};

std::vector<Row> rows_of(const runtime::EffectiveSettings& settings) {
  std::vector<Row> rows;
  const auto add = [&](std::string_view kind, const Setting& setting) {
    rows.push_back({std::string(kind), setting.name, shown(setting),
                    std::string(name_of(setting.source)), setting.origin});
  };
  for (const Setting& setting : settings.settings) add("setting", setting);
  for (const Setting& constant : settings.constants) add("constant", constant);
  const auto add_password = [&](std::string_view name, const auto& password) {
    if (!password) return;
    rows.push_back({"action", std::string(name), std::string(kHidden),
                    std::string(name_of(password->source)), password->origin});
  };
  add_password("MxAdmin password", settings.admin_password);
  add_password("debugger password", settings.debugger_password);
  return rows;
}

void print_table(const std::vector<Row>& rows, Terminal& terminal) {
  std::vector<std::vector<std::string>> cells = {{"NAME", "VALUE", "SOURCE", "FROM"}};
  for (const Row& row : rows) {
    const std::string name = row.kind == "constant" ? cat("constant ", row.name) : row.name;
    cells.push_back({name, row.value, row.source, row.origin});
  }
  terminal.print(render_table(cells));
}

void print_json(const std::vector<Row>& rows, const Problems& problems, Terminal& terminal) {
  Json::Array list;
  for (const Row& row : rows) {
    Json entry(Json::Object{});
    entry.set("kind", row.kind).set("name", row.name).set("source", row.source);
    entry.set("from", row.origin).set("hidden", row.value == kHidden);
    if (row.value != kHidden) entry.set("value", row.value);
    list.push_back(std::move(entry));
  }
  Json::Array complaints;
  for (const Problem& problem : problems) complaints.push_back(to_json(problem));
  Json answer(Json::Object{});
  answer.set("settings", std::move(list)).set("problems", std::move(complaints));
  terminal.print_line(to_text(answer));
}

}  // namespace

int run_verb(const SettingsOptions& options, Terminal& terminal) {
  const manifest::Manifests manifests = read_manifests({options.app});
  if (has_errors(manifests.problems)) {
    complain_about(manifests.problems, terminal);
    return kProblems;
  }
  const auto app = only_app(manifests, options.app);
  if (!app.ok()) {
    complain_about(app.error(), terminal);
    return kProblems;
  }
  const auto wanted = wanted_of(options, **app);
  if (!wanted.ok()) {
    complain_about(wanted.error(), terminal);
    return kProblems;
  }
  const auto rows = rows_of(wanted->settings);
  if (options.output == OutputFormat::kJson) {
    print_json(rows, wanted->problems, terminal);
  } else {
    complain_about(wanted->problems, terminal);
    print_table(rows, terminal);
  }
  return has_errors(wanted->problems) ? kProblems : kGood;
}

}  // namespace keyferry::cli
