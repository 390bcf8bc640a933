// One rotation of 15 files on a tmpfs: the atomic writer against a bare loop of the system calls
// that such a write cannot do without.
#include <benchmark/benchmark.h>

#include <array>
#include <string>

#include "bare_write.h"
#include "os/system_clock.h"
#include "volume/atomic_writer.h"
#include "volume/temp_volume.h"

namespace keyferry {
namespace {

using bench::kFiles;
using bench::must;
using bench::name_of;

constexpr std::size_t kSize = 64;

void bare_calls(benchmark::State& state) {
  volume::TempVolume volume;
  bench::BareWriter writer(volume.dir().descriptor());
  for (auto _ : state) writer.write(kSize);
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
