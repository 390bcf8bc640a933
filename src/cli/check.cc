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
#include "volume/wanted_file.h"

namespace keyferry::cli {

namespace {

void append(Problems& into, Problems more) {
  for (Problem& problem : more) into.push_back(std::move(problem));
}

// A placeholder makes its field wrong in the store's eyes too: told is what it is.
void drop_echoes_of_placeholders(Problems& problems) {
  const auto is_placeholder = [](const Problem& problem) {
    return problem.message.ends_with("is a placeholder that was not filled in");
  };
  const auto is_echo = [&](const Problem& problem) {
    return !is_placeholder(problem) && !problem.field.empty() &&
           std::any_of(problems.begin(), problems.end(), [&](const Problem& other) {
             return is_placeholder(other) && other.file == problem.file &&
                    other.line == problem.line && other.field == problem.field;
           });
  };
  Problems kept;
  for (const Problem& problem : problems) {
    if (!is_echo(problem)) kept.push_back(problem);
  }
  problems = std::move(kept);
}

// What is known of the app that a class is for.
catalog::AppContext context_of(const manifest::Manifests& manifests,
                               const manifest::SecretProviderClass& spc) {
  catalog::AppContext context;
  for (const auto& app : manifests.mendix_apps) {
    if (app.meta.name == spc.meta.name) context.version = runtime::stated_version(app);
  }
  return context;
}

// Whether a database is named without a password, which only Azure SQL can do without (whether it
// is that is in a value).
bool wants_identity_login(const std::vector<stores::PlannedFile>& files) {
  const auto has = [&](std::string_view name) {
    return std::any_of(files.begin(), files.end(),
                       [&](const stores::PlannedFile& file) { return file.name == name; });
  };
  return has("database-type") && !has("database-password");
}

// A key that is missing has no line.
bool is_missing_key(const Problem& problem) { return problem.line == 0; }

Problems check_keys(const manifest::Manifests& manifests, const manifest::SecretProviderClass& spc,
                    const stores::ParameterCheck& planned) {
  std::vector<catalog::PlannedKey> keys;
  keys.reserve(planned.files.size());
  for (const auto& file : planned.files) keys.push_back({file.name, file.line});
  Problems problems = catalog::check_names(keys, context_of(manifests, spc));
  if (planned.more_files) {
    std::erase_if(problems, is_missing_key);  // the store may have it: check --live tells
  } else if (wants_identity_login(planned.files)) {
    problems.push_back({Severity::kWarning, "", 0, "", "database-password",
                        "is missing; keyferry-sidecar can do without it for Azure SQL only",
                        "add it to the store and to the SecretProviderClass"});
  }
  const auto objects = spc.parameters.find("objects");
  for (Problem& problem : problems) {
    problem.file = spc.meta.file;
    // What is missing belongs in the list.
    if (is_missing_key(problem) && objects != spc.parameters.end())
      problem.line = objects->second.line;
    problem.object = spc.meta.display_name();
    problem.field = cat("object '", problem.field, "'");
  }
  return problems;
}

// What the live check is about.
struct LiveCheck {
  const manifest::Manifests& manifests;
  const manifest::SecretProviderClass& spc;
  const std::vector<stores::PlannedFile>& files;
  const CheckOptions& options;
};

// At the line of the object, where it is about one.
Problem live_problem(const LiveCheck& check, std::string_view file, std::string field,
                     const Error& error) {
  int line = check.spc.meta.line;
  for (const auto& planned : check.files) {
    if (planned.name == file) line = planned.line;
  }
  const std::string& text = error.message();
  const auto cut = text.find("; ");
  return {Severity::kError,
          check.spc.meta.file,
          line,
          check.spc.meta.display_name(),
          std::move(field),
          text.substr(0, cut),
          cut == std::string::npos ? "" : text.substr(cut + 2)};
}

// What the values would be refused for: by the mount, and by the sidecar of a Mendix app.
void check_values(const LiveCheck& check, const stores::FetchResult& fetched, Problems& problems) {
  std::vector<volume::WantedFile> wanted;
  std::vector<catalog::StoreFile> values;
  for (const auto& object : fetched.objects) {
    if (!object.file.ok()) return;  // a set with a hole says nothing about itself
    wanted.push_back({object.file->path, object.file->contents.expose()});
    values.push_back({object.file->path, object.file->contents.expose()});
  }
  if (const Status mountable = volume::check_files(wanted); !mountable.ok()) {
    problems.push_back(live_problem(check, "", "", mountable.error()));
  }
  if (!is_for_mendix(check.manifests)) return;  // only Mendix gives file names a meaning
  const auto context = context_of(check.manifests, check.spc);
  for (const Problem& problem : catalog::resolve(values, context).problems) {
    const std::string key = problem.field;
    const std::string remedy = problem.remedy.empty() ? "" : cat("; ", problem.remedy);
    Problem placed = live_problem(check, key, cat("object '", key, "'"),
                                  Error(ErrorCode::kInvalidArgument, problem.message + remedy));
    placed.severity = problem.severity;
    const bool said = std::any_of(problems.begin(), problems.end(), [&](const Problem& other) {
      return other.field == placed.field && other.message == placed.message;
    });
    if (!said) problems.push_back(std::move(placed));
  }
}

// Logs in, reads every object and judges the values, which are shown nowhere and wiped.
void check_live(const LiveCheck& check, Problems& problems) {
  auto session = open_session(check.manifests, check.spc, check.options.identity);
  if (!session.ok()) {
    problems.push_back(live_problem(check, "", "spec.provider", session.error()));
    return;
  }
  const stores::FetchRequest request{(*session)->pod,
                                     check.spc,
                                     *(*session)->tokens,
                                     {},
                                     Deadline::in((*session)->clock, check.options.timeout),
                                     {},
                                     RequestPriority::kNormal,
                                     (*session)->secrets};
  auto fetched = (*session)->store->fetch(request);
  if (!fetched.ok()) {
    problems.push_back(live_problem(check, "", "", fetched.error()));
    return;
  }
  for (const auto& object : fetched->objects) {
    if (object.file.ok()) continue;
    problems.push_back(
        live_problem(check, object.id, cat("object '", object.id, "'"), object.file.error()));
  }
  check_values(check, *fetched, problems);
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
    if (is_for_mendix(manifests)) append(problems, check_keys(manifests, spc, found));
    if (options.live && askable) check_live({manifests, spc, found.files, options}, problems);
  }
  drop_echoes_of_placeholders(problems);
  const bool good = !has_errors(problems) && (problems.empty() || !options.warnings_are_errors);
  if (options.output == OutputFormat::kJson) {
    print_json(problems, counts_of(manifests), good, terminal);
  } else {
    print_text(problems, counts_of(manifests), good, options, terminal);
  }
  return good ? kGood : kProblems;
}

}  // namespace keyferry::cli
