#include "sidecar/status_board.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/strings.h"

namespace keyferry::sidecar {

namespace {

Json texts(const std::vector<std::string>& list) {
  Json::Array items;
  for (const std::string& text : list) items.emplace_back(text);
  return items;
}

// RFC 3339 in UTC, seconds.
std::string timestamp(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, size};
}

std::int64_t seconds_since(const Moment& moment, SteadyTime now) {
  return std::chrono::duration_cast<std::chrono::seconds>(now - moment.steady).count();
}

std::string source_of(const runtime::Setting* setting) {
  return setting == nullptr ? "none" : std::string(name_of(setting->source));
}

std::string source_of(const std::optional<runtime::ActionPassword>& password) {
  return password ? std::string(name_of(password->source)) : "none";
}

// "store, MendixApp": who gives constants.
std::string sources_of(const std::vector<runtime::Setting>& constants) {
  std::vector<std::string> sources;
  for (const runtime::Setting& constant : constants) {
    std::string name(name_of(constant.source));
    if (std::find(sources.begin(), sources.end(), name) == sources.end()) {
      sources.push_back(std::move(name));
    }
  }
  return sources.empty() ? "none" : join(sources, ", ");
}

Json groups_json(const StatusReport& report) {
  Json groups(Json::Object{});
  for (const GroupSource& group : report.groups) {
    Json entry(Json::Object{});
    entry.set("source", group.source);
    if (!group.mode.empty()) entry.set("mode", group.mode);
    groups.set(group.group, std::move(entry));
  }
  return groups;
}

Json unknown_json(const StatusReport& report) {
  Json::Array list;
  for (const catalog::UnknownKey& unknown : report.unknown_keys) {
    Json entry(Json::Object{});
    entry.set("key", unknown.name);
    if (!unknown.hint.empty()) entry.set("hint", unknown.hint);
    list.push_back(std::move(entry));
  }
  return list;
}

Json restarts_json(const StatusReport& report) {
  Json::Array list;
  for (const runtime::PendingRestart& pending : report.pending_restart) {
    Json entry(Json::Object{});
    entry.set("name", pending.name).set("key", pending.origin).set("reason", pending.reason);
    list.push_back(std::move(entry));
  }
  return list;
}

Json problems_json(const StatusReport& report) {
  Json::Array list;
  for (const Problem& problem : report.problems) list.emplace_back(to_text(problem));
  return list;
}

Json rotation_json(const Rotation& rotation, SteadyTime now) {
  Json entry(Json::Object{});
  entry.set("at", timestamp(rotation.at.wall));
  entry.set("secondsAgo", seconds_since(rotation.at, now));
  entry.set("applied", texts(rotation.applied));
  entry.set("microseconds", rotation.took.count());
  return entry;
}

}  // namespace

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::kWaitingForSecrets:
      return "waiting-for-secrets";
    case Phase::kWaitingForRuntime:
      return "waiting-for-runtime";
    case Phase::kConfiguring:
      return "configuring";
    case Phase::kStarting:
      return "starting";
    case Phase::kSettingPasswords:
      return "setting-passwords";
    case Phase::kRunning:
      return "running";
    case Phase::kRuntimeUnreachable:
      return "runtime-unreachable";
    case Phase::kRuntimeBroken:
      return "runtime-broken";
  }
  return "unknown";
}

void StatusBoard::update(const std::function<void(StatusReport&)>& change) {
  const std::lock_guard lock(mutex_);
  auto next = std::make_shared<StatusReport>(*report_);
  change(*next);
  report_ = std::move(next);
}

std::shared_ptr<const StatusReport> StatusBoard::read() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

void StatusBoard::note_diagnosis(Secret words) {
  const std::lock_guard lock(mutex_);
  diagnosis_ = std::move(words);
}

std::optional<Secret> StatusBoard::take_diagnosis() {
  const std::lock_guard lock(mutex_);
  return std::exchange(diagnosis_, std::nullopt);
}

void describe(const runtime::Wanted& wanted, StatusReport& report) {
  const runtime::EffectiveSettings& settings = wanted.settings;
  const auto mode = [](std::string_view name) {
    return name == "absent" ? std::string() : std::string(name);
  };
  report.groups = {
      {"database", source_of(settings.find("DatabaseType")), mode(name_of(wanted.store.database))},
      {"storage", source_of(settings.find("com.mendix.core.StorageService")),
       mode(name_of(wanted.store.storage))},
      {"admin", source_of(settings.admin_password), ""},
      {"debugger", source_of(settings.debugger_password), ""},
      {"constants", sources_of(settings.constants), ""},
  };
  report.missing_keys = wanted.store.missing_keys;
  report.ignored_keys = wanted.store.ignored_keys;
  report.unknown_keys = wanted.store.unknown_keys;
  report.problems = wanted.problems;
}

Json to_json(const StatusReport& report, SteadyTime now) {
  Json status(Json::Object{});
  status.set("app", report.app).set("role", report.role);
  status.set("phase", name_of(report.phase)).set("degraded", report.degraded());
  status.set("runtimeVersion", report.runtime_version);
  status.set("generation", report.generation);
  if (report.applied_at) {
    status.set("appliedAt", timestamp(report.applied_at->wall));
    status.set("appliedSecondsAgo", seconds_since(*report.applied_at, now));
  }
  status.set("groups", groups_json(report));
  status.set("missingKeys", texts(report.missing_keys));
  status.set("ignoredKeys", texts(report.ignored_keys));
  status.set("unknownKeys", unknown_json(report));
  status.set("pendingRestart", restarts_json(report));
  if (!report.past_known) {
    status.set(
        "pendingRestartNote",
        "changes from before the sidecar's own start are not known; a restart of the runtime "
        "takes them");
  }
  status.set("keptValues", texts(report.kept_values));
  status.set("problems", problems_json(report));
  if (report.trouble) {
    status.set("trouble", report.trouble->message());
    status.set("troubleCode", name_of(report.trouble->code()));
  }
  if (!report.diagnosis.empty()) status.set("diagnosis", report.diagnosis);
  if (report.last_rotation) status.set("lastRotation", rotation_json(*report.last_rotation, now));
  return status;
}

}  // namespace keyferry::sidecar
