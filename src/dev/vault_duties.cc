// What the Vault face does in databases: never while it holds its lock.
#include <cstdio>

#include "base/strings.h"
#include "dev/vault_face.h"

namespace keyferry::dev {

VaultReply VaultFace::after_duties(VaultReply reply) {
  if (reply.duties.empty()) return reply;
  const Status done = do_duties(std::move(reply.duties));
  if (!done.ok()) return error_reply(500, {cat("1 error occurred:\n\t* ", done.error().message())});
  return reply;
}

Status VaultFace::do_duties(DatabaseDuties duties) {
  const std::string space = duties.space;
  revoke(std::move(duties.ended), space);
  duties.ended.clear();
  Status done;
  for (const SqlWork& work : duties.work) {
    if (done.ok()) done = run(work);
  }
  const std::lock_guard lock(mutex_);
  if (const auto core = namespaces_.find(space); core != namespaces_.end()) {
    if (done.ok()) {
      core->second.done(std::move(duties), clock_.wall_now());
    } else {
      core->second.not_done(duties);
    }
  }
  wake_.request_stop();
  return done;
}

Status VaultFace::run(const SqlWork& work) const {
  if (!run_sql_) return Error(ErrorCode::kUnavailable, "this dev store has no database");
  return run_sql_(work);
}

void VaultFace::revoke(std::vector<Lease> ended, const std::string& space) {
  for (Lease& lease : ended) {
    const Status done = run({lease.url, lease.revocation});
    if (done.ok()) continue;
    std::fprintf(stderr, "keyferry-dev: lease '%s' is not revoked yet: %s\n", lease.id.c_str(),
                 done.error().message().c_str());
    const std::lock_guard lock(mutex_);
    if (const auto core = namespaces_.find(space); core != namespaces_.end())
      core->second.keep_for_another_try(std::move(lease), clock_.wall_now());
  }
}

void VaultFace::end_due() {
  std::vector<DatabaseDuties> all;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, core] : namespaces_) {
      auto duties = core.due(clock_.wall_now());
      if (!duties) continue;
      duties->space = name;
      all.push_back(std::move(*duties));
    }
  }
  for (DatabaseDuties& duties : all) {
    const Status done = do_duties(std::move(duties));
    if (!done.ok())
      std::fprintf(stderr, "keyferry-dev: a static role is not rotated yet: %s\n",
                   done.error().message().c_str());
  }
}

void VaultFace::start() {
  watch_ = std::jthread([this](const std::stop_token& stop) { keep_watch(stop); });
}

void VaultFace::keep_watch(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    end_due();
    std::stop_source wake;
    const SteadyTime next = next_due(wake);
    const std::stop_callback ends(stop, [&] { wake.request_stop(); });
    clock_.wait_until(next, wake.get_token());
  }
}

// When there is something to do next; until then `wake` ends the wait.
SteadyTime VaultFace::next_due(std::stop_source wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
  std::optional<WallTime> next;
  for (auto& [name, core] : namespaces_) {
    const auto one = core.next_due();
    if (one && (!next || *one < *next)) next = one;
  }
  if (!next) return SteadyTime::max();
  const WallTime now = clock_.wall_now();
  return clock_.steady_now() + (*next > now ? *next - now : Duration::zero());
}

}  // namespace keyferry::dev
