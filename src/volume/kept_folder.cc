#include "volume/kept_folder.h"

#include <unistd.h>

#include <filesystem>

#include "base/strings.h"
#include "os/dir_lock.h"
#include "volume/tmpfs.h"

namespace keyferry::volume {

namespace {

constexpr std::size_t kLargest = std::size_t{4} << 20;
constexpr mode_t kOwnersFile = 0600;
constexpr mode_t kOwnersFolder = 0700;
constexpr mode_t kOthers = 077;

Status good_where_absent(Status removed) {
  if (!removed.ok() && removed.error().code() == ErrorCode::kNotFound) return {};
  return removed;
}

Status check_memory(const Dir& dir, std::string_view what) {
  KF_ASSIGN(const bool in_memory, is_memory_backed(dir));
  if (in_memory) return {};
  return Error(ErrorCode::kFailedPrecondition, cat(what, " is not in memory"));
}

Status make_folder(const std::filesystem::path& path) {
  KF_ASSIGN(const auto parent, open_dir(path.has_parent_path() ? path.parent_path() : "."));
  KF_TRY(check_memory(*parent, "its parent"));
  return parent->make_dir(path.filename(), kOwnersFolder);
}

// Two programs would overwrite each other's texts, and end what the other one goes on with.
Status take_alone(const Dir& dir) {
  Status locked = lock_dir(dir);
  if (locked.ok() || locked.error().code() != ErrorCode::kAlreadyExists) return locked;
  return Error(ErrorCode::kFailedPrecondition,
               "another program has it open, and each needs one of its own");
}

}  // namespace

Result<Secret> KeptFolder::load(const std::string& name) {
  const std::lock_guard lock(mutex_);
  KF_ASSIGN(FileContents file, dir_->read_file(name, kLargest));
  if ((file.permissions & kOthers) != 0) {
    return Error(ErrorCode::kFailedPrecondition,
                 cat("'", name, "' is not used, others may read or write it"));
  }
  if (file.owner != owner_) {
    return Error(ErrorCode::kFailedPrecondition,
                 cat("'", name, "' is not used, it belongs to user ", file.owner));
  }
  return std::move(file.bytes);
}

Status KeptFolder::save(const std::string& name, const Secret& text) {
  const std::lock_guard lock(mutex_);
  const std::string next = cat(name, "_tmp");
  KF_TRY(good_where_absent(dir_->remove_file(next)));  // of a program that was killed here
  KF_TRY(dir_->write_new_file(next, text.expose(), kOwnersFile));
  return dir_->rename(next, name);
}

Status KeptFolder::erase(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return good_where_absent(dir_->remove_file(name));
}

Result<std::vector<std::string>> KeptFolder::names() {
  const std::lock_guard lock(mutex_);
  KF_ASSIGN(const auto entries, dir_->list());
  std::vector<std::string> names;
  for (const DirEntry& entry : entries) {
    if (entry.kind == FileKind::kFile) names.push_back(entry.name);
  }
  return names;
}

Result<std::unique_ptr<KeptState>> open_kept_folder(const std::string& path) {
  auto dir = open_dir(path);
  if (!dir.ok() && dir.error().code() == ErrorCode::kNotFound) {
    KF_TRY(make_folder(path));
    dir = open_dir(path);
  }
  if (!dir.ok()) return std::move(dir).error();
  KF_TRY(check_memory(**dir, "it"));
  KF_TRY(take_alone(**dir));
  return std::unique_ptr<KeptState>(
      std::make_unique<KeptFolder>(std::move(dir).value(), geteuid()));
}

}  // namespace keyferry::volume
