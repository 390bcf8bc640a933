#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/dir.h"

namespace keyferry::node {

// Where kubelet wants a volume: KUBELET/pods/UID/volumes/kubernetes.io~csi/NAME/mount (csi.md 1.7).
struct TargetPath {
  std::string path;         // as kubelet wrote it
  std::string pod_uid;      // "" where the path has another form (csi-sanity, tests)
  std::string volume_name;  // the pod's own name for it; "" likewise

  friend bool operator==(const TargetPath&, const TargetPath&) = default;
};

// Pure. kInvalidArgument: not absolute, not below `kubelet_root`, with "." or ".." or empty parts.
Result<TargetPath> parse_target_path(std::string_view path, std::string_view kubelet_root);

// The folder that a target lies in, and the target's name there. Below the kubelet's root no part
// is a link: whoever may write there cannot lead us elsewhere.
struct OpenTarget {
  std::unique_ptr<Dir> parent;
  std::string name;
};
enum class MissingFolders { kAreAnError, kAreMade };  // with mode 0750
// kNotFound, kFailedPrecondition (a link, or no folder, on the way), or what Dir says.
Result<OpenTarget> open_target(const TargetPath& target, const std::string& kubelet_root,
                               MissingFolders missing);

}  // namespace keyferry::node
