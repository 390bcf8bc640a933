#pragma once

#include <stdlib.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "os/dir.h"
#include "volume/atomic_writer.h"
#include "volume/mounted_set.h"

namespace keyferry::volume {

// A folder in memory for tests, gone at the end, with verbs on it.
class TempVolume {
 public:
  TempVolume() {
    std::string path = "/dev/shm/keyferry-test-XXXXXX";
    path_ = mkdtemp(path.data());
    dir_ = std::move(open_dir(path_)).value();
  }
  ~TempVolume() { std::filesystem::remove_all(path_); }
  TempVolume(const TempVolume&) = delete;
  TempVolume& operator=(const TempVolume&) = delete;

  Dir& dir() { return *dir_; }
  const std::string& path() const { return path_; }

  // path → contents, read through ..data; "?" → message when it cannot be read.
  std::map<std::string, std::string> contents() const { return contents_of(read_set(*dir_)); }

  static std::map<std::string, std::string> contents_of(const Result<MountedSet>& set) {
    if (!set.ok()) return {{"?", set.error().message()}};
    std::map<std::string, std::string> contents;
    for (const MountedFile& file : set->files) contents[file.path] = file.contents.expose();
    return contents;
  }

  // The same, read by name through the top-level links as an application does; links that dangle
  // are files that are not there.
  std::map<std::string, std::string> contents_by_name() const {
    namespace fs = std::filesystem;
    std::map<std::string, std::string> contents;
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (entry.path().filename().string().starts_with("..")) continue;
      if (!fs::exists(entry.path())) continue;
      if (!fs::is_directory(entry.path())) {
        contents[entry.path().filename()] = read_file(entry.path(), 1U << 24)->expose();
        continue;
      }
      for (const auto& below : fs::recursive_directory_iterator(entry.path())) {
        if (!below.is_regular_file()) continue;
        const std::string name =
            entry.path().filename() / below.path().lexically_relative(entry.path());
        contents[name] = read_file(below.path(), 1U << 24)->expose();
      }
    }
    return contents;
  }

  // Entries that no whole set has: what a killed writer left.
  std::vector<std::string> leftovers() const {
    std::vector<std::string> names;
    const auto current = dir_->read_link("..data");
    for (const DirEntry& entry : std::move(dir_->list()).value()) {
      const bool generation = entry.name.starts_with("..2");
      if (entry.name == "..data_tmp" || (generation && entry.name != *current)) {
        names.push_back(entry.name);
      }
      const bool dangles = entry.kind == FileKind::kLink && !entry.name.starts_with("..") &&
                           !std::filesystem::exists(path_ + "/" + entry.name);
      if (dangles) names.push_back(entry.name);
    }
    return names;
  }

 private:
  std::string path_;
  std::unique_ptr<Dir> dir_;
};

}  // namespace keyferry::volume
