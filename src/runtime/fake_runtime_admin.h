#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "runtime/runtime_admin.h"

namespace keyferry::runtime {

// A RuntimeAdmin for tests: answers from a script, remembers what it was asked. An action without a
// script succeeds with nothing to say.
class FakeRuntimeAdmin final : public RuntimeAdmin {
 public:
  // Adds to the answers of an action; they are given in turn, the last one for ever.
  void answer(const std::string& action, Result<AdminReply> reply) {
    answers_[action].push_back(std::move(reply));
  }
  void answer(const std::string& action, int result, std::string_view feedback = "null",
              std::string message = "", std::string cause = "") {
    answer(action, AdminReply{result, *parse_json(feedback), std::move(message), std::move(cause)});
  }

  // As answer(), after forgetting what else the action was to answer.
  void answer_only(const std::string& action, Result<AdminReply> reply) {
    answers_.erase(action);
    answer(action, std::move(reply));
  }
  void answer_only(const std::string& action, int result, std::string_view feedback = "null",
                   std::string message = "", std::string cause = "") {
    answers_.erase(action);
    answer(action, result, feedback, std::move(message), std::move(cause));
  }

  Result<AdminReply> call(std::string_view action, const Secret& params, Deadline) override {
    calls_.push_back(cat(action, ' ', params.empty() ? "{}" : params.expose()));
    const auto found = answers_.find(std::string(action));
    if (found == answers_.end()) return AdminReply{};
    auto reply = found->second.front();
    if (found->second.size() > 1) found->second.pop_front();
    return reply;
  }

  // "action {params}" of every call, in order.
  const std::vector<std::string>& calls() const { return calls_; }
  // The actions alone, of the calls since the last time this was asked.
  std::vector<std::string> new_actions() {
    std::vector<std::string> actions;
    for (; told_ < calls_.size(); ++told_) {
      actions.push_back(calls_[told_].substr(0, calls_[told_].find(' ')));
    }
    return actions;
  }

 private:
  std::map<std::string, std::deque<Result<AdminReply>>> answers_;
  std::vector<std::string> calls_;
  std::size_t told_ = 0;
};

}  // namespace keyferry::runtime
