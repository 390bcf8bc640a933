#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "os/dir.h"

namespace keyferry::volume {

struct MountedFile {
  std::string path;  // relative, "a/b" below folders
  Secret contents;
  mode_t mode = 0;
};

// One whole set as a reader sees it.
struct MountedSet {
  std::string generation;          // what ..data points to; "" for a folder without ..data
  std::vector<MountedFile> files;  // sorted by path
};

struct ReadLimits {
  std::size_t largest_file = std::size_t{4} << 20;
  std::size_t largest_set = std::size_t{8} << 20;
};

// Reads every file through one resolved ..data, so that all are of one generation whatever a
// writer does meanwhile. A folder without ..data (made by hand, a test) is read as it is, files
// beginning with ".." left out. kResourceExhausted names the file over the limit; kNotFound: no
// such set; kAborted: the set was replaced under the reader again and again.
Result<MountedSet> read_set(const Dir& volume, const ReadLimits& limits = {});

}  // namespace keyferry::volume
