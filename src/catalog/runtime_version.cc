#include "catalog/runtime_version.h"

#include <charconv>

#include "base/strings.h"

namespace keyferry::catalog {

std::optional<RuntimeVersion> runtime_version_of(std::string_view text) {
  const auto parts = split(trim(text), '.');
  if (parts.size() < 2 || parts.size() > 4) return std::nullopt;
  std::array<int, 4> numbers{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const char* end = parts[i].data() + parts[i].size();
    const auto [stop, problem] = std::from_chars(parts[i].data(), end, numbers[i]);
    if (problem != std::errc() || stop != end || parts[i].empty() || numbers[i] < 0) {
      return std::nullopt;
    }
  }
  return RuntimeVersion{numbers[0], numbers[1], numbers[2]};
}

std::string to_text(const RuntimeVersion& version) {
  return cat(version.major, ".", version.minor, ".", version.patch);
}

bool needs_s3_region(const RuntimeVersion& version) {
  if (version.major == 9) return version >= RuntimeVersion{9, 24, 41};
  if (version.major == 10) return version >= RuntimeVersion{10, 24, 14};
  return version >= RuntimeVersion{11, 6, 0};
}

bool knows_no_files(const RuntimeVersion& version) {
  const bool in_9_6 = version >= RuntimeVersion{9, 6, 11} && version < RuntimeVersion{9, 7, 0};
  return in_9_6 || version >= RuntimeVersion{9, 12, 0};
}

}  // namespace keyferry::catalog
