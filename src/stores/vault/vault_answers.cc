#include "stores/vault/vault_answers.h"

#include "base/log.h"
#include "base/strings.h"
#include "net/digest.h"
#include "stores/vault/vault_wire.h"

namespace keyferry::stores::vault {

namespace {

AnswerPtr secret_of(const MadeAnswerPtr& made) { return {made, &made->secret}; }

}  // namespace

Result<AnswerPtr> VaultAnswers::answer(Visit& visit, const ObjectSpec& object) {
  const std::string key =
      cat(VaultSessions::key_of(visit.config, visit.request.pod), '\n', request_key(object));
  sessions_.rejoin(visit);
  return flights_.run(key, {visit.request.deadline, visit.request.stop},
                      [&] { return fresh_or_kept(visit, object); });
}

Result<AnswerPtr> VaultAnswers::fresh_or_kept(Visit& visit, const ObjectSpec& object) {
  const std::string request = request_key(object);
  const MadeAnswerPtr made = visit.session->made(request, clock_.steady_now());
  if (made == nullptr) return ask_for(visit, object);
  const Health health = look_at(visit, request, *made);
  if (health == Health::kGood) return secret_of(made);
  if (health == Health::kRevoked) visit.session->drop(request);
  if (health == Health::kTokenRevoked) {
    KF_ASSIGN(auto fresh, sessions_.log_in(visit));
    sessions_.adopt(std::move(fresh), visit);
  }
  auto another = ask_for(visit, object);
  if (another.ok() || health != Health::kNearsItsEnd) return another;
  log::warning("no other credential, the old one is used as long as it lives",
               {{"path", object.policy_path()}, {"error", another.error().message()}});
  set_term(visit, request, *made, postponed(made->term, clock_.steady_now(), random_share()));
  return secret_of(made);
}

Result<AnswerPtr> VaultAnswers::ask_for(Visit& visit, const ObjectSpec& object) {
  KF_ASSIGN(Response response, ask(visit, *visit.session, object));
  // A held token may have been revoked, used up or given other policies behind our back.
  if (is_denied(response) && !visit.is_fresh &&
      !visit.session->was_denied_lately(request_key(object), clock_.steady_now())) {
    KF_ASSIGN(response, ask_as_another(visit, object, std::move(response)));
  }
  if (is_success(response)) {
    KF_ASSIGN(Json secret, read_secret(response, object));
    return keep(visit, object, std::move(secret));
  }
  std::optional<MountFact> mount;
  if (response.status == 403 || response.status == 404) mount = mount_of(visit, object);
  return read_error(visit.config, object, response, mount, clock_.wall_now())
      .without(visit.session->token());
}

Result<Response> VaultAnswers::ask(const Visit& visit, const Session& session,
                                   const ObjectSpec& object) {
  return client_.send(visit.config, read_request(visit.config, session.token(), object),
                      patience_of(visit.request));
}

// With a new login, which takes the place of the old one only where that is of use.
Result<Response> VaultAnswers::ask_as_another(Visit& visit, const ObjectSpec& object,
                                              Response refused) {
  KF_ASSIGN(SessionPtr fresh, sessions_.log_in(visit));
  KF_ASSIGN(Response response, ask(visit, *fresh, object));
  if (!is_denied(response) || !token_lives(visit)) {
    sessions_.adopt(std::move(fresh), visit);
    return response;
  }
  visit.session->note_denied(request_key(object), clock_.steady_now());
  (void)sessions_.end(visit.config, fresh->token(), {}, patience_of(visit.request));
  return refused;
}

// What can be asked for again and be the same is not kept.
Result<AnswerPtr> VaultAnswers::keep(const Visit& visit, const ObjectSpec& object, Json secret) {
  const auto lease = made_for(object, secret, clock_.wall_now());
  if (!lease) return std::make_shared<const Json>(std::move(secret));
  auto made = std::make_shared<const MadeAnswer>(
      MadeAnswer{std::move(secret), lease->id, lease->can_be_renewed,
                 new_term(lease->duration, clock_.steady_now(), random_share())});
  visit.session->keep(request_key(object), made);
  sessions_.save(visit);
  return secret_of(made);
}

std::optional<MountFact> VaultAnswers::mount_of(const Visit& visit, const ObjectSpec& object) {
  const auto response = client_.try_once(
      mount_request(visit.config, visit.session->token(), object), patience_of(visit.request));
  return response.ok() ? read_mount(*response) : std::nullopt;
}

VaultAnswers::Health VaultAnswers::look_at(const Visit& visit, const std::string& request,
                                           const MadeAnswer& made) {
  const bool is_due = made.term.is_due(clock_.steady_now());
  const bool can_be_renewed = made.can_be_renewed && !made.term.is_last;
  if (is_due && can_be_renewed && !made.lease.empty()) return renew(visit, request, made);
  if (is_due) return Health::kNearsItsEnd;
  return made.lease.empty() ? Health::kGood : look_up(visit, made);
}

// One cheap request instead of a new credential at every look.
VaultAnswers::Health VaultAnswers::look_up(const Visit& visit, const MadeAnswer& made) {
  const auto response =
      client_.try_once(lookup_lease_request(visit.config, visit.session->token(), made.lease),
                       patience_of(visit.request));
  if (!response.ok() || may_be_better_later(*response)) return Health::kGood;
  if (is_denied(*response)) return token_lives(visit) ? Health::kGood : Health::kTokenRevoked;
  return response->status == 400 ? Health::kRevoked : Health::kGood;
}

VaultAnswers::Health VaultAnswers::renew(const Visit& visit, const std::string& request,
                                         const MadeAnswer& made) {
  const auto response =
      client_.try_once(renew_lease_request(visit.config, visit.session->token(), made.lease),
                       patience_of(visit.request));
  const SteadyTime now = clock_.steady_now();
  if (response.ok() && is_past_maximum(*response)) return Health::kNearsItsEnd;
  if (!response.ok() || may_be_better_later(*response)) {
    log::warning(
        "a lease is not renewed, it is tried again before it ends",
        {{"path", request.substr(0, request.find('\n'))},
         {"error", response.ok() ? cat("HTTP ", response->status) : response.error().message()}});
    set_term(visit, request, made, postponed(made.term, now, random_share()));
    return Health::kGood;
  }
  if (is_denied(*response))
    return token_lives(visit) ? Health::kNearsItsEnd : Health::kTokenRevoked;
  if (!is_success(*response)) return Health::kRevoked;
  const auto lease = read_lease(*response);
  if (!lease.ok() || nears_its_maximum(made.term, lease->duration)) return Health::kNearsItsEnd;
  set_term(visit, request, made, renewed_term(made.term, lease->duration, now, random_share()));
  return Health::kGood;
}

bool VaultAnswers::token_lives(const Visit& visit) {
  const auto response = client_.try_once(lookup_self_request(visit.config, visit.session->token()),
                                         patience_of(visit.request));
  return !response.ok() || !is_denied(*response);
}

void VaultAnswers::set_term(const Visit& visit, const std::string& request, const MadeAnswer& made,
                            Term term) {
  auto next = std::make_shared<MadeAnswer>(made);
  next->term = term;
  visit.session->keep(request, std::move(next));
  sessions_.save(visit);
}

}  // namespace keyferry::stores::vault
