#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "formats/json.h"
#include "manifest/mendix_app.h"
#include "manifest/object_meta.h"
#include "manifest/secret_provider_class.h"

namespace keyferry::manifest {

struct ServiceAccount {
  ObjectMeta meta;
};

// Everything read from the files given, with every complaint about them.
struct Manifests {
  std::vector<SecretProviderClass> secret_provider_classes;
  std::vector<ServiceAccount> service_accounts;
  std::vector<MendixApp> mendix_apps;
  std::vector<ObjectMeta> others;  // kinds we do not read (warned about nowhere)
  Problems problems;
};

// Reads one file's text (YAML with any number of documents, or JSON; `kind: List` is unpacked) and
// adds to `into`. An object with an error in one field is still added with the rest of its fields.
void parse_manifest(std::string_view text, const std::string& file, Manifests& into);

// The class in JSON as the API server has it; adds to `problems`, which have no file and no lines.
SecretProviderClass read_stored_class(const Json& object, Problems& problems);

// What the objects say about each other (mendix.md 0, 3.7, 5.3): equal names, annotations that
// must be the string "true", allowOverrideSecretsWithSecretStoreCSIDriver, placeholders such as
// <{…}> or stray {…} left in.
// Without a MendixApp, what Mendix asks for holds where is_for_mendix.
Problems check_together(const Manifests& manifests);

// Whether there is a MendixApp, or an annotation of Mendix or like one of Mendix on another object.
bool is_for_mendix(const Manifests& manifests);

}  // namespace keyferry::manifest
