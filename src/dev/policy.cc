#include "dev/policy.h"

#include <utility>

#include "base/strings.h"
#include "formats/json.h"

namespace keyferry::dev {
namespace {

// The few words of HCL a policy is written in.
class PolicyReader {
 public:
  explicit PolicyReader(std::string_view text) : text_(text) {}

  Result<Policy> read() {
    Policy policy;
    for (skip_blank(); at_ < text_.size(); skip_blank()) {
      KF_ASSIGN(PolicyRule rule, read_rule());
      policy.push_back(std::move(rule));
    }
    return policy;
  }

 private:
  Result<PolicyRule> read_rule() {
    PolicyRule rule;
    KF_TRY(expect("path"));
    KF_ASSIGN(rule.path, read_string());
    KF_TRY(expect("{"));
    while (!accept("}")) {
      KF_TRY(expect("capabilities"));
      KF_TRY(expect("="));
      KF_TRY(expect("["));
      while (!accept("]")) {
        KF_ASSIGN(const std::string word, read_string());
        KF_ASSIGN(const Capability capability, capability_of(word));
        rule.capabilities.insert(capability);
        accept(",");
      }
    }
    return rule;
  }

  void skip_blank() {
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with('#') || rest.starts_with("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (rest[0] == ' ' || rest[0] == '\n' || rest[0] == '\t' || rest[0] == '\r') {
        ++at_;
      } else {
        return;
      }
    }
  }

  bool accept(std::string_view word) {
    skip_blank();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  Status expect(std::string_view word) {
    if (accept(word)) return {};
    return Error(ErrorCode::kInvalidArgument, cat("policy: expected ", word, " at byte ", at_));
  }

  Result<std::string> read_string() {
    KF_TRY(expect("\""));
    const std::size_t end = text_.find('"', at_);
    if (end == std::string_view::npos) {
      return Error(ErrorCode::kInvalidArgument, cat("policy: string without end at byte ", at_));
    }
    return std::string(text_.substr(std::exchange(at_, end + 1), end - at_));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Result<Policy> policy_of_json(std::string_view text) {
  KF_ASSIGN(const Json json, parse_json(text));
  Policy policy;
  const Json* paths = json.find("path");
  if (paths == nullptr || paths->as_object() == nullptr) {
    return Error(ErrorCode::kInvalidArgument, "policy: expected an object 'path'");
  }
  for (const auto& [path, rule] : *paths->as_object()) {
    PolicyRule entry{path, {}};
    const Json* words = rule.find("capabilities");
    if (words == nullptr || words->as_array() == nullptr) {
      return Error(ErrorCode::kInvalidArgument,
                   cat("policy: path '", path, "' needs an array 'capabilities'"));
    }
    for (const Json& word : *words->as_array()) {
      KF_ASSIGN(const Capability capability,
                capability_of(word.as_string() != nullptr ? *word.as_string() : std::string()));
      entry.capabilities.insert(capability);
    }
    policy.push_back(std::move(entry));
  }
  return policy;
}

bool is_prefix_rule(const PolicyRule& rule) { return rule.path.ends_with('*'); }

bool matches(const PolicyRule& rule, std::string_view path) {
  if (!is_prefix_rule(rule)) return rule.path == path;
  return path.starts_with(std::string_view(rule.path).substr(0, rule.path.size() - 1));
}

// Exact before prefix, longer before shorter.
std::pair<bool, std::size_t> weight(const PolicyRule& rule) {
  return {!is_prefix_rule(rule), rule.path.size()};
}

}  // namespace

Result<Policy> parse_policy(std::string_view text) {
  if (trim(text).starts_with('{')) return policy_of_json(text);
  return PolicyReader(text).read();
}

Result<Capability> capability_of(std::string_view word) {
  constexpr std::pair<std::string_view, Capability> kWords[] = {
      {"create", Capability::kCreate}, {"read", Capability::kRead},
      {"update", Capability::kUpdate}, {"patch", Capability::kPatch},
      {"delete", Capability::kDelete}, {"list", Capability::kList},
      {"sudo", Capability::kSudo},     {"deny", Capability::kDeny}};
  for (const auto& [name, capability] : kWords) {
    if (name == word) return capability;
  }
  return Error(ErrorCode::kInvalidArgument, cat("policy: unknown capability '", word, "'"));
}

bool allows(const std::vector<Policy>& policies, std::string_view path, Capability wanted) {
  std::set<Capability> granted;
  std::pair<bool, std::size_t> best{false, 0};
  for (const Policy& policy : policies) {
    for (const PolicyRule& rule : policy) {
      if (!matches(rule, path) || weight(rule) < best) continue;
      if (weight(rule) > best) granted.clear();
      best = weight(rule);
      granted.insert(rule.capabilities.begin(), rule.capabilities.end());
    }
  }
  return granted.contains(wanted) && !granted.contains(Capability::kDeny);
}

}  // namespace keyferry::dev
