#include "volume/wanted_file.h"

#include <set>

#include "base/strings.h"

namespace keyferry::volume {

namespace {

// Why a path cannot be a file of a volume; empty when it can.
std::string_view fault_of(std::string_view path) {
  constexpr std::size_t kLongestPath = 4096;
  constexpr std::size_t kLongestPart = 255;
  if (path.empty()) return "is empty";
  if (path.size() > kLongestPath) return "is longer than 4096 bytes";
  if (path.front() == '/') return "is absolute; write it relative to the mount";
  if (path.find('\0') != std::string_view::npos) return "holds a NUL byte";
  if (path.starts_with("..")) return "begins with '..', which the volume keeps for itself";
  for (const std::string_view part : split(path, '/')) {
    if (part == "..") return "leads out of the mount with '..'";
    if (part.empty() || part == ".") return "has an empty or '.' part";
    if (part.size() > kLongestPart) return "has a part longer than 255 bytes";
  }
  return {};
}

// Every folder a path needs: "a", "a/b" for "a/b/c".
std::vector<std::string> folders_of(const std::string& path) {
  std::vector<std::string> folders;
  for (auto at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
    folders.push_back(path.substr(0, at));
  }
  return folders;
}

}  // namespace

Status check_files(const std::vector<WantedFile>& files) {
  std::vector<std::string> faults;
  std::set<std::string> paths;
  std::set<std::string> folders;
  for (const WantedFile& file : files) {
    if (const auto fault = fault_of(file.path); !fault.empty()) {
      faults.push_back(cat("path '", file.path, "' ", fault));
    } else if (!paths.insert(file.path).second) {
      faults.push_back(cat("path '", file.path, "' is wanted twice; give one object another name"));
    }
    if (file.contents.size() > kLargestFile) {
      faults.push_back(cat("path '", file.path, "' has ", file.contents.size(),
                           " bytes, more than the limit of ", kLargestFile));
    }
    for (std::string& folder : folders_of(file.path)) folders.insert(std::move(folder));
  }
  for (const std::string& path : paths) {
    if (!folders.contains(path)) continue;
    faults.push_back(cat("path '", path, "' is wanted as a file and as a folder"));
  }
  if (faults.empty()) return {};
  return Error(ErrorCode::kInvalidArgument, join(faults, "\n"));
}

}  // namespace keyferry::volume
