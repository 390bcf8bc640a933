#include "node/look_plan.h"

#include <algorithm>

namespace keyferry::node {

namespace {

SteadyTime earlier(SteadyTime planned, const std::optional<SteadyTime>& wanted) {
  return wanted ? std::min(planned, *wanted) : planned;
}

}  // namespace

void LookPlan::join(const std::string& volume, const std::string& group, SteadyTime now,
                    const std::optional<SteadyTime>& wanted) {
  const auto known = group_of_.find(volume);
  if (known != group_of_.end() && known->second != group) leave(volume);
  group_of_[volume] = group;
  auto found = groups_.find(group);
  if (found == groups_.end()) {
    Group made{fetch::Schedule(options_, random_), {}, now};
    made.next = now + made.schedule.after_success();
    found = groups_.emplace(group, std::move(made)).first;
  }
  found->second.volumes.insert(volume);
  found->second.next = earlier(found->second.next, wanted);
}

void LookPlan::leave(const std::string& volume) {
  const auto known = group_of_.find(volume);
  if (known == group_of_.end()) return;
  const auto group = groups_.find(known->second);
  group_of_.erase(known);
  if (group == groups_.end()) return;
  group->second.volumes.erase(volume);
  if (group->second.volumes.empty()) groups_.erase(group);
}

std::vector<LookPlan::Due> LookPlan::take_due(SteadyTime now) {
  std::vector<Due> due;
  for (auto& [name, group] : groups_) {
    if (group.is_looked_at || group.next > now) continue;
    group.is_looked_at = true;
    due.push_back({name, {group.volumes.begin(), group.volumes.end()}});
  }
  return due;
}

void LookPlan::looked(const std::string& group, SteadyTime now,
                      const std::optional<SteadyTime>& wanted) {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return;  // its last volume went meanwhile
  found->second.is_looked_at = false;
  found->second.next = earlier(now + found->second.schedule.after_success(), wanted);
}

int LookPlan::failed(const std::string& group, SteadyTime now, const Error& error) {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return 0;
  found->second.is_looked_at = false;
  found->second.next = now + found->second.schedule.after_failure(error);
  return found->second.schedule.failures_in_a_row();
}

std::optional<SteadyTime> LookPlan::next() const {
  std::optional<SteadyTime> next;
  for (const auto& [name, group] : groups_) {
    if (group.is_looked_at) continue;
    next = next ? std::min(*next, group.next) : group.next;
  }
  return next;
}

std::optional<SteadyTime> LookPlan::next_of(const std::string& volume) const {
  const auto known = group_of_.find(volume);
  if (known == group_of_.end()) return std::nullopt;
  const auto group = groups_.find(known->second);
  return group == groups_.end() ? std::nullopt : std::optional(group->second.next);
}

}  // namespace keyferry::node
