#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "dev/face.h"
#include "dev/postgres.h"
#include "dev/vault_core.h"

namespace keyferry::dev {

// The Vault API: seal, health, initialisation, namespaces, and below them VaultCore.
class VaultFace final : public Face {
 public:
  // A server that is not initialised gives its root token by sys/init, like the real one.
  // Without `run_sql` the database engine cannot do anything.
  static Result<std::unique_ptr<VaultFace>> from_seed(Clock& clock, const Json& seed,
                                                      std::string root_token,
                                                      SqlRunner run_sql = {});

  ServerResponse answer(const ServerRequest& request) override;
  // A thread that revokes what ended and rotates static roles in time.
  void start() override;
  // What that thread does when it is due.
  void end_due();
  ServerResponse refuse(int status, const std::string& message) const override;

 private:
  VaultFace(Clock& clock, std::string root_token, SqlRunner run_sql)
      : clock_(clock), run_sql_(std::move(run_sql)), root_token_(std::move(root_token)) {}

  // vault_duties.cc
  VaultReply after_duties(VaultReply reply);
  Status do_duties(DatabaseDuties duties);
  Status run(const SqlWork& work) const;
  void revoke(std::vector<Lease> ended, const std::string& space);
  void keep_watch(const std::stop_token& stop);
  SteadyTime next_due(std::stop_source wake);
  VaultReply reply_to(const ServerRequest& request);
  std::optional<VaultReply> reply_unauthenticated(const ServerRequest& request, const Json& body);
  VaultReply initialise();
  VaultReply unseal(const Json& body);
  VaultReply make_namespace(const std::string& name);
  Json health() const;
  Json seal_status() const;

  Clock& clock_;
  SqlRunner run_sql_;
  std::mutex mutex_;  // of everything below but the thread
  std::string root_token_;
  std::string unseal_key_;  // empty: any key opens
  bool initialised_ = true;
  bool sealed_ = false;
  std::map<std::string, VaultCore, std::less<>> namespaces_;
  std::stop_source wake_;  // ends the thread's wait
  std::jthread watch_;
};

}  // namespace keyferry::dev
