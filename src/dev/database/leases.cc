#include "dev/database/leases.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/strings.h"

namespace keyferry::dev {
namespace {

constexpr std::chrono::seconds kLater{5};

}  // namespace

void LeaseTable::add(Lease lease) {
  const std::string id = lease.id;
  leases_.insert_or_assign(id, std::move(lease));
}

Lease* LeaseTable::find(std::string_view id) {
  const auto found = leases_.find(id);
  return found == leases_.end() ? nullptr : &found->second;
}

template <class Which>
std::vector<Lease> LeaseTable::take_if(Which which) {
  std::vector<Lease> taken;
  for (auto at = leases_.begin(); at != leases_.end();) {
    if (which(at->second)) {
      taken.push_back(std::move(at->second));
      at = leases_.erase(at);
    } else {
      ++at;
    }
  }
  return taken;
}

std::optional<Lease> LeaseTable::take(std::string_view id) {
  auto taken = take_if([&](const Lease& lease) { return lease.id == id; });
  if (taken.empty()) return std::nullopt;
  return std::move(taken.front());
}

std::vector<Lease> LeaseTable::take_of_token(std::string_view token) {
  return take_if([&](const Lease& lease) { return lease.token == token; });
}

std::vector<Lease> LeaseTable::take_below(std::string_view prefix) {
  return take_if([&](const Lease& lease) { return lease.id.starts_with(prefix); });
}

std::vector<Lease> LeaseTable::take_expired(WallTime now) {
  return take_if([&](const Lease& lease) { return lease.expires <= now; });
}

std::vector<std::string> LeaseTable::ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, lease] : leases_) ids.push_back(id);
  return ids;
}

std::vector<std::string> LeaseTable::tokens() const {
  std::set<std::string> tokens;
  for (const auto& [id, lease] : leases_) {
    if (!lease.token.empty()) tokens.insert(lease.token);
  }
  return {tokens.begin(), tokens.end()};
}

std::optional<WallTime> LeaseTable::next_expiry() const {
  std::optional<WallTime> next;
  for (const auto& [id, lease] : leases_) {
    if (!next || lease.expires < *next) next = lease.expires;
  }
  return next;
}

std::string sql_expiration(WallTime lease_end) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(
      std::chrono::floor<std::chrono::seconds>(lease_end + kLater));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  return {text.data(), strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S+0000", &parts)};
}

std::vector<std::string> filled_in(std::vector<std::string> statements,
                                   const std::map<std::string, std::string>& values) {
  for (std::string& statement : statements) {
    for (const auto& [name, value] : values) {
      const std::string open = cat("{{", name, "}}");
      for (std::size_t at = statement.find(open); at != std::string::npos;
           at = statement.find(open, at + value.size())) {
        statement.replace(at, open.size(), value);
      }
    }
  }
  return statements;
}

}  // namespace keyferry::dev
