// What the sidecar remembers of a runtime when it is restarted alone.
//
// A runtime does not tell what it was started with. A sidecar that comes back and guesses either
// sends too much (the password of a new user to a runtime that still logs in as the old one) or too
// little (a password that was rotated meanwhile). So what was given is written down: no value, only
// digests under a random key. With them each value of the newest set is either the one the runtime
// has or another one, which is all that a change plan asks.
//
// The file is only for its owner, and only in memory. Who reads it could try guesses against it,
// but who may read it may read the secrets' own files too.
#include "sidecar/applied_state.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/log.h"
#include "base/strings.h"
#include "formats/json.h"
#include "net/digest.h"
#include "volume/kept_folder.h"

namespace keyferry::sidecar {

namespace {

using runtime::EffectiveSettings;
using runtime::Setting;

constexpr std::string_view kFormat = "keyferry applied settings 1";
constexpr std::size_t kKeySize = 32;

enum class Kind { kSetting, kConstant };

std::string digest_of(const HmacSha256& hmac, Kind kind, const Setting& setting) {
  const std::string_view zero("\0", 1);
  return hex_encode(hmac.of({kind == Kind::kSetting ? "setting" : "constant", zero, setting.name,
                             zero, setting.json.expose()}));
}

const AppliedSetting* find_in(const std::vector<AppliedSetting>& list, std::string_view name) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const AppliedSetting& one) { return one.name == name; });
  return found == list.end() ? nullptr : &*found;
}

std::vector<AppliedSetting> record(const HmacSha256& hmac, Kind kind,
                                   const std::vector<Setting>& running,
                                   const std::vector<AppliedSetting>& before) {
  std::vector<AppliedSetting> list;
  for (const Setting& setting : running) {
    const AppliedSetting* known = find_in(before, setting.name);
    const bool unrecognised = setting.json.empty() && known != nullptr;
    list.push_back({setting.name, setting.origin,
                    unrecognised ? known->digest : digest_of(hmac, kind, setting)});
  }
  return list;
}

void recognise_in(const HmacSha256& hmac, Kind kind, const std::vector<AppliedSetting>& list,
                  const std::vector<Setting>& wanted, std::vector<Setting>& running) {
  for (const Setting& candidate : wanted) {
    const auto same = std::find_if(running.begin(), running.end(), [&](const Setting& setting) {
      return setting.json.empty() && setting.name == candidate.name;
    });
    if (same == running.end()) continue;
    const AppliedSetting* known = find_in(list, candidate.name);
    if (known != nullptr && known->digest == digest_of(hmac, kind, candidate)) {
      *same = copy_of(candidate);
    }
  }
}

Json list_json(const std::vector<AppliedSetting>& list) {
  Json::Array items;
  for (const AppliedSetting& one : list) {
    Json item(Json::Object{});
    item.set("name", one.name).set("origin", one.origin).set("digest", one.digest);
    items.push_back(std::move(item));
  }
  return items;
}

Result<std::vector<AppliedSetting>> read_list(const Json& record, std::string_view name) {
  const Json* items = record.find(name);
  if (items == nullptr || items->as_array() == nullptr) {
    return Error(ErrorCode::kInvalidArgument, cat("has no list of ", name));
  }
  std::vector<AppliedSetting> list;
  for (const Json& item : *items->as_array()) {
    AppliedSetting one{std::string(item.text_of("name")), std::string(item.text_of("origin")),
                       std::string(item.text_of("digest"))};
    if (one.name.empty() || one.digest.empty()) {
      return Error(ErrorCode::kInvalidArgument, cat("has an incomplete entry in ", name));
    }
    list.push_back(std::move(one));
  }
  return list;
}

void warn(std::string_view what, const Error& error) {
  log::warning(what, {{"error", error.message()}});
}

}  // namespace

