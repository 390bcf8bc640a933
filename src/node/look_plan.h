#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "fetch/schedule.h"

namespace keyferry::node {

// When to look at the stores, for groups of volumes that ask the same question: one look serves
// them all. Not for use by several threads at once.
class LookPlan {
 public:
  LookPlan(fetch::ScheduleOptions options, fetch::Random random)
      : options_(options), random_(std::move(random)) {}

  // A volume asks this group's question, with an answer got now; `wanted`: when the store wants to
  // be asked again. It leaves the group it was in.
  void join(const std::string& volume, const std::string& group, SteadyTime now,
            const std::optional<SteadyTime>& wanted);
  void leave(const std::string& volume);

  // Groups whose time has come, each with its volumes. They are not due again before looked().
  struct Due {
    std::string group;
    std::vector<std::string> volumes;
  };
  std::vector<Due> take_due(SteadyTime now);
  // A look went well, or failed with this error. How many failed in a row.
  void looked(const std::string& group, SteadyTime now, const std::optional<SteadyTime>& wanted);
  int failed(const std::string& group, SteadyTime now, const Error& error);

  // When the next look is due; nothing where there is none.
  std::optional<SteadyTime> next() const;
  // The next look of a volume's group.
  std::optional<SteadyTime> next_of(const std::string& volume) const;

 private:
  struct Group {
    fetch::Schedule schedule;
    std::set<std::string> volumes;
    SteadyTime next;
    bool is_looked_at = false;
  };

  const fetch::ScheduleOptions options_;
  const fetch::Random random_;
  std::map<std::string, Group> groups_;
  std::map<std::string, std::string> group_of_;
};

}  // namespace keyferry::node
