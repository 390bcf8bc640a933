#include "dev/runtime_script.h"

#include "base/strings.h"
#include "dev/vault_reply.h"

namespace keyferry::dev {
namespace {

Error wrong(std::string_view member, std::string_view expected) {
  return {ErrorCode::kInvalidArgument, cat("script: '", member, "': expected ", expected)};
}

template <class Take>
Status each_member(std::string_view name, const Json& value, Take take) {
  if (value.as_object() == nullptr) return wrong(name, "an object");
  for (const auto& [key, member] : *value.as_object()) take(key, member);
  return {};
}

Status read_member(std::string_view name, const Json& value, RuntimeScript& script) {
  const auto whole = [](const Json& number) {
    return static_cast<int>(number.as_int().value_or(0));
  };
  if (name == "refuse") {
    return each_member(name, value, [&](const std::string& key, const Json& cause) {
      script.refuse[key] = cause.as_string() != nullptr ? *cause.as_string() : "refused by script";
    });
  }
  if (name == "delay_ms") {
    return each_member(name, value, [&](const std::string& key, const Json& delay) {
      script.delays[key] = std::chrono::milliseconds(whole(delay));
    });
  }
  if (name == "drop") {
    return each_member(name, value, [&](const std::string& key, const Json& times) {
      script.drops[key] = whole(times);
    });
  }
  if (name == "health") {
    script.health = value.text_of("health");
    script.diagnosis = value.text_of("diagnosis");
    return script.health.empty() ? Status(wrong(name, "an object with 'health'")) : Status();
  }
  if (name == "start_results") {
    if (value.as_array() == nullptr) return wrong(name, "an array of numbers");
    for (const Json& result : *value.as_array()) script.start_results.push_back(whole(result));
    return {};
  }
  if (name == "die_on" && value.as_string() != nullptr) {
    script.die_on = *value.as_string();
    return {};
  }
  if (name == "critical_errors") {
    script.critical_errors = texts_of(&value);
    return {};
  }
  if (name == "weak_admin_users") {
    script.weak_admin_users = texts_of(&value);
    return {};
  }
  return wrong(name, "no such member");
}

}  // namespace

Result<RuntimeScript> parse_runtime_script(const Json& json) {
  if (json.as_object() == nullptr) return wrong("", "an object");
  RuntimeScript script;
  for (const auto& [name, value] : *json.as_object()) KF_TRY(read_member(name, value, script));
  return script;
}

}  // namespace keyferry::dev
