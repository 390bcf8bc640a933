#include "stores/vault/vault_session.h"

#include <algorithm>

namespace keyferry::stores::vault {

namespace {

constexpr auto kLately = std::chrono::minutes(5);

}  // namespace

Term Session::term() const {
  const std::lock_guard lock(mutex_);
  return token_.term;
}

bool Session::can_be_renewed() const {
  const std::lock_guard lock(mutex_);
  return token_.can_be_renewed && !token_.term.is_last;
}

void Session::set_term(const Term& term) {
  const std::lock_guard lock(mutex_);
  token_.term = term;
}

MadeAnswerPtr Session::made(const std::string& request, SteadyTime now) const {
  const std::lock_guard lock(mutex_);
  const auto found = made_.find(request);
  return found == made_.end() || found->second->term.has_ended(now) ? nullptr : found->second;
}

void Session::keep(const std::string& request, MadeAnswerPtr answer) {
  const std::lock_guard lock(mutex_);
  made_[request] = std::move(answer);
}

void Session::drop(const std::string& request) {
  const std::lock_guard lock(mutex_);
  made_.erase(request);
}

bool Session::has_made(SteadyTime now) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(made_.begin(), made_.end(),
                     [now](const auto& entry) { return !entry.second->term.has_ended(now); });
}

std::vector<std::string> Session::leases() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> leases;
  for (const auto& [request, answer] : made_) {
    if (!answer->lease.empty()) leases.push_back(answer->lease);
  }
  return leases;
}

bool Session::is_worth_keeping(SteadyTime now) const {
  if (has_made(now)) return true;
  const std::lock_guard lock(mutex_);
  return std::any_of(replaced_.begin(), replaced_.end(),
                     [now](const Replaced& one) { return one.until > now; });
}

void Session::note_denied(const std::string& request, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(denied_, [now](const auto& entry) { return now - entry.second >= kLately; });
  denied_[request] = now;
}

bool Session::was_denied_lately(const std::string& request, SteadyTime now) const {
  const std::lock_guard lock(mutex_);
  const auto found = denied_.find(request);
  return found != denied_.end() && now - found->second < kLately;
}

Sight Session::sight() const {
  const std::lock_guard lock(mutex_);
  return sight_;
}

void Session::set_sight(Sight sight) {
  const std::lock_guard lock(mutex_);
  sight_ = sight;
}

bool Session::is_first_complaint(std::string_view rule) {
  const std::lock_guard lock(mutex_);
  return complaints_.emplace(rule).second;
}

void Session::succeed(const Session& before, SteadyTime now) {
  const bool in_use = before.has_made(now) && !before.term().has_ended(now);
  const std::scoped_lock lock(mutex_, before.mutex_);
  sight_ = before.sight_;
  complaints_.insert(before.complaints_.begin(), before.complaints_.end());
  for (const auto& [request, answer] : before.made_) {
    const bool is_free = answer->lease.empty() && answer->term.until == SteadyTime::max();
    if (is_free) made_.emplace(request, answer);
  }
  for (const Replaced& older : before.replaced_) {
    if (older.until > now) replaced_.push_back({older.token.copy(), older.until});
  }
  if (in_use) replaced_.push_back({before.token_.secret.copy(), before.token_.term.until});
}

std::vector<Secret> Session::replaced_tokens(SteadyTime now) const {
  const std::lock_guard lock(mutex_);
  std::vector<Secret> tokens;
  for (const Replaced& one : replaced_) {
    if (one.until > now) tokens.push_back(one.token.copy());
  }
  return tokens;
}

}  // namespace keyferry::stores::vault
