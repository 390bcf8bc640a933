#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/kept_state.h"
#include "base/result.h"
#include "base/secret.h"
#include "runtime/settings.h"

namespace keyferry::sidecar {

// One setting or constant a runtime was given: a digest instead of its value.
struct AppliedSetting {
  std::string name;
  std::string origin;
  std::string digest;  // HMAC-SHA256 in hex

  friend bool operator==(const AppliedSetting&, const AppliedSetting&) = default;
};

// What a runtime has, without a value: digests under a random key, so that a value can be
// recognised but not read, and equal values of two records look different.
struct AppliedRecord {
  Secret key;
  std::vector<AppliedSetting> settings;
  std::vector<AppliedSetting> constants;
};

// Under the key of `before`, or a new one where that has none. A setting without a value (one that
// recall() did not recognise) keeps the digest it has in `before`.
AppliedRecord record_of(const runtime::EffectiveSettings& running, const AppliedRecord& before);

// The settings of the record: with the value of `wanted` where it is the recorded one, else with no
// value at all, which equals none. Passwords of actions are not recorded. Pure.
runtime::EffectiveSettings recall(const AppliedRecord& record,
                                  const runtime::EffectiveSettings& wanted);

// Gives a value to the settings in `running` that have none, where `wanted` has the recorded one.
void recognise(const AppliedRecord& record, const runtime::EffectiveSettings& wanted,
               runtime::EffectiveSettings& running);

Secret encode(const AppliedRecord& record);
// kInvalidArgument where it is none of ours; never quotes the text.
Result<AppliedRecord> decode(std::string_view text);

// Remembers a record across restarts of the sidecar. With no place to keep it, it remembers
// nothing. What cannot be read or written is logged and taken for nothing known.
class AppliedState {
 public:
  // `kept` may be null and outlives the object; `subject` names the app and its runtime.
  AppliedState(KeptState* kept, std::string_view subject);

  std::optional<AppliedRecord> read() const;
  void write(const AppliedRecord& record);
  // Before the runtime is given anything else: a record of the past would be wrong.
  void forget();

 private:
  KeptState* kept_;
  std::string name_;
};

// The folder of --state, made where its parent is in memory; null, after one line in the log, where
// there is none or it is not in memory.
std::unique_ptr<KeptState> open_state(const std::string& path);

}  // namespace keyferry::sidecar
