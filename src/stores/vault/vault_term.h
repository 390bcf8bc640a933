#pragma once

#include <chrono>

#include "base/clock.h"

namespace keyferry::stores::vault {

// The life of something the server granted: a token, a lease, a certificate. Pure; `share` is a
// random share in [0, 1), for jitter.
struct Term {
  std::chrono::seconds granted{0};  // its life when it was new; 0: it does not end
  SteadyTime until = SteadyTime::max();
  SteadyTime look_at = SteadyTime::max();  // when to renew it, or to take another
  bool is_last = false;                    // it cannot be renewed beyond `until`

  bool has_ended(SteadyTime now) const { return now >= until; }
  bool is_due(SteadyTime now) const { return now >= look_at; }
};

// Of something new. It is looked at when two thirds of its life are over, or up to a tenth earlier,
// so that what began together is not renewed together.
Term new_term(std::chrono::seconds life, SteadyTime now, double share);

// After a renewal that gave `life` more. The server cuts what would go beyond the maximum: from
// then on nothing more is to be had, and the next look is for another one.
Term renewed_term(const Term& term, std::chrono::seconds life, SteadyTime now, double share);
// Cut to less than half of what it was granted at first: another one has to be taken at once, while
// this one still lives.
bool nears_its_maximum(const Term& term, std::chrono::seconds life);

// Less than a quarter of its life is left: time for another one, whatever the next try may give.
bool is_late(const Term& term, SteadyTime now);

// After a renewal that did not come off though it may at the next try: in the middle half of what
// is left, but not at once.
Term postponed(const Term& term, SteadyTime now, double share);

}  // namespace keyferry::stores::vault
