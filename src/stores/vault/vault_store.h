#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "net/digest.h"
#include "net/http.h"
#include "net/retry.h"
#include "stores/class_cache.h"
#include "stores/store.h"
#include "stores/vault/vault_config.h"
#include "stores/vault/vault_error.h"
#include "stores/vault/vault_wire.h"

namespace keyferry::stores::vault {

// HashiCorp Vault and OpenBao over their HTTP API. One login per identity, used until two thirds
// of its life are over or the server no longer takes it; one request per distinct path of a fetch.
class VaultStore final : public Store {
 public:
  explicit VaultStore(const StoreParts& parts) : http_(parts.http), clock_(parts.clock) {}
  Result<FetchResult> fetch(const FetchRequest& request) override;

 private:
  struct HeldLogin {
    Secret token;
    SteadyTime use_until;
  };
  using LoginPtr = std::shared_ptr<const HeldLogin>;
  static constexpr std::size_t kFirstPrune = 64;
  struct Visit;  // one fetch

  Result<LoginPtr> login_for(Visit& visit);
  Result<LoginPtr> log_in(Visit& visit);
  void forget_ended_logins();  // under the lock
  Result<Json> read(Visit& visit, const ObjectSpec& object);
  Result<Response> ask(Visit& visit, const ObjectSpec& object);
  std::optional<MountFact> mount_of(Visit& visit, const ObjectSpec& object);
  void add_files(const ObjectSpec& object, const Result<Json>& answer, FetchResult& result) const;
  std::vector<FetchedObject> files_of(const ObjectSpec& object, const Result<Json>& answer) const;
  Result<SecretFile> file_of(const ObjectSpec& object, const Json& answer) const;
  std::string version_of(const std::string& path, std::optional<std::uint32_t> mode,
                         const Secret& stable) const;
  Result<Response> send(const Visit& visit, Request request);

  Http& http_;
  Clock& clock_;
  const HmacSha256 versions_{random_bytes(32)};  // a version tells nothing of the contents
  std::mutex mutex_;
  std::map<std::string, LoginPtr> logins_;
  std::size_t prune_logins_at_ = kFirstPrune;
  ClassCache<ParsedConfig> classes_;
};

}  // namespace keyferry::stores::vault
