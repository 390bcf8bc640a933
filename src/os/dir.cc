#include "os/dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>

#include "base/strings.h"

namespace keyferry {

namespace {

ErrorCode code_of(int number) {
  switch (number) {
    case ENOENT:
      return ErrorCode::kNotFound;
    case EEXIST:
      return ErrorCode::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return ErrorCode::kResourceExhausted;
    case ENOTEMPTY:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case EBUSY:
      return ErrorCode::kFailedPrecondition;
    default:
      return ErrorCode::kInternal;
  }
}

Error failed(std::string_view operation, std::string_view name) {
  const int number = errno;
  Error error(code_of(number), cat(operation, " '", name, "': ", strerrordesc_np(number)));
  if (number != EACCES) return error;
  return std::move(error).with_remedy(cat("give user ", geteuid(), " access to it"));
}

Status check_name(const std::string& name) {
  bool good = !name.empty() && name.front() != '/' && name.find('\0') == std::string::npos;
  for (const std::string_view part : split(name, '/')) good = good && part != ".." && !part.empty();
  if (good) return {};
  return Error(ErrorCode::kInvalidArgument, cat("file name '", name, "' leads out of its folder"));
}

FileKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::kFile;
  if (S_ISDIR(mode)) return FileKind::kDirectory;
  return S_ISLNK(mode) ? FileKind::kLink : FileKind::kOther;
}

FileKind kind_of_entry(int dir, const dirent& entry) {
  struct stat status {};
  switch (entry.d_type) {
    case DT_REG:
      return FileKind::kFile;
    case DT_DIR:
      return FileKind::kDirectory;
    case DT_LNK:
      return FileKind::kLink;
    case DT_UNKNOWN:
      if (fstatat(dir, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return FileKind::kOther;
      return kind_of(status.st_mode);
    default:
      return FileKind::kOther;
  }
}

// Reads to the end. A regular file has ended where a read gives less than was asked for.
Result<FileContents> read_all(int fd, std::string_view name, std::size_t limit) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return failed("look at", name);
  if (S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    return failed("read", name);
  }
  FileContents contents{{}, static_cast<mode_t>(status.st_mode & 07777U), status.st_uid};
  contents.bytes.reserve(std::min(limit, static_cast<std::size_t>(status.st_size)));
  std::array<char, 16384> buffer;
  for (bool ended = false; !ended;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", name);
    const auto count = static_cast<std::size_t>(got);
    const bool fits = contents.bytes.size() + count <= limit;
    if (fits) contents.bytes.append({buffer.data(), count});
    wipe(buffer.data(), count);
    if (!fits) {
      return Error(ErrorCode::kResourceExhausted,
                   cat("file '", name, "' is larger than the limit of ", limit, " bytes"));
    }
    ended = count == 0 || (S_ISREG(status.st_mode) && count < buffer.size());
  }
  return contents;
}

Status write_all(int fd, std::string_view name, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("write", name);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

class RealDir final : public Dir {
 public:
  explicit RealDir(UniqueFd fd) : fd_(std::move(fd)) {}

  Result<std::vector<DirEntry>> list() const override {
    // A descriptor of its own: reading moves the position that a descriptor carries.
    const int fd = openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return failed("list", ".");
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(fd), closedir);
    std::vector<DirEntry> entries;
    errno = 0;
    // A stream of our own: readdir is only unsafe on a shared one.
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    while (const dirent* entry = readdir(stream.get())) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      entries.push_back({std::string(name), kind_of_entry(fd, *entry)});
      errno = 0;
    }
    if (errno != 0) return failed("list", ".");
    return entries;
  }

  Result<FileInfo> info(const std::string& name) const override {
    KF_TRY(check_name(name));
    struct stat status {};
    if (fstatat(fd_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      return failed("look at", name);
    }
    return FileInfo{kind_of(status.st_mode), static_cast<mode_t>(status.st_mode & 07777U),
                    static_cast<std::uint64_t>(status.st_size), status.st_ino};
  }

  Result<std::string> read_link(const std::string& name) const override {
    KF_TRY(check_name(name));
    std::array<char, PATH_MAX> target;
    const ssize_t size = readlinkat(fd_.get(), name.c_str(), target.data(), target.size());
    if (size < 0) return failed("read link", name);
    return std::string(target.data(), static_cast<std::size_t>(size));
  }

  Result<FileContents> read_file(const std::string& name, std::size_t limit) const override {
    KF_TRY(check_name(name));
    const UniqueFd fd(
        openat(fd_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return failed("open", name);
    return read_all(fd.get(), name, limit);
  }

  Result<std::unique_ptr<Dir>> open_dir(const std::string& name) const override {
    KF_TRY(check_name(name));
    UniqueFd fd(openat(fd_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return failed("open folder", name);
    return std::unique_ptr<Dir>(std::make_unique<RealDir>(std::move(fd)));
  }

  Status make_dir(const std::string& name, mode_t mode) override {
    KF_TRY(check_name(name));
    if (mkdirat(fd_.get(), name.c_str(), mode) != 0) return failed("make folder", name);
    return {};
  }

  Status write_new_file(const std::string& name, std::string_view bytes, mode_t mode) override {
    KF_TRY(check_name(name));
    const UniqueFd fd(openat(fd_.get(), name.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) return failed("create", name);
    KF_TRY(write_all(fd.get(), name, bytes));
    if (fchmod(fd.get(), mode) != 0) return failed("set mode of", name);
    return {};
  }

  Status set_mode(const std::string& name, mode_t mode) override {
    KF_TRY(check_name(name));
    // Opened first, as fchmodat follows a link that was put in the file's place.
    const UniqueFd fd(
        openat(fd_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd || fchmod(fd.get(), mode) != 0) return failed("set mode of", name);
    return {};
  }

  Status set_group(const std::string& name, gid_t group) override {
    KF_TRY(check_name(name));
    constexpr auto kSameOwner = static_cast<uid_t>(-1);
    if (fchownat(fd_.get(), name.c_str(), kSameOwner, group, AT_SYMLINK_NOFOLLOW) != 0) {
      return failed("set group of", name);
    }
    return {};
  }

  Status make_link(const std::string& target, const std::string& name) override {
    KF_TRY(check_name(name));
    if (symlinkat(target.c_str(), fd_.get(), name.c_str()) != 0) return failed("link", name);
    return {};
  }

  Status rename(const std::string& from, const std::string& to) override {
    KF_TRY(check_name(from));
    KF_TRY(check_name(to));
    if (renameat(fd_.get(), from.c_str(), fd_.get(), to.c_str()) != 0)
      return failed("rename", from);
    return {};
  }

  Status remove_file(const std::string& name) override { return remove(name, 0); }
  Status remove_dir(const std::string& name) override { return remove(name, AT_REMOVEDIR); }
  int descriptor() const override { return fd_.get(); }

 private:
  Status remove(const std::string& name, int flags) {
    KF_TRY(check_name(name));
    if (unlinkat(fd_.get(), name.c_str(), flags) != 0) return failed("remove", name);
    return {};
  }

  UniqueFd fd_;
};

}  // namespace

Result<std::unique_ptr<Dir>> open_dir(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return failed("open folder", path);
  return std::unique_ptr<Dir>(std::make_unique<RealDir>(std::move(fd)));
}

Result<Secret> read_file(const std::string& path, std::size_t limit) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return failed("open", path);
  KF_ASSIGN(FileContents contents, read_all(fd.get(), path, limit));
  return std::move(contents.bytes);
}

Result<Secret> read_regular_file(const std::string& path, std::size_t limit) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return failed("open", path);
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return failed("look at", path);
  if (kind_of(status.st_mode) == FileKind::kOther) {
    return Error(ErrorCode::kFailedPrecondition,
                 cat("'", path, "' is a pipe or a device; name a regular file"));
  }
  KF_ASSIGN(FileContents contents, read_all(fd.get(), path, limit));
  return std::move(contents.bytes);
}

}  // namespace keyferry
