// Where providers' sockets are (csi.md 2.2).
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "base/strings.h"
#include "os/dir.h"
#include "rpc/provider_client.h"

namespace keyferry::rpc {

namespace {

constexpr std::string_view kSuffix = ".sock";

bool is_there(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

std::string socket_in(const std::string& folder, std::string_view name) {
  return cat(folder, folder.ends_with('/') ? "" : "/", name, kSuffix);
}

}  // namespace

bool is_provider_name(std::string_view name) {
  constexpr std::size_t kLongest = 30;
  return !name.empty() && name.size() <= kLongest &&
         std::all_of(name.begin(), name.end(), is_name_character);
}

std::vector<std::string> provider_names(const std::vector<std::string>& folders) {
  std::set<std::string> names;
  for (const std::string& folder : folders) {
    const auto dir = open_dir(folder);
    if (!dir.ok()) continue;
    const auto entries = (*dir)->list();
    if (!entries.ok()) continue;
    for (const DirEntry& entry : *entries) {
      if (!entry.name.ends_with(kSuffix)) continue;
      const std::string name = entry.name.substr(0, entry.name.size() - kSuffix.size());
      if (is_provider_name(name)) names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

Result<std::string> find_provider_socket(const std::vector<std::string>& folders,
                                         std::string_view name) {
  if (!is_provider_name(name)) {
    return Error(ErrorCode::kInvalidArgument,
                 cat("invalid provider: provider \"", name,
                     "\": a name has 1 to 30 letters, digits, - and _"));
  }
  for (const std::string& folder : folders) {
    if (std::string path = socket_in(folder, name); is_there(path)) return path;
  }
  const std::string there = join(provider_names(folders), ", ");
  return Error(ErrorCode::kNotFound,
               cat("provider not found: provider \"", name, "\": no ", name, kSuffix, " in ",
                   join(folders, ", "), " (there: ", there.empty() ? "none" : there,
                   "); does the provider's DaemonSet run on this node, taints tolerated?"));
}

}  // namespace keyferry::rpc
