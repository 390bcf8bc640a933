#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace keyferry {

// Leaves the reason for an end where Kubernetes shows it (terminationMessagePath); at most 4096
// bytes of it. The file must be there already: kubelet makes it.
Status write_termination_message(const std::string& path, std::string_view reason);

}  // namespace keyferry
