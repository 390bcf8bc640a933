#include "base/mount_path.h"

#include <algorithm>
#include <map>

#include "base/strings.h"

namespace keyferry {

namespace {

struct Fault {
  std::string_view message;
  std::string_view remedy;
};

std::optional<Fault> fault_of_part(std::string_view part) {
  constexpr std::size_t kLongestPart = 255;
  if (part == "..") return Fault{"leads out of the mount with '..'", "name a file inside it"};
  if (part.empty() || part == ".") return Fault{"has an empty or '.' part", "leave that part out"};
  if (part.size() > kLongestPart) {
    return Fault{"has a part longer than 255 bytes, which no file system takes", "shorten it"};
  }
  return std::nullopt;
}

std::optional<Fault> fault_of(std::string_view path) {
  constexpr std::size_t kLongestPath = 4096;
  if (path.empty()) return Fault{"is empty", "give the file a name"};
  if (path.size() > kLongestPath) return Fault{"is longer than 4096 bytes", "shorten it"};
  if (std::any_of(path.begin(), path.end(), is_control)) {
    return Fault{"holds a control character", "use characters that can be shown"};
  }
  if (path.front() == '/') return Fault{"is absolute", "write it relative to the mount"};
  for (const std::string_view part : split(path, '/')) {
    if (auto fault = fault_of_part(part)) return fault;
  }
  if (path.starts_with("..")) {
    return Fault{"begins with '..', which the volume keeps for itself", "name it differently"};
  }
  return std::nullopt;
}

// The places of the good paths by path, each the first of its name.
using Places = std::map<std::string_view, std::size_t>;

// The place of a file that stands where `path` needs a folder.
std::optional<std::size_t> file_in_the_way(std::string_view path, const Places& files) {
  for (auto at = path.find('/'); at != path.npos; at = path.find('/', at + 1)) {
    if (const auto found = files.find(path.substr(0, at)); found != files.end()) {
      return found->second;
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<MountPathFault> mount_path_faults(const std::vector<std::string_view>& paths) {
  std::vector<MountPathFault> faults;
  Places files;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (const auto fault = fault_of(paths[i])) {
      faults.push_back({i, std::nullopt, fault->message, fault->remedy});
    } else if (const auto [first, is_new] = files.emplace(paths[i], i); !is_new) {
      faults.push_back({i, first->second, "is wanted twice", "every file needs a name of its own"});
    }
  }
  for (const auto& [path, place] : files) {
    if (const auto file = file_in_the_way(path, files)) {
      faults.push_back({place, file, "needs a folder where another file is", "rename one of them"});
    }
  }
  std::sort(faults.begin(), faults.end(),  // one fault a path at most
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return faults;
}

}  // namespace keyferry
