#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace keyferry {

// A path that cannot be a file of a mount. The texts continue "path 'x' …".
struct MountPathFault {
  std::size_t path = 0;              // its place in the list that was asked about
  std::optional<std::size_t> other;  // place of the path it cannot stand beside
  std::string_view message;
  std::string_view remedy;
};

// Whether these paths can be the files of one mount, by the Secrets Store CSI driver's rules
// (csi.md 2.4): relative, at most 4096 bytes, no empty, "." or ".." part, parts of at most 255
// bytes, not beginning with "..", none twice, none that is also a folder of another. Stricter than
// the driver in one thing: no control characters, which no terminal and no log can show. Every
// fault at once, in the order of the list.
std::vector<MountPathFault> mount_path_faults(const std::vector<std::string_view>& paths);

}  // namespace keyferry
