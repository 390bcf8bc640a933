#pragma once

#include <optional>
#include <string>
#include <vector>

#include "os/dir.h"
#include "volume/mounted_set.h"
#include "volume/wanted_file.h"

namespace keyferry::volume {

// An entry of the volume's top folder; of a link also where it leads.
struct PresentEntry {
  std::string name;
  FileKind kind = FileKind::kOther;
  std::string leads_to;
};

// What a volume holds before a write.
struct Present {
  std::vector<PresentEntry> entries;
  std::string generation;             // where ..data leads; "" when nowhere
  std::optional<MountedSet> current;  // what is there; none when it cannot be read whole
};

// What to do to a volume, in this order (see atomic_writer.cc).
struct Plan {
  std::vector<std::string> leftovers;    // remove first: what killed writers left
  bool write_generation = false;         // false: contents and modes are as wanted already
  std::vector<std::string> folders;      // to make inside the new generation, parents first
  std::vector<std::string> new_links;    // top-level names that need a link into ..data
  std::vector<std::string> covered;      // files and foreign links that a link replaces after it
  std::vector<std::string> stale_links;  // top-level links to remove after the swap
  std::string old_generation;            // to remove at the end; "" for none

  // For the log: what a reader sees change.
  std::vector<std::string> added;
  std::vector<std::string> changed;
  std::vector<std::string> removed;
};

// "..2026_01_31_12_00_00.1234": the name of a generation, whoever made it.
bool is_generation(std::string_view name);

// Pure. What is not the set's stays: links that lead elsewhere, other files, other folders. Where a
// folder stands at a name of the set, kFailedPrecondition names all such. `files` have passed
// check_files.
Result<Plan> plan_write(const std::vector<WantedFile>& files, const Present& present);

}  // namespace keyferry::volume
