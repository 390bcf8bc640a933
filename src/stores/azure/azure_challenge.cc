#include "stores/azure/azure_challenge.h"

#include <algorithm>

#include "base/strings.h"
#include "net/url.h"

namespace keyferry::stores::azure {

namespace {

constexpr std::string_view kScheme = "bearer ";
constexpr std::string_view kDefaultScope = "/.default";

// The value of name="value" among parameters with ',' between them (RFC 9110 11.2).
std::string value_of(std::string_view parameters, std::string_view name) {
  for (const std::string_view parameter : split(parameters, ',')) {
    const std::string_view pair = trim(parameter);
    const auto equals = pair.find('=');
    if (equals == pair.npos || to_lower(trim(pair.substr(0, equals))) != name) continue;
    std::string_view value = trim(pair.substr(equals + 1));
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
      value = value.substr(1, value.size() - 2);
    }
    return std::string(value);
  }
  return "";
}

std::string without_end(std::string text, std::string_view end) {
  if (text.ends_with(end)) text.resize(text.size() - end.size());
  while (text.ends_with('/')) text.pop_back();
  return text;
}

}  // namespace

Challenge challenge_of(const Response& response) {
  const std::string_view header = trim(response.header("WWW-Authenticate"));
  if (to_lower(header.substr(0, kScheme.size())) != kScheme) return {};
  const std::string_view parameters = header.substr(kScheme.size());
  Challenge challenge;
  challenge.resource = without_end(value_of(parameters, "resource"), "");
  if (challenge.resource.empty()) {
    challenge.resource = without_end(value_of(parameters, "scope"), kDefaultScope);
  }
  if (!parse_url(challenge.resource).ok()) challenge.resource.clear();
  if (const auto url = parse_url(value_of(parameters, "authorization")); url.ok()) {
    challenge.authority = origin_of(*url);
    challenge.tenant = split(url->path.substr(std::min<std::size_t>(1, url->path.size())), '/')[0];
  }
  return challenge;
}

Status check_challenge(const Challenge& challenge, const std::vector<std::string>& hosts) {
  if (challenge.resource.empty()) return {};
  const auto resource = parse_url(challenge.resource);
  const bool ours = resource.ok() && std::any_of(hosts.begin(), hosts.end(), [&](const auto& host) {
                      return host == resource->host || host.ends_with("." + resource->host);
                    });
  if (ours) return {};
  return Error(ErrorCode::kFailedPrecondition,
               cat("wants tokens for ", challenge.resource, ", and ", join(hosts, " or "),
                   " is not in that domain; no token was sent: check keyvaultName, cloudName and "
                   "endpointUrl"));
}

std::optional<Challenge> Challenges::find(const std::string& vault) const {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(vault);
  return found == held_.end() ? std::nullopt : std::optional(found->second);
}

void Challenges::keep(const std::string& vault, const Challenge& challenge) {
  const std::lock_guard lock(mutex_);
  if (held_.size() >= kMostHeld) held_.clear();
  held_[vault] = challenge;
}

}  // namespace keyferry::stores::azure
