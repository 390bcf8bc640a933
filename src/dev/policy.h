#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace keyferry::dev {

enum class Capability { kCreate, kRead, kUpdate, kPatch, kDelete, kList, kSudo, kDeny };

// "secret/data/shop" is that path, "secret/data/*" every path that begins so.
struct PolicyRule {
  std::string path;
  std::set<Capability> capabilities;

  friend bool operator==(const PolicyRule&, const PolicyRule&) = default;
};
using Policy = std::vector<PolicyRule>;

// A policy as the Vault API takes it: path "…" { capabilities = ["read"] }, or the same in JSON.
// kInvalidArgument says what was expected and at which byte.
Result<Policy> parse_policy(std::string_view text);

// kInvalidArgument names the unknown word.
Result<Capability> capability_of(std::string_view word);

// Whether the policies together allow it: the longest matching path decides, an exact one before a
// prefix; equal paths add up, but deny wins.
bool allows(const std::vector<Policy>& policies, std::string_view path, Capability wanted);

}  // namespace keyferry::dev
