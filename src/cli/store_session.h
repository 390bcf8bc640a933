#pragma once

#include <memory>
#include <string>

#include "cli/manifest_files.h"
#include "cli/options.h"
#include "identity/token_source.h"
#include "net/http.h"
#include "os/system_clock.h"
#include "stores/store.h"

namespace keyferry::cli {

// What a verb needs to ask the store of one SecretProviderClass. Parts refer to each other, so the
// session stays where it was made.
struct StoreSession {
  SystemClock clock;
  std::unique_ptr<Http> http;
  std::unique_ptr<Http> gate;  // in front of it
  std::unique_ptr<KeptState> kept;
  std::unique_ptr<TokenSource> tokens;
  std::unique_ptr<stores::Store> store;
  stores::PodIdentity pod;
  std::shared_ptr<const stores::PublishSecrets> secrets;  // null when none are given
};

// kNotFound when the provider is none of ours; otherwise it is the folder for the state, or a file
// of --publish-secret, that cannot be used.
Result<std::unique_ptr<StoreSession>> open_session(const manifest::Manifests& manifests,
                                                   const manifest::SecretProviderClass& spc,
                                                   const IdentityOptions& identity,
                                                   const StoreUse& use = {});

}  // namespace keyferry::cli
