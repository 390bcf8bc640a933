#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "dev/face.h"
#include "dev/vault_core.h"

namespace keyferry::dev {

// The Vault API: seal, health, initialisation, namespaces, and below them VaultCore.
class VaultFace final : public Face {
 public:
  // A server that is not initialised gives its root token by sys/init, like the real one.
  static Result<std::unique_ptr<VaultFace>> from_seed(Clock& clock, const Json& seed,
                                                      std::string root_token);

  ServerResponse answer(const ServerRequest& request) override;
  ServerResponse refuse(int status, const std::string& message) const override;

 private:
  VaultFace(Clock& clock, std::string root_token)
      : clock_(clock), root_token_(std::move(root_token)) {}

  VaultReply reply_to(const ServerRequest& request);
  std::optional<VaultReply> reply_unauthenticated(const ServerRequest& request, const Json& body);
  VaultReply initialise();
  VaultReply unseal(const Json& body);
  VaultReply make_namespace(const std::string& name);
  Json health() const;
  Json seal_status() const;

  Clock& clock_;
  std::mutex mutex_;  // of everything below
  std::string root_token_;
  std::string unseal_key_;  // empty: any key opens
  bool initialised_ = true;
  bool sealed_ = false;
  std::map<std::string, VaultCore, std::less<>> namespaces_;
};

}  // namespace keyferry::dev
