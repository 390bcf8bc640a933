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

// Whether these files can be a set (Secrets Store CSI driver's path rules): relative, at most 4096
// bytes, no empty, "." or ".." part, parts of at most 255 bytes, the first not beginning with
// "..", no path twice, none that is also a folder of another, none over kLargestFile.
// kInvalidArgument names every file that is not and why.
Status check_files(const std::vector<WantedFile>& files);

}  // namespace keyferry::volume
