#pragma once

#include "base/result.h"
#include "os/dir.h"

namespace keyferry::volume {

// Whether what is written below the directory stays in memory (tmpfs or ramfs).
Result<bool> is_memory_backed(const Dir& dir);

}  // namespace keyferry::volume
