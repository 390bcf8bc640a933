#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "os/dir.h"
#include "volume/plan.h"
#include "volume/wanted_file.h"

namespace keyferry::volume {

enum class WriteOutcome { kUnchanged, kWritten };

struct WriteResult {
  WriteOutcome outcome = WriteOutcome::kUnchanged;
  std::string generation;  // the folder ..data points to afterwards
  std::vector<std::string> added;
  std::vector<std::string> changed;
  std::vector<std::string> removed;
};

struct WriteParts {
  Clock& clock;                         // for the generation's name
  std::function<std::string()> random;  // digits that no other generation's name has
  std::optional<gid_t> group{};         // of the files and folders; else the writer's own
};

// Digits from the kernel's random source.
std::string random_digits();

// Makes the volume hold exactly these files. Readers see the old set or the new one, never a
// mixture, also when the writer is killed at any moment; the next write heals what was left.
// On failure the old set stands and nothing of the new one is left behind where that is possible.
// Files at the set's names that no writer made give way once the new set stands; folders do not.
// Contents and modes as wanted already: nothing on the disk is touched.
// kInvalidArgument (check_files), kFailedPrecondition (a folder in the way), or what the file
// system said (Dir). One writer at a time.
Result<WriteResult> write_set(Dir& volume, const std::vector<WantedFile>& files,
                              const WriteParts& parts);

}  // namespace keyferry::volume
