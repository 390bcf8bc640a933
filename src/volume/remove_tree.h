#pragma once

#include <string>

#include "os/dir.h"

namespace keyferry::volume {

// A file, a link or a folder with everything below it. Links are removed, never followed. Stops at
// the first thing that stays.
Status remove_tree(Dir& dir, const std::string& name);

// Everything below the folder, not the folder itself.
Status remove_below(Dir& dir);

}  // namespace keyferry::volume
