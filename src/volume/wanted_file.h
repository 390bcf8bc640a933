#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace keyferry::volume {

// A file a set must have. `contents` belongs to the caller and must outlive the write.
struct WantedFile {
  std::string path;  // relative to the volume, may have several parts
  std::string_view contents;
  mode_t mode = 0644;  // exact permission bits
};

// The largest file of a set; the Secrets Store CSI protocol cannot carry more in one message.
inline constexpr std::size_t kLargestFile = std::size_t{4} << 20;

// Whether these files can be a set: paths by the rules of base/mount_path.h, none over
// kLargestFile. kInvalidArgument names every file that cannot, why and what to do.
Status check_files(const std::vector<WantedFile>& files);

}  // namespace keyferry::volume
