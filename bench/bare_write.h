#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

// The least that replacing a set of files behind ..data takes, as bare system calls.
namespace keyferry::bench {

inline constexpr int kFiles = 15;

inline std::string name_of(int number) { return "database-setting-" + std::to_string(number); }

inline void must(bool worked, const char* what) {
  if (worked) return;
  std::perror(what);
  std::abort();
}

// Open, write, mode and close of each file, the link, the rename; then the old set taken away.
inline void write_bare(int volume, const std::string& generation, const std::string& old,
                       const std::string& contents) {
  must(mkdirat(volume, generation.c_str(), 0755) == 0, "mkdirat");
  const int dir = openat(volume, generation.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; i < kFiles; ++i) {
    const int fd = openat(dir, name_of(i).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    must(write(fd, contents.data(), contents.size()) == static_cast<ssize_t>(contents.size()),
         "write");
    must(fchmod(fd, 0644) == 0, "fchmod");
    close(fd);
  }
  close(dir);
  must(symlinkat(generation.c_str(), volume, "..data_tmp") == 0, "symlinkat");
  must(renameat(volume, "..data_tmp", volume, "..data") == 0, "renameat");
  if (old.empty()) return;
  const int gone = openat(volume, old.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; i < kFiles; ++i) must(unlinkat(gone, name_of(i).c_str(), 0) == 0, "unlinkat");
  close(gone);
  must(unlinkat(volume, old.c_str(), AT_REMOVEDIR) == 0, "unlinkat");
}

// Sets one after the other, each of its own letter, the one before taken away.
class BareWriter {
 public:
  explicit BareWriter(int volume) : volume_(volume) {}

  void write(std::size_t size) {
    const std::string generation = "..2026_01_31_12_00_00." + std::to_string(++round_);
    write_bare(volume_, generation, old_, std::string(size, static_cast<char>('a' + round_ % 26)));
    old_ = generation;
  }

 private:
  int volume_;
  std::string old_;
  int round_ = 0;
};

}  // namespace keyferry::bench
