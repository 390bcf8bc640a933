#include "stores/vault/vault_term.h"

#include <algorithm>

namespace keyferry::stores::vault {

namespace {

Duration part_of(Duration whole, double part) {
  return std::chrono::duration_cast<Duration>(whole * part);
}

SteadyTime look_at(std::chrono::seconds life, SteadyTime now, double share) {
  constexpr double kTwoThirds = 2.0 / 3;
  constexpr double kJitter = 0.1;
  return now + part_of(life, kTwoThirds * (1 - kJitter * share));
}

}  // namespace

Term new_term(std::chrono::seconds life, SteadyTime now, double share) {
  if (life.count() == 0) return {};
  return {life, now + life, look_at(life, now, share), false};
}

Term renewed_term(const Term& term, std::chrono::seconds life, SteadyTime now, double share) {
  // Lives are told in whole seconds: a little less than was granted is no cut.
  const bool is_cut = 10 * life < 9 * term.granted;
  return {term.granted, now + life, look_at(life, now, share), is_cut};
}

bool nears_its_maximum(const Term& term, std::chrono::seconds life) {
  return 2 * life < term.granted;
}

bool is_late(const Term& term, SteadyTime now) {
  return term.until != SteadyTime::max() && 4 * (term.until - now) < term.granted;
}

Term postponed(const Term& term, SteadyTime now, double share) {
  constexpr Duration kLeast = std::chrono::seconds(1);
  Term later = term;
  later.look_at = now + std::max(kLeast, part_of(term.until - now, 0.25 + 0.5 * share));
  return later;
}

}  // namespace keyferry::stores::vault
