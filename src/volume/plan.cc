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

std::string link_target(std::string_view name) { return cat(kData, '/', name); }

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

Status no_folders_in_the_way(const std::set<std::string>& tops, const Present& present) {
  std::vector<std::string> lines;
  for (const PresentEntry& entry : present.entries) {
    if (entry.kind != FileKind::kDirectory || !tops.contains(entry.name)) continue;
    lines.push_back(cat("'", entry.name,
                        "' is a folder that no writer of secret sets made; move it away, or write "
                        "the set elsewhere"));
  }
  if (lines.empty()) return {};
  return Error(ErrorCode::kFailedPrecondition, join(lines, "\n"));
}

void plan_top_level(const std::set<std::string>& tops, const Present& present, Plan& plan) {
  std::set<std::string> linked;
  for (const PresentEntry& entry : present.entries) {
    if (entry.name == kData || entry.name == present.generation) continue;
    if (entry.name == kDataTmp || is_generation(entry.name)) {
      plan.leftovers.push_back(entry.name);
      continue;
    }
    const bool ours = entry.kind == FileKind::kLink && entry.leads_to == link_target(entry.name);
    const bool wanted = tops.contains(entry.name);
    if (ours && wanted) {
      linked.insert(entry.name);
    } else if (wanted) {
      plan.covered.push_back(entry.name);
      linked.insert(entry.name);
    } else if (ours) {
      plan.stale_links.push_back(entry.name);
    }
  }
  for (const std::string& top : tops) {
    if (!linked.contains(top)) plan.new_links.push_back(top);
  }
}

}  // namespace

bool is_generation(std::string_view name) {
  constexpr std::string_view kShape = "..0000_00_00_00_00_00.";
  if (name.size() <= kShape.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool digit = name[i] >= '0' && name[i] <= '9';
    const bool digit_wanted = i >= kShape.size() || kShape[i] == '0';
    if (digit_wanted ? !digit : name[i] != kShape[i]) return false;
  }
  return true;
}

Result<Plan> plan_write(const std::vector<WantedFile>& files, const Present& present) {
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
  KF_TRY(no_folders_in_the_way(tops, present));
  plan.folders.assign(folders.begin(), folders.end());
  plan_top_level(tops, present, plan);
  if (plan.write_generation) plan.old_generation = present.generation;
  return plan;
}

}  // namespace keyferry::volume
