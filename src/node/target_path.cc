#include "node/target_path.h"

#include "base/strings.h"

namespace keyferry::node {

namespace {

Error wrong(std::string_view path, std::string_view why) {
  return Error(ErrorCode::kInvalidArgument, cat("target path '", path, "' ", why));
}

std::string_view without_slash_at_end(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// pods/UID/volumes/kubernetes.io~csi/NAME/mount
void read_kubelets_form(const std::vector<std::string_view>& parts, TargetPath& target) {
  if (parts.size() != 6 || parts[0] != "pods" || parts[2] != "volumes" ||
      parts[3] != "kubernetes.io~csi" || parts[5] != "mount") {
    return;
  }
  target.pod_uid = parts[1];
  target.volume_name = parts[4];
}

// The parts below the root; of a path that parse_target_path has taken.
std::vector<std::string_view> parts_below(std::string_view path, std::string_view root) {
  return split(without_slash_at_end(path).substr(root == "/" ? 1 : root.size() + 1), '/');
}

Result<std::unique_ptr<Dir>> open_or_make(Dir& parent, const std::string& name,
                                          MissingFolders missing) {
  auto opened = parent.open_dir(name);
  const bool is_missing = !opened.ok() && opened.error().code() == ErrorCode::kNotFound;
  if (!is_missing || missing == MissingFolders::kAreAnError) return opened;
  const Status made = parent.make_dir(name, 0750);
  if (!made.ok() && made.error().code() != ErrorCode::kAlreadyExists) return made.error();
  return parent.open_dir(name);
}

}  // namespace

Result<TargetPath> parse_target_path(std::string_view path, std::string_view kubelet_root) {
  const std::string_view root = without_slash_at_end(kubelet_root);
  const std::string_view clean = without_slash_at_end(path);
  if (!clean.starts_with('/')) return wrong(path, "is not absolute");
  if (!clean.starts_with(root) || clean.size() <= root.size() + 1 ||
      (root != "/" && clean[root.size()] != '/')) {
    return wrong(path, cat("is not below '", root, "'; --kubelet-root names the kubelet's folder"));
  }
  const auto parts = parts_below(clean, root);
  for (const std::string_view part : parts) {
    if (part.empty() || part == "." || part == "..") {
      return wrong(path, "has a part that is empty, '.' or '..'");
    }
  }
  TargetPath target{std::string(clean), "", ""};
  read_kubelets_form(parts, target);
  return target;
}

Result<OpenTarget> open_target(const TargetPath& target, const std::string& kubelet_root,
                               MissingFolders missing) {
  const std::string_view root = without_slash_at_end(kubelet_root);
  auto folder = keyferry::open_dir(std::string(root));  // may be a link: it is the kubelet's own
  const auto parts = parts_below(target.path, root);
  for (std::size_t i = 0; folder.ok() && i + 1 < parts.size(); ++i) {
    folder = open_or_make(**folder, std::string(parts[i]), missing);
  }
  if (!folder.ok()) return std::move(folder).error().with_context(target.path);
  return OpenTarget{std::move(folder).value(), std::string(parts.back())};
}

}  // namespace keyferry::node
