#include "volume/mounted_set.h"

#include <algorithm>

#include "base/strings.h"

namespace keyferry::volume {

namespace {

struct Reading {
  const ReadLimits& limits;
  std::size_t left;
  std::vector<MountedFile> files;
};

Status read_file_into(const Dir& dir, const std::string& name, std::string path, Reading& reading) {
  const std::size_t limit = std::min(reading.limits.largest_file, reading.left);
  auto contents = dir.read_file(name, limit);
  if (!contents.ok() && contents.error().code() == ErrorCode::kResourceExhausted &&
      limit == reading.left) {
    return Error(ErrorCode::kResourceExhausted, cat("file '", path, "' brings the set over ",
                                                    reading.limits.largest_set, " bytes"));
  }
  if (!contents.ok()) return std::move(contents).error();
  reading.left -= contents->bytes.size();
  reading.files.push_back({std::move(path), std::move(contents->bytes), contents->permissions});
  return {};
}

Status read_folder(const Dir& dir, const std::string& prefix, Reading& reading, int depth) {
  constexpr int kDeepest = 32;
  if (depth > kDeepest) {
    return Error(ErrorCode::kInvalidArgument, cat("folder '", prefix, "' is nested too deep"));
  }
  KF_ASSIGN(const auto entries, dir.list());
  for (const DirEntry& entry : entries) {
    if (prefix.empty() && entry.name.starts_with("..")) continue;
    const std::string path = cat(prefix, entry.name);
    if (entry.kind == FileKind::kDirectory) {
      KF_ASSIGN(const auto below, dir.open_dir(entry.name));
      KF_TRY(read_folder(*below, path + "/", reading, depth + 1));
    } else if (entry.kind == FileKind::kFile) {
      KF_TRY(read_file_into(dir, entry.name, path, reading));
    } else {
      return Error(ErrorCode::kInvalidArgument,
                   cat("'", path,
                       "' is neither a file nor a folder; mount the whole volume, "
                       "without links of your own"));
    }
  }
  return {};
}

Result<MountedSet> read_once(const Dir& dir, std::string generation, const ReadLimits& limits) {
  Reading reading{limits, limits.largest_set, {}};
  KF_TRY(read_folder(dir, "", reading, 0));
  std::sort(reading.files.begin(), reading.files.end(),
            [](const MountedFile& a, const MountedFile& b) { return a.path < b.path; });
  return MountedSet{std::move(generation), std::move(reading.files)};
}

Result<MountedSet> read_generation(const Dir& volume, const std::string& generation,
                                   const ReadLimits& limits) {
  KF_ASSIGN(const auto dir, volume.open_dir(generation));
  return read_once(*dir, generation, limits);
}

}  // namespace

Result<MountedSet> read_set(const Dir& volume, const ReadLimits& limits) {
  constexpr int kTries = 16;
  for (int i = 0; i < kTries; ++i) {
    const auto generation = volume.read_link("..data");
    if (!generation.ok() && generation.error().code() == ErrorCode::kNotFound) {
      return read_once(volume, "", limits);
    }
    if (!generation.ok()) return generation.error();
    // A replaced generation is taken away file by file, so what was read counts only if the link
    // still leads there afterwards: then nothing had been taken away yet.
    auto set = read_generation(volume, *generation, limits);
    const auto now = volume.read_link("..data");
    const bool still_there = now.ok() && *now == *generation;
    if (set.ok() && still_there) return set;
    if (!set.ok() && set.error().code() != ErrorCode::kNotFound) return set;
    if (still_there) {
      return Error(ErrorCode::kNotFound, cat("..data points to '", *generation,
                                             "', which is not there or incomplete; "
                                             "let the set be written again"));
    }
  }
  return Error(ErrorCode::kAborted, "the set was replaced again and again while it was read");
}

}  // namespace keyferry::volume
