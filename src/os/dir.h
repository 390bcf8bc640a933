#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/unique_fd.h"

namespace keyferry {

enum class FileKind { kFile, kDirectory, kLink, kOther };

struct FileInfo {
  FileKind kind = FileKind::kOther;
  mode_t permissions = 0;  // the lower 12 bits
  std::uint64_t size = 0;
  std::uint64_t inode = 0;
};

// A whole file, and its permission bits and owner at the moment it was opened.
struct FileContents {
  Secret bytes;
  mode_t permissions = 0;
  uid_t owner = 0;
};

struct DirEntry {
  std::string name;
  FileKind kind = FileKind::kOther;
};

// Files below one open directory. Every method is one look or one step relative to the descriptor;
// no path is looked up twice and no link is followed unless said. Names may have several parts
// ("a/b"), never "..": that is kInvalidArgument. Failures: kNotFound, kAlreadyExists,
// kPermissionDenied, kResourceExhausted (full), kFailedPrecondition (not empty, not a directory),
// else kInternal; the message names the operation, the file and the system's reason.
class Dir {
 public:
  virtual ~Dir() = default;

  virtual Result<std::vector<DirEntry>> list() const = 0;            // without . and ..
  virtual Result<FileInfo> info(const std::string& name) const = 0;  // of a link: itself
  virtual Result<std::string> read_link(const std::string& name) const = 0;
  // Whole contents; over `limit` bytes is kResourceExhausted.
  virtual Result<FileContents> read_file(const std::string& name, std::size_t limit) const = 0;
  virtual Result<std::unique_ptr<Dir>> open_dir(const std::string& name) const = 0;

  virtual Status make_dir(const std::string& name, mode_t mode) = 0;
  // Creates (never opens an existing) file, writes all bytes, sets exactly `mode`, closes.
  virtual Status write_new_file(const std::string& name, std::string_view bytes, mode_t mode) = 0;
  // Of a file or folder that we may read.
  virtual Status set_mode(const std::string& name, mode_t mode) = 0;
  // Of a file or folder; never of what a link leads to. Needs to be root or in the group.
  virtual Status set_group(const std::string& name, gid_t group) = 0;
  virtual Status make_link(const std::string& target, const std::string& name) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status remove_file(const std::string& name) = 0;  // file or link
  virtual Status remove_dir(const std::string& name) = 0;   // empty directory

  // The descriptor, for inotify and mounts.
  virtual int descriptor() const = 0;
};

// Opens a directory of the real file system (the path itself may be a link).
Result<std::unique_ptr<Dir>> open_dir(const std::string& path);

// Opens, reads and closes one file, following links (token files are links).
Result<Secret> read_file(const std::string& path, std::size_t limit);
// The same, of a regular file only: a pipe could keep us waiting for ever, and gives its bytes
// once.
Result<Secret> read_regular_file(const std::string& path, std::size_t limit);

}  // namespace keyferry
