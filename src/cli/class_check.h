#pragma once

#include "manifest/secret_provider_class.h"
#include "stores/store.h"

namespace keyferry::cli {

// What can be said about a SecretProviderClass without asking its store: that there is no such
// store, or what the store says about spec.parameters. Pure.
stores::ParameterCheck check_class(const manifest::SecretProviderClass& spc);

}  // namespace keyferry::cli
