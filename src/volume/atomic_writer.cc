// The atomic writer: a set of files replaced in one rename.
//
// Layout (the one of Kubernetes secret volumes, so that readers need not know us):
//   <volume>/..2026_01_31_12_00_00.0123456789/   a generation: the real files
//   <volume>/..data -> ..2026_01_31_12_00_00.0123456789
//   <volume>/name   -> ..data/name               one link per top-level name
//
// Steps of a write. A kill between any two leaves a whole set behind ..data:
//   1. look: top-level entries, and the set behind ..data
//   2. compare: contents and modes as wanted and every link in place → done, nothing touched
//   3. remove leftovers: ..data_tmp and generations of a killed writer
//   4. make the new generation with all its files, modes exact       not visible yet
//   5. make links for new top-level names                            they dangle until step 7
//   6. make ..data_tmp -> new generation
//   7. rename ..data_tmp over ..data                                 the one visible moment
//   8. rename links over files and foreign links at the set's names  nothing is lost before 7
//   9. remove links whose name is gone                               they dangle since step 7
//  10. remove the old generation
// A link that dangles reads as "no such file", so links come before the rename and go after it:
// whoever reads by name sees all of the old set or all of the new one.
#include "volume/atomic_writer.h"

#include <sys/random.h>

#include <array>
#include <cstdint>
#include <ctime>

#include "base/strings.h"
#include "volume/remove_tree.h"

