#include "volume/plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/strings.h"

namespace keyferry::volume {

namespace {

constexpr std::string_view kData = "..data";
constexpr std::string_view kDataTmp = "..data_tmp";

std::string top_of(const std::string& path) { return path.substr(0, path.find('/')); }

// "..2026_01_31_12_00_00.1234": a generation, whoever made it.
bool is_generation(std::string_view name) {
  return name.size() > 4 && name.starts_with("..") && name[2] >= '0' && name[2] <= '9';
}

bool is_same(const WantedFile& wanted, const MountedFile& held) {
  const std::string_view contents = held.contents.expose();
  return wanted.mode == held.mode && wanted.contents == contents;
}

void compare(const std::vector<WantedFile>& files, const Present& present, Plan& plan) {
  std::map<std::string_view, const MountedFile*> held;
  if (present.current) {
    for (const MountedFile& file : present.current->files) held[file.path] = &file;
  }
  for (const WantedFile& file : files) {
    const auto found = held.find(file.path);
    if (found == held.end()) {
      plan.added.push_back(file.path);
      continue;
    }
    if (!is_same(file, *found->second)) plan.changed.push_back(file.path);
    held.erase(found);
  }
  for (const auto& [path, file] : held) plan.removed.emplace_back(path);
  plan.write_generation =
      !present.current || !plan.added.empty() || !plan.changed.empty() || !plan.removed.empty();
}

void plan_top_level(const std::set<std::string>& tops, const Present& present, Plan& plan) {
  std::set<std::string> linked;
  for (const DirEntry& entry : present.entries) {
    const bool is_current = present.current && entry.name == present.current->generation;
    if (entry.name == kData || is_current) continue;
    const bool is_leftover = entry.name == kDataTmp || is_generation(entry.name);
    if (is_leftover) plan.leftovers.push_back(entry.name);
    if (is_leftover || entry.name.starts_with("..")) continue;  // else not ours
    if (entry.kind == FileKind::kLink) {
      if (!tops.contains(entry.name)) plan.stale_links.push_back(entry.name);
      linked.insert(entry.name);
    } else if (tops.contains(entry.name)) {
      plan.leftovers.push_back(entry.name);
    }
  }
  for (const std::string& top : tops) {
    if (!linked.contains(top)) plan.new_links.push_back(top);
  }
}

}  // namespace

Plan plan_write(const std::vector<WantedFile>& files, const Present& present) {
  Plan plan;
  compare(files, present, plan);
  std::set<std::string> tops;
  std::set<std::string> folders;
  for (const WantedFile& file : files) {
    tops.insert(top_of(file.path));
    for (auto at = file.path.find('/'); at != std::string::npos; at = file.path.find('/', at + 1)) {
      folders.insert(file.path.substr(0, at));
    }
  }
  plan.folders.assign(folders.begin(), folders.end());
  plan_top_level(tops, present, plan);
  if (plan.write_generation && present.current) plan.old_generation = present.current->generation;
  return plan;
}

}  // namespace keyferry::volume
