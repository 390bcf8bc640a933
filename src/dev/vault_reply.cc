#include "dev/vault_reply.h"

#include <charconv>
#include <cstdio>
#include <ctime>
#include <set>

#include "base/encoding.h"
#include "base/strings.h"
#include "net/digest.h"

namespace keyferry::dev {
namespace {

constexpr std::size_t kIdBytes = 16;

Json envelope() {
  Json body;
  body.set("request_id", random_id()).set("lease_id", "").set("renewable", false);
  body.set("lease_duration", 0).set("data", Json()).set("wrap_info", Json());
  body.set("warnings", Json()).set("auth", Json());
  return body;
}

std::int64_t seconds_in_unit(char unit) {
  switch (unit) {
    case 'h':
      return 3600;
    case 'm':
      return 60;
    default:
      return 1;
  }
}

}  // namespace

VaultReply data_reply(Json data) {
  VaultReply reply{200, envelope()};
  reply.body.set("data", std::move(data));
  return reply;
}

VaultReply auth_reply(Json auth) {
  VaultReply reply{200, envelope()};
  reply.body.set("auth", std::move(auth));
  return reply;
}

VaultReply no_content() { return {204, Json()}; }

VaultReply error_reply(int status, std::vector<std::string> messages) {
  Json::Array errors;
  for (std::string& message : messages) errors.emplace_back(std::move(message));
  VaultReply reply{status, Json()};
  reply.body.set("errors", std::move(errors));
  return reply;
}

VaultReply not_found() { return error_reply(404, {}); }

VaultReply permission_denied() { return error_reply(403, {"permission denied"}); }

VaultReply warning_not_found(std::string warning) {
  VaultReply reply{404, envelope()};
  reply.body.set("warnings", Json::Array{Json(std::move(warning))});
  return reply;
}

VaultReply list_reply(const std::vector<std::string>& paths, std::string_view prefix) {
  const std::string folder =
      prefix.empty() || prefix.ends_with('/') ? std::string(prefix) : cat(prefix, "/");
  std::set<std::string> names;
  for (const std::string& path : paths) {
    if (!path.starts_with(folder)) continue;
    const std::string rest = path.substr(folder.size());
    const std::size_t slash = rest.find('/');
    names.insert(slash == std::string::npos ? rest : rest.substr(0, slash + 1));
  }
  if (names.empty()) return not_found();
  Json::Array keys(names.begin(), names.end());
  return data_reply(Json::Object{{"keys", std::move(keys)}});
}

std::string rfc3339(WallTime time) {
  const auto since =
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = since / 1'000'000'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char date[32];
  char fraction[16];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(fraction, sizeof fraction, ".%09ldZ", static_cast<long>(since % 1'000'000'000));
  return cat(date, fraction);
}

std::int64_t seconds_of(const Json* value, std::int64_t fallback) {
  if (value == nullptr) return fallback;
  if (const auto number = value->as_int()) return *number;
  const std::string* text = value->as_string();
  if (text == nullptr || text->empty()) return fallback;
  std::int64_t total = 0;
  for (const char *at = text->data(), *end = at + text->size(); at != end;) {
    std::int64_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc()) return fallback;
    total += number * (next == end ? 1 : seconds_in_unit(*next));
    at = next == end ? next : next + 1;
  }
  return total;
}

std::vector<std::string> texts_of(const Json* value) {
  std::vector<std::string> texts;
  if (value == nullptr) return texts;
  if (const std::string* text = value->as_string(); text != nullptr && !text->empty()) {
    for (std::string_view piece : split(*text, ',')) texts.emplace_back(trim(piece));
  }
  if (const Json::Array* items = value->as_array()) {
    for (const Json& item : *items) {
      if (const std::string* text = item.as_string()) texts.push_back(*text);
    }
  }
  return texts;
}

std::string random_id() { return hex_encode(random_bytes(kIdBytes).expose()); }

}  // namespace keyferry::dev
