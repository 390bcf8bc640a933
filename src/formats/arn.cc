#include "formats/arn.h"

#include <algorithm>

#include "base/strings.h"

namespace keyferry {

namespace {

bool all_of(std::string_view text, char first, char last) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [=](char c) { return c >= first && c <= last; });
}

}  // namespace

std::optional<Arn> parse_arn(std::string_view text) {
  constexpr std::size_t kParts = 6;
  const auto parts = split(text, ':');
  if (parts.size() < kParts || parts[0] != "arn") return std::nullopt;
  const auto resource = static_cast<std::size_t>(parts[kParts - 1].data() - text.data());
  Arn arn{std::string(parts[1]), std::string(parts[2]), std::string(parts[3]),
          std::string(parts[4]), std::string(text.substr(resource))};
  if (arn.partition.empty() || arn.service.empty() || arn.resource.empty()) return std::nullopt;
  return arn;
}

bool is_aws_region(std::string_view text) {
  const auto parts = split(text, '-');
  if (parts.size() < 3 || (parts.front().size() != 2 && parts.front() != "eusc")) return false;
  const bool words = std::all_of(parts.begin(), parts.end() - 1,
                                 [](std::string_view part) { return all_of(part, 'a', 'z'); });
  return words && all_of(parts.back(), '0', '9');
}

}  // namespace keyferry
