#pragma once

#include <optional>
#include <string>
#include <vector>

#include "os/dir.h"
#include "volume/mounted_set.h"
#include "volume/wanted_file.h"

namespace keyferry::volume {

// What a volume holds before a write.
struct Present {
  std::vector<DirEntry> entries;      // of the volume's top folder
  std::optional<MountedSet> current;  // what ..data leads to; none when it leads nowhere
};

// What to do to a volume, in this order (see atomic_writer.cc).
struct Plan {
  std::vector<std::string> leftovers;    // remove first: of killed writers, or in a link's place
  bool write_generation = false;         // false: contents and modes are as wanted already
  std::vector<std::string> folders;      // to make inside the new generation, parents first
  std::vector<std::string> new_links;    // top-level names that need a link into ..data
  std::vector<std::string> stale_links;  // top-level links to remove after the swap
  std::string old_generation;            // to remove at the end; "" for none

  // For the log: what a reader sees change.
  std::vector<std::string> added;
  std::vector<std::string> changed;
  std::vector<std::string> removed;
};

// Pure. `files` have passed check_files.
Plan plan_write(const std::vector<WantedFile>& files, const Present& present);

}  // namespace keyferry::volume
