#pragma once

#include "catalog/catalog.h"
#include "manifest/mendix_app.h"
#include "runtime/settings.h"

namespace keyferry::runtime {

enum class Role { kLeader, kFollower };

struct MergeInput {
  const manifest::MendixApp& app;
  // What the secret store gives; null where it must not be read (the MendixApp does not allow the
  // override) or there is none.
  const catalog::Resolved* store = nullptr;
  const catalog::AppContext& context;
  Role role = Role::kLeader;
};

// The settings a runtime must have. Highest first: keys of the store, mx-runtime-* and mx-const-*
// of the store, fields of the MendixApp, its customConfiguration, defaults. A key that is absent
// falls through; but a database or a file storage comes whole from one source. Constants are
// merged one by one. Pure.
EffectiveSettings merge(const MergeInput& input);

}  // namespace keyferry::runtime
