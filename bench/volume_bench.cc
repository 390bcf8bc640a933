// One rotation of 15 files on a tmpfs: the atomic writer against a bare loop of the system calls
// that such a write cannot do without.
#include <benchmark/benchmark.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "os/system_clock.h"
#include "volume/atomic_writer.h"
#include "volume/temp_volume.h"

namespace keyferry {
namespace {

constexpr int kFiles = 15;
constexpr std::size_t kSize = 64;

std::string name_of(int number) { return "database-setting-" + std::to_string(number); }

void must(bool worked, const char* what) {
  if (worked) return;
  std::perror(what);
  std::abort();
}

// Open, write, mode and close of each file, the link, the rename; then the old set taken away.
void write_bare(int volume, const std::string& generation, const std::string& old,
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

void bare_calls(benchmark::State& state) {
  volume::TempVolume volume;
  const int fd = volume.dir().descriptor();
  std::string old;
  int round = 0;
  for (auto _ : state) {
    const std::string generation = "..2026_01_31_12_00_00." + std::to_string(++round);
    write_bare(fd, generation, old, std::string(kSize, static_cast<char>('a' + round % 26)));
    old = generation;
  }
}
BENCHMARK(bare_calls)->Unit(benchmark::kMicrosecond);

std::vector<volume::WantedFile> wanted_files(std::string_view contents) {
  std::vector<volume::WantedFile> files;
  for (int i = 0; i < kFiles; ++i) files.push_back({name_of(i), contents, 0644});
  return files;
}

void write_all(benchmark::State& state, bool changing) {
  volume::TempVolume volume;
  SystemClock clock;
  const std::array<std::string, 2> contents = {std::string(kSize, 'a'), std::string(kSize, 'b')};
  std::size_t round = 0;
  for (auto _ : state) {
    const auto files = wanted_files(contents[changing ? ++round % 2 : 0]);
    must(write_set(volume.dir(), files, {clock, volume::random_digits}).ok(), "write_set");
  }
}
BENCHMARK_CAPTURE(write_all, changed, true)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(write_all, unchanged, false)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace keyferry

BENCHMARK_MAIN();
