#include "volume/wanted_file.h"

#include "base/mount_path.h"
#include "base/strings.h"

namespace keyferry::volume {

namespace {

std::string text_of(const MountPathFault& fault, const std::vector<WantedFile>& files) {
  const std::string other = fault.other ? cat(" ('", files[*fault.other].path, "')") : "";
  return cat("path '", files[fault.path].path, "' ", fault.message, other, "; ", fault.remedy);
}

}  // namespace

Status check_files(const std::vector<WantedFile>& files) {
  std::vector<std::string_view> paths;
  paths.reserve(files.size());
  for (const WantedFile& file : files) paths.emplace_back(file.path);
  std::vector<std::string> faults;
  for (const MountPathFault& fault : mount_path_faults(paths)) {
    faults.push_back(text_of(fault, files));
  }
  for (const WantedFile& file : files) {
    if (file.contents.size() <= kLargestFile) continue;
    faults.push_back(cat("path '", file.path, "' has ", file.contents.size(),
                         " bytes, more than the limit of ", kLargestFile,
                         "; keep in the store what a mounted file can carry, or split it"));
  }
  if (faults.empty()) return {};
  return Error(ErrorCode::kInvalidArgument, join(faults, "\n"));
}

}  // namespace keyferry::volume
