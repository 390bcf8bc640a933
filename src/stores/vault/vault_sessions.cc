#include "stores/vault/vault_sessions.h"

#include "base/log.h"
#include "base/strings.h"
#include "net/digest.h"
#include "stores/vault/vault_error.h"

namespace keyferry::stores::vault {

namespace {

void warn(std::string_view event, const VaultConfig& config, const Error& error) {
  log::warning(event, {{"server", config.address},
                       {"role", config.role},
                       {"error", error.message()},
                       {"code", name_of(error.code())}});
}

// Anything else is a server in trouble, or a standby that leads nowhere.
bool is_refused_for_good(const Response& renewal) {
  return is_denied(renewal) || renewal.status == 400 || is_past_maximum(renewal);
}

void complain_about_refusal(Session& session, const VaultConfig& config, const Response& renewal) {
  if (!is_denied(renewal) || !session.is_first_complaint(kRenewSelfRule)) return;
  log::warning(
      "a token was refused its renewal: a new login takes its place and that of its leases",
      {{"server", config.address},
       {"role", config.role},
       {"missing_rule_unless_revoked", kRenewSelfRule}});
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

void VaultSessions::use(const FetchRequest& request, const VaultConfig& config) {
  const std::lock_guard lock(mutex_);
  volumes_.add(key_of(config, request.pod), volume_of(request));
}

Status VaultSessions::join(Visit& visit) {
  use(visit.request, visit.config);
  const std::string key = key_of(visit.config, visit.request.pod);
  SessionPtr session = held(key);
  if (session == nullptr || session->term().is_due(clock_.steady_now())) {
    KF_ASSIGN(session, flights_.run(key, {visit.request.deadline, visit.request.stop},
                                    [&] { return refreshed(key, visit); }));
  }
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
  const SessionPtr before = held_or_kept(key, visit.config);
  const SteadyTime now = clock_.steady_now();
  if (before == nullptr || before->term().has_ended(now)) return replaced(key, before, visit);
  if (!before->term().is_due(now)) return before;
  if (before->can_be_renewed() && renew(*before, visit)) {
    save(key, *before);
    return before;
  }
  auto fresh = replaced(key, before, visit);
  if (fresh.ok()) return fresh;
  warn("no new login, the old one is used as long as it lives", visit.config, fresh.error());
  before->set_term(postponed(before->term(), now, random_share()));
  save(key, *before);
  return before;
}

// By a new login; `before` may be null.
Result<SessionPtr> VaultSessions::replaced(const std::string& key, const SessionPtr& before,
                                           Visit& visit) {
  KF_ASSIGN(SessionPtr fresh, log_in(visit));
  if (before != nullptr) fresh->succeed(*before, clock_.steady_now());
  visit.is_fresh = true;
  hold(key, fresh, visit.config);
  if (before != nullptr) save(key, *fresh);
  return fresh;
}

// Whether the token need not be replaced yet.
bool VaultSessions::renew(Session& session, Visit& visit) {
  const auto response = client_.try_once(
      visit.config, renew_self_request(visit.config, session.token()), patience_of(visit.request));
  const SteadyTime now = clock_.steady_now();
  if (response.ok() && is_refused_for_good(*response)) {
    complain_about_refusal(session, visit.config, *response);
    return false;
  }
  if (!response.ok() || !is_success(*response)) {
    visit.is_slow = !response.ok() && response.error().code() == ErrorCode::kDeadlineExceeded;
    if (is_late(session.term(), now)) return false;
    session.set_term(postponed(session.term(), now, random_share()));
    return true;
  }
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
  const std::string key = key_of(visit.config, visit.request.pod);
  fresh->succeed(*visit.session, clock_.steady_now());
  hold(key, fresh, visit.config);
  save(key, *fresh);
  replace_session(visit, std::move(fresh));
  visit.is_fresh = true;
}

// Not for volumes that have left while it was logged in: part() ends it then.
void VaultSessions::hold(const std::string& key, const SessionPtr& session,
                         const VaultConfig& config) {
  Held held{session, config};
  held.config.objects.clear();
  const std::lock_guard lock(mutex_);
  if (!volumes_.use(key)) return;
  prune_.before_insertion(sessions_, [now = clock_.steady_now()](const auto& entry) {
    return entry.second.session->term().has_ended(now);
  });
  sessions_.insert_or_assign(key, std::move(held));
}

SessionPtr VaultSessions::held_or_kept(const std::string& key, const VaultConfig& config) {
  if (SessionPtr session = held(key)) return session;
  const auto kept = kept_.load(key);
  if (!kept) return nullptr;
  const std::lock_guard lock(mutex_);
  if (!kept->volumes.empty()) volumes_.add(key, kept->volumes);
  if (!volumes_.use(key)) return kept->session;
  Held held{kept->session, config};
  held.config.objects.clear();
  return sessions_.try_emplace(key, std::move(held)).first->second.session;
}

void VaultSessions::save(const Visit& visit) {
  save(key_of(visit.config, visit.request.pod), *visit.session);
}

void VaultSessions::save(const std::string& key, const Session& session) {
  std::set<std::string> volumes;
  {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(key);
    if (found == sessions_.end() || found->second.session.get() != &session) return;
    volumes = volumes_.of(key);
  }
  kept_.save(key, session, volumes);
}

void VaultSessions::part(const Visit& visit) {
  if (!visit.is_fresh) return;
  {
    const std::lock_guard lock(mutex_);
    if (volumes_.use(key_of(visit.config, visit.request.pod))) return;
  }
  const Status ended = end(visit.config, *visit.session, patience_of(visit.request));
  if (!ended.ok()) {
    warn("a login for a volume that is gone is not given back", visit.config, ended.error());
  }
}

Status VaultSessions::leave(const FetchRequest& request, const VaultConfig& config) {
  (void)held_or_kept(key_of(config, request.pod), config);
  Status all;
  for (const auto& [key, one] : without_volume(volume_of(request))) {
    Status status = end_all(key, one, patience_of(request));
    if (all.ok()) all = std::move(status);
  }
  return all;
}

// Takes out the sessions by which no volume lives once this one is gone.
std::map<std::string, VaultSessions::Held> VaultSessions::without_volume(
    const std::string& volume) {
  std::map<std::string, Held> ended;
  const std::lock_guard lock(mutex_);
  for (const std::string& key : volumes_.remove(volume)) {
    const auto found = sessions_.find(key);
    if (found != sessions_.end()) ended.insert(sessions_.extract(found));
  }
  return ended;
}

Status VaultSessions::end_all(const std::string& key, const Held& ended, const Patience& patience) {
  Status erased = kept_.erase(key);
  Status all = end(ended.config, *ended.session, patience);
  for (const Secret& token : ended.session->replaced_tokens(clock_.steady_now())) {
    Status status = end_token(ended.config, token, *ended.session, patience);
    if (all.ok()) all = std::move(status);
  }
  return all.ok() ? erased : all;
}

Status VaultSessions::end(const VaultConfig& config, const Session& session,
                          const Patience& patience) {
  Status ended = end_token(config, session.token(), session, patience);
  const std::vector<std::string> leases = session.leases();
  const bool is_refused = !ended.ok() && ended.error().code() != ErrorCode::kUnavailable;
  if (!is_refused || leases.empty()) return ended;
  for (const std::string& lease : leases) {
    const auto revoked =
        client_.send(config, revoke_lease_request(config, session.token(), lease), patience);
    if (!revoked.ok() || !is_success(*revoked)) return ended;
  }
  return {};
}

Status VaultSessions::end_token(const VaultConfig& config, const Secret& token,
                                const Session& session, const Patience& patience) {
  const auto response = client_.send(config, revoke_self_request(config, token), patience);
  if (!response.ok()) return response.error().with_context("vault: end of a login");
  // A token that is gone already took its leases along; one that may not ask is refused the same.
  const bool is_gone = is_denied(*response) && session.sight() == Sight::kGranted;
  if (is_success(*response) || is_gone) return {};
  return login_end_error(config, *response);
}

}  // namespace keyferry::stores::vault