namespace keyferry::volume {

namespace {

constexpr const char* kData = "..data";
constexpr const char* kDataTmp = "..data_tmp";

// Where ..data leads. Whatever else stands at that name is not ours to replace.
Result<std::string> generation_behind(const PresentEntry& data) {
  if (data.kind == FileKind::kLink && is_generation(data.leads_to)) return data.leads_to;
  return Error(ErrorCode::kFailedPrecondition,
               cat("'", kData, "' is ",
                   data.kind == FileKind::kLink ? cat("a link to '", data.leads_to, "'")
                                                : std::string("not a link"),
                   ", which no writer of secret sets made; name another folder, or remove it"));
}

// A set that cannot be read whole (somebody changed it, or may not be read by us) is no reason not
// to replace it: it only cannot be compared. With no limits: what we wrote ourselves is comparable.
Result<Present> look(const Dir& volume) {
  Present present;
  KF_ASSIGN(const auto entries, volume.list());
  for (const DirEntry& entry : entries) {
    present.entries.push_back({entry.name, entry.kind, ""});
    if (entry.kind != FileKind::kLink) continue;
    KF_ASSIGN(present.entries.back().leads_to, volume.read_link(entry.name));
  }
  for (const PresentEntry& entry : present.entries) {
    if (entry.name != kData) continue;
    KF_ASSIGN(present.generation, generation_behind(entry));
    if (auto set = read_set(volume, {SIZE_MAX, SIZE_MAX}); set.ok()) {
      present.current = std::move(set).value();
    }
  }
  return present;
}

std::string generation_name(const WriteParts& parts) {
  const std::time_t now = WallTime::clock::to_time_t(parts.clock.wall_now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "..%Y_%m_%d_%H_%M_%S.", &utc);
  return cat(std::string_view(text.data(), size), parts.random());
}

// Modes are set by name after making, since the umask takes bits away from a new folder.
Status make_folder(Dir& dir, const std::string& name, std::optional<gid_t> group) {
  constexpr mode_t kFolderMode = 0755;
  KF_TRY(dir.make_dir(name, kFolderMode));
  if (group) KF_TRY(dir.set_group(name, *group));
  return dir.set_mode(name, kFolderMode);
}

Status fill_generation(Dir& volume, const std::string& generation, const Plan& plan,
                       const std::vector<WantedFile>& files, std::optional<gid_t> group) {
  KF_TRY(make_folder(volume, generation, group));
  KF_ASSIGN(const auto dir, volume.open_dir(generation));
  for (const std::string& folder : plan.folders) KF_TRY(make_folder(*dir, folder, group));
  for (const WantedFile& file : files) {
    KF_TRY(dir->write_new_file(file.path, file.contents, file.mode));
    if (group) KF_TRY(dir->set_group(file.path, *group));
  }
  return {};
}

// Steps 4 to 7.
Status publish(Dir& volume, const std::string& generation, const Plan& plan,
               const std::vector<WantedFile>& files, std::optional<gid_t> group) {
  KF_TRY(fill_generation(volume, generation, plan, files, group));
  for (const std::string& name : plan.new_links) {
    KF_TRY(volume.make_link(cat(kData, "/", name), name));
  }
  KF_TRY(volume.make_link(generation, kDataTmp));
  return volume.rename(kDataTmp, kData);
}

// After a failure: what is half made goes, as far as the file system lets us; the next write's
// step 3 removes the rest.
void take_back(Dir& volume, const std::string& generation, const Plan& plan) {
  if (volume.info(kDataTmp).ok()) (void)volume.remove_file(kDataTmp).ok();
  for (const std::string& name : plan.new_links) {
    if (volume.info(name).ok()) (void)volume.remove_file(name).ok();
  }
  if (volume.info(generation).ok()) (void)remove_tree(volume, generation).ok();
}

// Step 8.
Status cover(Dir& volume, const Plan& plan) {
  for (const std::string& name : plan.covered) {
    KF_TRY(volume.make_link(cat(kData, "/", name), kDataTmp));
    KF_TRY(volume.rename(kDataTmp, name));
  }
  return {};
}

// Steps 9 and 10. The new set stands already: a failure here is left for the next write to heal.
void tidy(Dir& volume, const Plan& plan) {
  for (const std::string& name : plan.stale_links) (void)volume.remove_file(name).ok();
  if (plan.old_generation.empty() || !volume.info(plan.old_generation).ok()) return;
  (void)remove_tree(volume, plan.old_generation).ok();
}

// Contents are right, but a killed writer left links or generations behind.
Status mend(Dir& volume, const Plan& plan) {
  for (const std::string& name : plan.leftovers) KF_TRY(remove_tree(volume, name));
  for (const std::string& name : plan.new_links) {
    KF_TRY(volume.make_link(cat(kData, "/", name), name));
  }
  KF_TRY(cover(volume, plan));
  for (const std::string& name : plan.stale_links) KF_TRY(volume.remove_file(name));
  return {};
}

}  // namespace

std::string random_digits() {
  constexpr std::uint64_t kTenDigits = 10'000'000'000;
  std::uint64_t number = 0;
  if (getrandom(&number, sizeof(number), 0) != static_cast<ssize_t>(sizeof(number))) number = 0;
  return std::to_string(number % kTenDigits + kTenDigits).substr(1);
}

Result<WriteResult> write_set(Dir& volume, const std::vector<WantedFile>& files,
                              const WriteParts& parts) {
  KF_TRY(check_files(files));
  KF_ASSIGN(const Present present, look(volume));
  KF_ASSIGN(Plan plan, plan_write(files, present));
  if (!plan.write_generation) {
    KF_TRY(mend(volume, plan));
    return WriteResult{WriteOutcome::kUnchanged, present.current->generation, {}, {}, {}};
  }
  for (const std::string& name : plan.leftovers) KF_TRY(remove_tree(volume, name));
  const std::string generation = generation_name(parts);
  if (auto published = publish(volume, generation, plan, files, parts.group); !published.ok()) {
    take_back(volume, generation, plan);
    return std::move(published).error();
  }
  const Status covered = cover(volume, plan);
  tidy(volume, plan);
  KF_TRY(covered);
  return WriteResult{WriteOutcome::kWritten, generation, std::move(plan.added),
                     std::move(plan.changed), std::move(plan.removed)};
}

}  // namespace keyferry::volume
