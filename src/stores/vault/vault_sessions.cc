#include "stores/vault/vault_sessions.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/log.h"
#include "base/strings.h"
#include "net/digest.h"
#include "net/sha256.h"
#include "stores/vault/vault_error.h"

namespace keyferry::stores::vault {

namespace {

// Who asks, in the sessions' own words: an edited class is the same user.
std::string user_of(const FetchRequest& request) {
  return cat(request.pod.namespace_name, '/', request.pod.service_account, ' ',
             request.spc.meta.namespace_name, '/', request.spc.meta.name);
}

std::string kept_name(const std::string& key) { return cat("vault-", hex_encode(sha256(key))); }

void warn(std::string_view event, const VaultConfig& config, const Error& error) {
  log::warning(event, {{"server", config.address},
                       {"role", config.role},
                       {"error", error.message()},
                       {"code", name_of(error.code())}});
}

}  // namespace

std::string VaultSessions::key_of(const VaultConfig& config, const PodIdentity& pod) {
  std::string key;
  for (const std::string& part :
       {config.address, config.namespace_name, config.auth_mount, config.role, config.audience,
        config.tls.ca_file, config.tls.ca_directory, config.tls.server_name,
        config.tls.client_certificate_file, config.tls.client_key_file,
        std::string(config.tls.verify == TlsVerify::kFull ? "verified" : "not verified"),
        pod.namespace_name, pod.service_account}) {
    key += cat(part.size(), ':', part);
  }
  return key;
}

SessionPtr VaultSessions::held(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(key);
  return found == sessions_.end() ? nullptr : found->second.session;
}

Status VaultSessions::join(Visit& visit) {
  const std::string key = key_of(visit.config, visit.request.pod);
  SessionPtr session = held(key);
  if (session == nullptr || session->term().is_due(clock_.steady_now())) {
    KF_ASSIGN(session, flights_.run(key, {visit.request.deadline, visit.request.stop},
                                    [&] { return refreshed(key, visit); }));
  }
  session->add_user(user_of(visit.request));
  visit.session = std::move(session);
  return {};
}

void VaultSessions::rejoin(Visit& visit) {
  SessionPtr session = held(key_of(visit.config, visit.request.pod));
  if (session == nullptr || session == visit.session) return;
  replace_session(visit, std::move(session));
}

void VaultSessions::replace_session(Visit& visit, SessionPtr session) {
  visit.session = std::move(session);
  visit.is_outdated = visit.has_used_made;
}

Result<SessionPtr> VaultSessions::refreshed(const std::string& key, Visit& visit) {
  SessionPtr before = held(key);
  if (before == nullptr) before = kept(key);
  const SteadyTime now = clock_.steady_now();
  const bool lives = before != nullptr && !before->term().has_ended(now);
  const bool is_good =
      lives && (!before->term().is_due(now) || (before->can_be_renewed() && renew(*before, visit)));
  if (is_good) {
    hold(key, before, visit.config);
    return before;
  }
  auto fresh = log_in(visit);
  if (!fresh.ok()) {
    if (!lives) return fresh;
    warn("no new login, the old one is used as long as it lives", visit.config, fresh.error());
    before->set_term(postponed(before->term(), now, random_share()));
    return before;
  }
  if (before != nullptr) (*fresh)->succeed(*before, now);
  visit.is_fresh = true;
  hold(key, *fresh, visit.config);
  return fresh;
}

// Whether the token need not be replaced yet.
bool VaultSessions::renew(Session& session, const Visit& visit) {
  const auto response = client_.try_once(renew_self_request(visit.config, session.token()),
                                         patience_of(visit.request));
  const SteadyTime now = clock_.steady_now();
  if (response.ok() && is_past_maximum(*response)) return false;
  if (!response.ok() || may_be_better_later(*response)) {
    session.set_term(postponed(session.term(), now, random_share()));
    return true;
  }
  if (!is_success(*response)) return false;
  const auto login = read_login(*response);
  if (!login.ok() || nears_its_maximum(session.term(), login->lifetime)) return false;
  session.set_term(renewed_term(session.term(), login->lifetime, now, random_share()));
  return true;
}

Result<SessionPtr> VaultSessions::log_in(const Visit& visit) {
  KF_ASSIGN(const Secret jwt, visit.request.tokens.token(visit.config.audience));
  KF_ASSIGN(const Response response,
            client_.send(visit.config, login_request(visit.config, jwt), patience_of(visit.request))
                .with_context("vault login"));
  if (!is_success(response)) {
    return login_error(visit.config, response, clock_.wall_now())
        .with_context("vault")
        .without(jwt);
  }
  auto login = read_login(response);
  if (!login.ok()) return std::move(login).error().with_context("vault login");
  return std::make_shared<Session>(
      Session::Token{std::move(login->token), login->can_be_renewed,
                     new_term(login->lifetime, clock_.steady_now(), random_share())});
}

void VaultSessions::adopt(SessionPtr fresh, Visit& visit) {
  fresh->succeed(*visit.session, clock_.steady_now());
  hold(key_of(visit.config, visit.request.pod), fresh, visit.config);
  replace_session(visit, std::move(fresh));
  visit.is_fresh = true;
}

void VaultSessions::hold(const std::string& key, const SessionPtr& session,
                         const VaultConfig& config) {
  Held held{session, config};
  held.config.objects.clear();
  const std::lock_guard lock(mutex_);
  prune_.before_insertion(sessions_, [now = clock_.steady_now()](const auto& entry) {
    return entry.second.session->term().has_ended(now);
  });
  sessions_.insert_or_assign(key, std::move(held));
}

SessionPtr VaultSessions::kept(const std::string& key) {
  if (kept_ == nullptr) return nullptr;
  const auto text = kept_->load(kept_name(key));
  if (!text.ok()) {
    if (text.error().code() != ErrorCode::kNotFound) {
      log::warning("a kept login is not read", {{"error", text.error().message()}});
    }
    return nullptr;
  }
  auto session = Session::from_text(text->expose(), clock_);
  if (session.ok()) return std::move(session).value();
  log::info("a kept login is not used", {{"why", session.error().message()}});
  return nullptr;
}

void VaultSessions::save(const Visit& visit) {
  if (kept_ == nullptr) return;
  const Status saved = kept_->save(kept_name(key_of(visit.config, visit.request.pod)),
                                   visit.session->to_text(clock_));
  if (!saved.ok()) warn("leases are not kept for the next start", visit.config, saved.error());
}

Status VaultSessions::leave(const FetchRequest& request, const VaultConfig& config) {
  const std::string user = user_of(request);
  const std::string own_key = key_of(config, request.pod);
  if (held(own_key) == nullptr) {
    if (const SessionPtr session = kept(own_key)) hold(own_key, session, config);
  }
  std::map<std::string, Held> ended;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = sessions_.begin(); at != sessions_.end();) {
      const auto next = std::next(at);
      if (at->second.session->remove_user(user)) ended.insert(sessions_.extract(at));
      at = next;
    }
  }
  Status all;
  for (const auto& [key, one] : ended) {
    Status status = end_all(key, one, patience_of(request));
    if (all.ok()) all = std::move(status);
  }
  return all;
}

Status VaultSessions::end_all(const std::string& key, const Held& ended, const Patience& patience) {
  Status erased = kept_ == nullptr ? Status() : kept_->erase(kept_name(key));
  Status all = end(ended.config, ended.session->token(), ended.session->leases(), patience);
  for (const Secret& token : ended.session->replaced_tokens(clock_.steady_now())) {
    Status status = end(ended.config, token, {}, patience);
    if (all.ok()) all = std::move(status);
  }
  return all.ok() ? erased : all;
}

Status VaultSessions::end(const VaultConfig& config, const Secret& token,
                          const std::vector<std::string>& leases, const Patience& patience) {
  auto response = client_.send(config, revoke_self_request(config, token), patience);
  if (!response.ok()) return response.error().with_context("vault: end of a login");
  // A token that is gone already took its leases along.
  if (is_success(*response) || is_denied(*response)) return {};
  Error refused = login_end_error(*response);
  for (const std::string& lease : leases) {
    const auto revoked = client_.send(config, revoke_lease_request(config, token, lease), patience);
    if (!revoked.ok() || !is_success(*revoked)) return refused;
  }
  if (leases.empty()) return refused;
  return {};
}

}  // namespace keyferry::stores::vault
