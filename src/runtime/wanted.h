#pragma once

#include <vector>

#include "catalog/catalog.h"
#include "manifest/mendix_app.h"
#include "runtime/merge.h"
#include "runtime/settings.h"

namespace keyferry::runtime {

// What one set of files and a MendixApp ask a runtime to have.
struct Wanted {
  EffectiveSettings settings;
  catalog::Resolved store;  // empty where the files must not be read
  Problems problems;        // errors: the set must not be used
};

// Reads the files by the key table (unless the MendixApp does not allow the override) and merges
// them over the MendixApp. Pure.
Wanted wanted_settings(const manifest::MendixApp& app, const std::vector<catalog::StoreFile>& files,
                       const catalog::AppContext& context, Role role);

// Azure SQL's driver logs in by the pod's identity on its own; for any other database without a
// password a token would have to be sent as one, and nobody here mints it yet. A runtime that has
// the password already goes on with it.
std::optional<Problem> identity_login_problem(const Wanted& wanted);

// What is known of the runtime before it was asked: the version the MendixApp names.
std::optional<catalog::RuntimeVersion> stated_version(const manifest::MendixApp& app);

}  // namespace keyferry::runtime
