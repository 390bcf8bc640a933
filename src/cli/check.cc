#include <algorithm>

#include "base/strings.h"
#include "catalog/catalog.h"
#include "cli/class_check.h"
#include "cli/cli.h"
#include "cli/manifest_files.h"
#include "cli/problem_output.h"
#include "cli/store_session.h"
#include "cli/verbs.h"
#include "runtime/wanted.h"

namespace keyferry::cli {

namespace {

void append(Problems& into, Problems more) {
  for (Problem& problem : more) into.push_back(std::move(problem));
}

Problem live_problem(const manifest::SecretProviderClass& spc, std::string field,
                     const Error& error) {
  return {Severity::kError,
          spc.meta.file,
          spc.meta.line,
          spc.meta.display_name(),
          std::move(field),
          error.message(),
          ""};
}

// Logs in and reads every object; the values are looked at by nobody and wiped.
void check_live(const manifest::Manifests& manifests, const manifest::SecretProviderClass& spc,
                const CheckOptions& options, Problems& problems) {
  auto session = open_session(manifests, spc, options.identity);
  if (!session.ok()) {
    problems.push_back(live_problem(spc, "spec.provider", session.error()));
    return;
  }
  const stores::FetchRequest request{(*session)->pod,
                                     spc,
                                     *(*session)->tokens,
                                     {},
                                     Deadline::in((*session)->clock, options.timeout),
                                     {}};
  auto fetched = (*session)->store->fetch(request);
  if (!fetched.ok()) {
    problems.push_back(live_problem(spc, "", fetched.error()));
    return;
  }
  for (const auto& object : fetched->objects) {
    if (object.file.ok()) continue;
    problems.push_back(live_problem(spc, cat("object '", object.id, "'"), object.file.error()));
  }
}

// Only a Mendix app gives file names a meaning.
bool is_for_mendix(const manifest::Manifests& manifests, const manifest::SecretProviderClass& spc) {
  return !manifests.mendix_apps.empty() ||
         spc.meta.annotations.contains("privatecloud.mendix.com/environment-class");
}

// Whether a database is named that is no Azure SQL for sure (that needs its URL), but no password.
bool wants_identity_login(const std::vector<stores::PlannedFile>& files) {
  const auto has = [&](std::string_view name) {
    return std::any_of(files.begin(), files.end(),
                       [&](const stores::PlannedFile& file) { return file.name == name; });
  };
  return has("database-type") && !has("database-jdbc-url") && !has("database-password");
}

Problems check_keys(const manifest::Manifests& manifests, const manifest::SecretProviderClass& spc,
                    const std::vector<stores::PlannedFile>& files) {
  std::vector<catalog::PlannedKey> keys;
  keys.reserve(files.size());
  for (const auto& file : files) keys.push_back({file.name, file.line});
  catalog::AppContext context;
  for (const auto& app : manifests.mendix_apps) {
    if (app.meta.name == spc.meta.name) context.version = runtime::stated_version(app);
  }
  Problems problems = catalog::check_names(keys, context);
  if (wants_identity_login(files)) {
    problems.push_back({Severity::kWarning, "", 0, "", "database-password",
                        "is missing; keyferry-sidecar can do without it for Azure SQL only",
                        "add it to the store and to the SecretProviderClass"});
  }
  const auto objects = spc.parameters.find("objects");
  for (Problem& problem : problems) {
    problem.file = spc.meta.file;
    // A key that is missing has no line: it belongs in the list.
    if (problem.line == 0 && objects != spc.parameters.end()) problem.line = objects->second.line;
    problem.object = spc.meta.display_name();
    problem.field = cat("object '", problem.field, "'");
  }
  return problems;
}

// How many objects of each kind were read, for the last line and the JSON answer.
struct Counts {
  std::size_t classes;
  std::size_t accounts;
  std::size_t apps;
};

Counts counts_of(const manifest::Manifests& manifests) {
  return {manifests.secret_provider_classes.size(), manifests.service_accounts.size(),
          manifests.mendix_apps.size()};
}

void print_json(const Problems& problems, const Counts& counts, bool good, Terminal& terminal) {
  Json::Array list;
  for (const Problem& problem : problems) list.push_back(to_json(problem));
  Json answer(Json::Object{});
  answer.set("good", good);
  answer.set("problems", std::move(list));
  answer.set("secretProviderClasses", static_cast<std::int64_t>(counts.classes));
  answer.set("serviceAccounts", static_cast<std::int64_t>(counts.accounts));
  answer.set("mendixApps", static_cast<std::int64_t>(counts.apps));
  terminal.print_line(to_text(answer));
}

void print_text(const Problems& problems, const Counts& counts, bool good,
                const CheckOptions& options, Terminal& terminal) {
  complain_about(problems, terminal);
  if (!good) return;
  terminal.print_line(cat(terminal.paint("good:", Colour::kGreen), " ", counts.classes,
                          " SecretProviderClass, ", counts.accounts, " ServiceAccount, ",
                          counts.apps, " MendixApp",
                          options.live ? "; the store gave every object" : ""));
}

}  // namespace

int run_verb(const CheckOptions& options, Terminal& terminal) {
  manifest::Manifests manifests = read_manifests(options.files);
  Problems problems = std::move(manifests.problems);
  append(problems, manifest::check_together(manifests));
  if (manifests.secret_provider_classes.empty() && !has_errors(problems)) {
    problems.push_back({Severity::kError, "", 0, "", "",
                        "no SecretProviderClass in the files given", "name its file with -f"});
  }
  for (const auto& spc : manifests.secret_provider_classes) {
    if (spc.provider.empty()) continue;  // complained about already
    stores::ParameterCheck found = check_class(spc);
    const bool askable = !has_errors(found.problems);
    append(problems, std::move(found.problems));
    if (is_for_mendix(manifests, spc)) append(problems, check_keys(manifests, spc, found.files));
    if (options.live && askable) check_live(manifests, spc, options, problems);
  }
  const bool good = !has_errors(problems) && (problems.empty() || !options.warnings_are_errors);
  if (options.output == OutputFormat::kJson) {
    print_json(problems, counts_of(manifests), good, terminal);
  } else {
    print_text(problems, counts_of(manifests), good, options, terminal);
  }
  return good ? kGood : kProblems;
}

}  // namespace keyferry::cli
