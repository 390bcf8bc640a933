#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "stores/object_list.h"

namespace keyferry::stores {

inline constexpr std::string_view kFilePermissionField = "filePermission";

// What every store says of a mode that an object asks for. Bits above 0777 do not reach a file (the
// providers hand the number to Go's os.FileMode, which keeps nine bits): a warning names the mode
// that results. So does one where the owner could not read.
// `written` is what stands in the manifest.
std::uint32_t file_mode_of(const ObjectEntry& entry, std::string_view written,
                           std::uint64_t number);

// Octal digits; nothing where `text` is something else.
std::optional<std::uint64_t> octal_of(std::string_view text);

}  // namespace keyferry::stores
