#include "stores/vault/vault_leases.h"

#include "base/log.h"
#include "base/strings.h"
#include "net/digest.h"
#include "stores/vault/vault_error.h"
#include "stores/vault/vault_wire.h"

namespace keyferry::stores::vault {

namespace {

void complain_once(Session& session, const VaultConfig& config, std::string_view rule) {
  if (!session.is_first_complaint(rule)) return;
  log::warning("the role may not look after its leases, their terms are believed",
               {{"server", config.address}, {"role", config.role}, {"missing_rule", rule}});
}

}  // namespace

Result<Health> VaultLeases::look_at(Visit& visit, const std::string& request,
                                    const MadeAnswer& made) {
  const bool is_due = made.term.is_due(clock_.steady_now());
  const bool can_be_renewed = made.can_be_renewed && !made.term.is_last;
  if (is_due && can_be_renewed && !made.lease.empty()) return renew(visit, request, made);
  if (is_due) return Health::kNearsItsEnd;
  return made.lease.empty() ? Health::kGood : look_up(visit, made);
}

// One cheap request instead of a new credential at every look.
Result<Health> VaultLeases::look_up(Visit& visit, const MadeAnswer& made) {
  const auto response =
      glance(visit, lookup_lease_request(visit.config, visit.session->token(), made.lease));
  if (!response.ok()) return Health::kGood;
  if (is_denied(*response)) return refused(visit, kLookUpLeaseRule, Health::kGood);
  if (is_success(*response)) visit.session->set_sight(Sight::kGranted);
  return is_lease_gone(*response) ? Health::kRevoked : Health::kGood;
}

Result<Health> VaultLeases::renew(Visit& visit, const std::string& request,
                                  const MadeAnswer& made) {
  const auto response =
      glance(visit, renew_lease_request(visit.config, visit.session->token(), made.lease));
  if (response.ok() && is_denied(*response)) {
    return refused(visit, kRenewLeaseRule, Health::kNearsItsEnd);
  }
  if (!response.ok() || !is_success(*response)) return not_renewed(visit, request, made, response);
  const auto lease = read_lease(*response);
  if (!lease.ok() || nears_its_maximum(made.term, lease->duration)) return Health::kNearsItsEnd;
  set_term(visit, request, made,
           renewed_term(made.term, lease->duration, clock_.steady_now(), random_share()));
  return Health::kGood;
}

Health VaultLeases::not_renewed(Visit& visit, const std::string& request, const MadeAnswer& made,
                                const Result<Response>& response) {
  if (response.ok() && is_lease_gone(*response)) return Health::kRevoked;
  const SteadyTime now = clock_.steady_now();
  const bool is_for_good = response.ok() && (is_past_maximum(*response) || response->status == 400);
  if (is_for_good || is_late(made.term, now)) return Health::kNearsItsEnd;
  log::warning(
      "a lease is not renewed, it is tried again before it ends",
      {{"path", request.substr(0, request.find('\n'))},
       {"error", response.ok() ? cat("HTTP ", response->status) : response.error().message()}});
  set_term(visit, request, made, postponed(made.term, now, random_share()));
  return Health::kGood;
}

// A server gives a token that is gone and one that may not ask the same answer.
Result<Health> VaultLeases::refused(Visit& visit, std::string_view missing_rule, Health otherwise) {
  Session& session = *visit.session;
  if (session.sight() != Sight::kRefused && is_refused_itself(visit, session)) {
    auto fresh = sessions_.log_in(visit);
    if (!fresh.ok() && session.sight() == Sight::kGranted) return std::move(fresh).error();
    if (!fresh.ok()) return otherwise;
    if (session.sight() == Sight::kGranted || !is_refused_itself(visit, **fresh)) {
      sessions_.adopt(std::move(fresh).value(), visit);
      return Health::kTokenReplaced;
    }
    session.set_sight(Sight::kRefused);
    sessions_.save(visit);
    (void)sessions_.end(visit.config, **fresh, patience_of(visit.request));
    complain_once(session, visit.config, kLookupSelfRule);
  }
  complain_once(session, visit.config, missing_rule);
  return otherwise;
}

bool VaultLeases::is_gone(Visit& visit, const Session& fresh) {
  return is_refused_itself(visit, *visit.session) && !is_refused_itself(visit, fresh);
}

bool VaultLeases::is_refused_itself(Visit& visit, const Session& session) {
  const auto response = glance(visit, lookup_self_request(visit.config, session.token()));
  return response.ok() && is_denied(*response);
}

Result<Response> VaultLeases::glance(Visit& visit, Request request) {
  if (visit.is_slow) {
    return Error(ErrorCode::kDeadlineExceeded, "the server was too slow a moment ago");
  }
  auto response = client_.try_once(visit.config, std::move(request), patience_of(visit.request));
  visit.is_slow = !response.ok() && response.error().code() == ErrorCode::kDeadlineExceeded;
  return response;
}

void VaultLeases::set_term(const Visit& visit, const std::string& request, const MadeAnswer& made,
                           Term term) {
  auto next = std::make_shared<MadeAnswer>(made);
  next->term = term;
  visit.session->keep(request, std::move(next));
  sessions_.save(visit);
}

}  // namespace keyferry::stores::vault
