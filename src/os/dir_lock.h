#pragma once

#include "os/dir.h"

namespace keyferry {

// The folder is this Dir's alone until the Dir or its program is gone; kAlreadyExists while it is
// another one's. Leaves nothing behind, and keeps nobody away who does not ask (flock).
Status lock_dir(const Dir& dir);

}  // namespace keyferry
