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
  KF_ASSIGN(const Health health, leases_.look_at(visit, request, *made));
  if (health == Health::kGood) return secret_of(made);
  if (health == Health::kRevoked) {
    visit.session->drop(request);
    sessions_.save(visit);
  }
  auto another = ask_for(visit, object);
  if (another.ok() || health != Health::kNearsItsEnd) return another;
  log::warning("no other credential, the old one is used as long as it lives",
               {{"path", object.policy_path()}, {"error", another.error().message()}});
  leases_.set_term(visit, request, *made,
                   postponed(made->term, clock_.steady_now(), random_share()));
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
  if (!is_denied(response) || leases_.is_gone(visit, *fresh)) {
    sessions_.adopt(std::move(fresh), visit);
    return response;
  }
  visit.session->note_denied(request_key(object), clock_.steady_now());
  (void)sessions_.end(visit.config, *fresh, patience_of(visit.request));
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
  const auto response =
      client_.try_once(visit.config, mount_request(visit.config, visit.session->token(), object),
                       patience_of(visit.request));
  return response.ok() ? read_mount(*response) : std::nullopt;
}

}  // namespace keyferry::stores::vault
