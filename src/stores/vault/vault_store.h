#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/digest.h"
#include "stores/class_cache.h"
#include "stores/store.h"
#include "stores/vault/vault_answers.h"
#include "stores/vault/vault_client.h"
#include "stores/vault/vault_config.h"
#include "stores/vault/vault_sessions.h"

namespace keyferry::stores::vault {

// HashiCorp Vault and OpenBao over their HTTP API: one session per identity (vault_sessions.h), one
// request per distinct question of a fetch, credentials with a lease kept alive (vault_answers.h).
class VaultStore final : public Store {
 public:
  explicit VaultStore(const StoreParts& parts)
      : environment_(parts.environment),
        clock_(parts.clock),
        client_(parts.http, parts.clock),
        sessions_(client_, parts.clock, parts.kept),
        answers_(client_, sessions_, parts.clock) {}

  Result<FetchResult> fetch(const FetchRequest& request) override;
  void use(const FetchRequest& request) override;
  Status release(const FetchRequest& request) override;

 private:
  std::shared_ptr<const ParsedConfig> parsed(const FetchRequest& request);
  FetchResult look(Visit& visit);
  std::optional<Duration> next_look(const Visit& visit,
                                    const std::map<std::string, Result<AnswerPtr>>& answers) const;
  void add_files(const ObjectSpec& object, const Result<AnswerPtr>& answer,
                 FetchResult& result) const;
  std::vector<FetchedObject> files_of(const ObjectSpec& object,
                                      const Result<AnswerPtr>& answer) const;
  Result<SecretFile> file_of(const ObjectSpec& object, const Json& answer) const;
  std::string version_of(const std::string& path, std::optional<std::uint32_t> mode,
                         const Secret& stable) const;

  const Environment environment_;
  Clock& clock_;
  VaultClient client_;
  VaultSessions sessions_;
  VaultAnswers answers_;
  const HmacSha256 versions_{random_bytes(32)};  // a version tells nothing of the contents
  ClassCache<ParsedConfig> classes_;
};

}  // namespace keyferry::stores::vault
