#include "dev/faults.h"

#include <algorithm>

#include "base/strings.h"
#include "dev/vault_reply.h"

namespace keyferry::dev {
namespace {

constexpr std::pair<std::string_view, FaultKind> kKinds[] = {
    {"status", FaultKind::kStatus},          {"delay", FaultKind::kDelay},
    {"garbage", FaultKind::kGarbage},        {"cut", FaultKind::kCutBody},
    {"cut_headers", FaultKind::kCutHeaders}, {"close", FaultKind::kClose}};

bool matches(std::string_view pattern, std::string_view path) {
  if (!pattern.ends_with('*')) return pattern == path;
  return path.starts_with(pattern.substr(0, pattern.size() - 1));
}

Result<FaultKind> kind_of(const Json& json) {
  const std::string_view name = json.text_of("kind");
  if (name.empty()) return json.find("status") != nullptr ? FaultKind::kStatus : FaultKind::kDelay;
  for (const auto& [word, kind] : kKinds) {
    if (word == name) return kind;
  }
  return Error(ErrorCode::kInvalidArgument, cat("fault: unknown kind '", name, "'"));
}

}  // namespace

Result<Fault> parse_fault(const Json& json) {
  Fault fault;
  fault.path = json.text_of("path");
  if (fault.path.empty()) return Error(ErrorCode::kInvalidArgument, "fault: 'path' is missing");
  KF_ASSIGN(fault.kind, kind_of(json));
  fault.status = static_cast<int>(seconds_of(json.find("status"), 500));
  if (fault.status < 200 || fault.status > 599) {
    return Error(ErrorCode::kInvalidArgument, "fault: 'status' must be 200 to 599");
  }
  fault.code = json.text_of("code");
  if (const Json* retry = json.find("retry_after")) fault.retry_after_seconds = retry->as_int();
  fault.delay = std::chrono::milliseconds(seconds_of(json.find("delay_ms"), 0));
  fault.times = static_cast<int>(seconds_of(json.find("times"), 1));
  return fault;
}

void FaultPlan::add(Fault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
}

void FaultPlan::clear() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
}

std::optional<Fault> FaultPlan::take(std::string_view path) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(faults_.begin(), faults_.end(),
                                  [&](const Fault& fault) { return matches(fault.path, path); });
  if (found == faults_.end()) return std::nullopt;
  Fault fault = *found;
  if (found->times != 0 && --found->times == 0) faults_.erase(found);
  return fault;
}

void RequestLog::add(std::string_view method, std::string_view path, int status) {
  const std::lock_guard lock(mutex_);
  entries_.push_back({std::string(method), std::string(path), status});
}

void RequestLog::clear() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
}

Json RequestLog::to_json() const {
  const std::lock_guard lock(mutex_);
  Json::Array requests;
  for (const Entry& entry : entries_) {
    requests.push_back(Json::Object{{"method", Json(entry.method)},
                                    {"path", Json(entry.path)},
                                    {"status", Json(entry.status)}});
  }
  return Json::Object{{"requests", Json(std::move(requests))}};
}

}  // namespace keyferry::dev
