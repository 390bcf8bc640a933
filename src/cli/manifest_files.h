#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/options.h"
#include "manifest/manifest.h"

namespace keyferry::cli {

// Reads what -f names: files, folders (their *.yaml, *.yml and *.json, sorted) and "-". A file
// that cannot be read is one of the problems.
manifest::Manifests read_manifests(const std::vector<std::string>& files);

// The SecretProviderClass a verb is about: the one named, or the only one there is.
// kInvalidArgument lists those there are.
Result<const manifest::SecretProviderClass*> chosen_spc(const manifest::Manifests& manifests,
                                                        const std::optional<ObjectName>& wanted);

// The service account named, else the manifests' one of the class's name, else that name itself.
ObjectName service_account_of(const manifest::Manifests& manifests,
                              const manifest::SecretProviderClass& spc,
                              const std::optional<ObjectName>& wanted);

// An annotation of the account in the manifests; empty when either is not there.
std::string annotation_of(const manifest::Manifests& manifests, const ObjectName& account,
                          std::string_view annotation);

}  // namespace keyferry::cli
