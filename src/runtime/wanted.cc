#include "runtime/wanted.h"

#include "base/strings.h"

namespace keyferry::runtime {

Wanted wanted_settings(const manifest::MendixApp& app, const std::vector<catalog::StoreFile>& files,
                       const catalog::AppContext& context, Role role) {
  Wanted wanted;
  if (app.allow_override) {
    wanted.store = catalog::resolve(files, context);
    wanted.problems = std::move(wanted.store.problems);
    for (Problem& problem : wanted.problems) problem.object = app.meta.display_name();
  } else if (!files.empty()) {
    wanted.problems.push_back({Severity::kWarning, app.meta.file, app.allow_override_line,
                               app.meta.display_name(),
                               "spec.allowOverrideSecretsWithSecretStoreCSIDriver",
                               cat("is not true, so the ", files.size(), " files are not read"),
                               "set it to true to use the secret store"});
  }
  const catalog::Resolved* store = app.allow_override ? &wanted.store : nullptr;
  wanted.settings = merge({app, store, context, role});
  for (const Problem& note : wanted.settings.notes) wanted.problems.push_back(note);
  return wanted;
}

std::optional<Problem> identity_login_problem(const Wanted& wanted) {
  if (wanted.store.database != catalog::DatabaseMode::kPasswordless) return std::nullopt;
  const Setting* type = wanted.settings.find("DatabaseType");
  if (type != nullptr && type->json.expose() == "\"SQLSERVER\"") return std::nullopt;
  return Problem{Severity::kError,
                 "",
                 0,
                 "",
                 "database-password",
                 "is missing, and keyferry-sidecar cannot log in by the pod's identity yet",
                 "add it to the store and to the SecretProviderClass"};
}

std::optional<catalog::RuntimeVersion> stated_version(const manifest::MendixApp& app) {
  return catalog::runtime_version_of(app.runtime_version);
}

}  // namespace keyferry::runtime
