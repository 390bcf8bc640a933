#include "stores/file_mode.h"

#include "base/strings.h"

namespace keyferry::stores {

std::uint32_t file_mode_of(const ObjectEntry& entry, std::string_view written,
                           std::uint64_t number) {
  const auto mode = static_cast<std::uint32_t>(number & 0777);
  if (number > 0777) {
    entry.warning(
        kFilePermissionField,
        cat("'", written, "' is more than the nine bits of a mode: the file gets ", octal(mode)),
        "write it in octal, e.g. 0640");
  }
  if ((mode & 0400) == 0) {
    entry.warning(kFilePermissionField, cat("'", written, "' lets its owner not read the file"),
                  "only root can then use it; write e.g. 0400");
  }
  return mode;
}

std::optional<std::uint64_t> octal_of(std::string_view text) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 32;
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '7' || number > kMost) return std::nullopt;
    number = number * 8 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

}  // namespace keyferry::stores
