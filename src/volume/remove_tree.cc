#include "volume/remove_tree.h"

namespace keyferry::volume {

Status remove_below(Dir& dir) {
  KF_ASSIGN(const auto entries, dir.list());
  for (const DirEntry& entry : entries) {
    if (entry.kind == FileKind::kDirectory) {
      KF_TRY(remove_tree(dir, entry.name));
    } else {
      KF_TRY(dir.remove_file(entry.name));
    }
  }
  return {};
}

Status remove_tree(Dir& dir, const std::string& name) {
  KF_ASSIGN(const FileInfo info, dir.info(name));
  if (info.kind != FileKind::kDirectory) return dir.remove_file(name);
  {
    KF_ASSIGN(const auto below, dir.open_dir(name));
    KF_TRY(remove_below(*below));
  }
  return dir.remove_dir(name);
}

}  // namespace keyferry::volume
