#pragma once

#include "formats/yaml.h"
#include "manifest/manifest.h"

// One reader per kind: a document whose metadata is read already → the typed object.
namespace keyferry::manifest {

SecretProviderClass read_secret_provider_class(const Yaml& document, ObjectMeta meta,
                                               Problems& problems);
MendixApp read_mendix_app(const Yaml& document, ObjectMeta meta, Problems& problems);

}  // namespace keyferry::manifest
