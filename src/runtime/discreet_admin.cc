#include "runtime/discreet_admin.h"

#include <algorithm>

#include "runtime/blot_out.h"

namespace keyferry::runtime {

Result<AdminReply> DiscreetAdmin::call(std::string_view action, const Secret& params,
                                       Deadline deadline) {
  auto reply = admin_.call(action, params, deadline);
  if (!reply.ok() || reply->result == 0) return reply;
  if (withhold_) {
    reply->message = kWithheld;
    reply->cause.clear();
  } else {
    reply->message = blotted(std::move(reply->message));
    reply->cause = blotted(std::move(reply->cause));
  }
  return reply;
}

void DiscreetAdmin::hide(const std::vector<const Secret*>& secrets) {
  for (const Secret* secret : secrets) {
    const bool known = std::any_of(hidden_.begin(), hidden_.end(),
                                   [&](const Secret& other) { return other == *secret; });
    if (!known && !secret->empty()) hidden_.push_back(secret->copy());
  }
}

void DiscreetAdmin::hide_only(const std::vector<const Secret*>& secrets) {
  std::vector<Secret> before = std::move(hidden_);  // `secrets` may point at them
  hidden_.clear();
  hide(secrets);
}

std::string DiscreetAdmin::blotted(std::string text) const {
  std::vector<const Secret*> secrets;
  secrets.reserve(hidden_.size());
  for (const Secret& secret : hidden_) secrets.push_back(&secret);
  return blot_out(std::move(text), secrets);
}

}  // namespace keyferry::runtime