AppliedRecord record_of(const EffectiveSettings& running, const AppliedRecord& before) {
  AppliedRecord next;
  next.key = before.key.empty() ? random_bytes(kKeySize) : before.key.copy();
  const HmacSha256 hmac(next.key);
  next.settings = record(hmac, Kind::kSetting, running.settings, before.settings);
  next.constants = record(hmac, Kind::kConstant, running.constants, before.constants);
  return next;
}

EffectiveSettings recall(const AppliedRecord& record, const EffectiveSettings& wanted) {
  EffectiveSettings running;
  const auto add = [](const AppliedSetting& one, std::vector<Setting>& into) {
    Setting setting;
    setting.name = one.name;
    setting.origin = one.origin;
    put(std::move(setting), into);
  };
  for (const AppliedSetting& one : record.settings) add(one, running.settings);
  for (const AppliedSetting& one : record.constants) add(one, running.constants);
  recognise(record, wanted, running);
  return running;
}

void recognise(const AppliedRecord& record, const EffectiveSettings& wanted,
               EffectiveSettings& running) {
  const HmacSha256 hmac(record.key);
  recognise_in(hmac, Kind::kSetting, record.settings, wanted.settings, running.settings);
  recognise_in(hmac, Kind::kConstant, record.constants, wanted.constants, running.constants);
}

Secret encode(const AppliedRecord& record) {
  Json json(Json::Object{});
  json.set("format", kFormat).set("key", hex_encode(record.key.expose()));
  json.set("settings", list_json(record.settings)).set("constants", list_json(record.constants));
  std::string text = to_text(json);
  return Secret::take(text);
}

Result<AppliedRecord> decode(std::string_view text) {
  KF_ASSIGN(const Json json, parse_json(text));
  if (json.text_of("format") != kFormat) {
    return Error(ErrorCode::kInvalidArgument, "is not a record of this version");
  }
  AppliedRecord record;
  KF_ASSIGN(record.key, hex_decode(json.text_of("key")));
  if (record.key.size() != kKeySize) {
    return Error(ErrorCode::kInvalidArgument, "has no key of the right size");
  }
  KF_ASSIGN(record.settings, read_list(json, "settings"));
  KF_ASSIGN(record.constants, read_list(json, "constants"));
  return record;
}

AppliedState::AppliedState(KeptState* kept, std::string_view subject) : kept_(kept) {
  // The name only keeps apps apart that share a folder; the key hides nothing.
  const HmacSha256 hmac(Secret("keyferry-sidecar"));
  constexpr std::size_t kDigits = 16;
  name_ = cat("applied-", hex_encode(hmac.of({subject})).substr(0, kDigits));
}

std::optional<AppliedRecord> AppliedState::read() const {
  if (kept_ == nullptr) return std::nullopt;
  const auto text = kept_->load(name_);
  if (!text.ok()) {
    if (text.error().code() != ErrorCode::kNotFound) warn("the state is not used", text.error());
    return std::nullopt;
  }
  auto record = decode(text->expose());
  if (record.ok()) return std::move(record).value();
  warn("the state is not used", record.error());
  return std::nullopt;
}

void AppliedState::write(const AppliedRecord& record) {
  if (kept_ == nullptr) return;
  const Status written = kept_->save(name_, encode(record));
  if (written.ok()) return;
  warn("the state is not written, a restarted sidecar will not know this", written.error());
  forget();
}

void AppliedState::forget() {
  if (kept_ == nullptr) return;
  const Status removed = kept_->erase(name_);
  if (!removed.ok()) warn("the state is not removed", removed.error());
}

std::unique_ptr<KeptState> open_state(const std::string& path) {
  if (path.empty()) return nullptr;
  auto folder = volume::open_kept_folder(path);
  if (folder.ok()) return std::move(folder).value();
  log::info(
      "no state is kept: after a restart of the sidecar alone, changes from before it are "
      "not known",
      {{"folder", path}, {"why", folder.error().message()}});
  return nullptr;
}

}  // namespace keyferry::sidecar
