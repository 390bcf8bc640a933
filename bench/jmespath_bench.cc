// Searches of one document with expressions that are read once, and reading an expression.
// bench/run_bench.py times jmespath.py on the same.
//
//   KEYFERRY_BENCH_DOCUMENT     file with the JSON document
//   KEYFERRY_BENCH_EXPRESSIONS  file with an expression a line
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/strings.h"
#include "formats/jmespath.h"
#include "os/dir.h"

namespace keyferry {
namespace {

[[noreturn]] void give_up(std::string_view why) {
  std::fprintf(stderr, "jmespath_bench: %.*s\n", static_cast<int>(why.size()), why.data());
  std::exit(1);
}

std::string file_named_by(const char* variable) {
  const char* path = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): one thread
  if (path == nullptr) give_up(cat(variable, " is not set; run ./run bench jmespath"));
  const auto text = read_file(path, std::size_t{1} << 20);
  if (!text.ok()) give_up(text.error().message());
  return std::string(text->expose());
}

JmesPath parsed(const std::string& expression) {
  auto parsed = JmesPath::parse(expression);
  if (!parsed.ok()) give_up(cat(expression, ": ", parsed.error().message));
  return *std::move(parsed);
}

void search(benchmark::State& state, const std::string& expression, const Json& document) {
  const JmesPath path = parsed(expression);
  if (!path.search(document).ok()) give_up(cat(expression, ": there is no answer"));
  for (auto _ : state) benchmark::DoNotOptimize(path.search(document));
}

void parse(benchmark::State& state, const std::string& expression) {
  for (auto _ : state) benchmark::DoNotOptimize(JmesPath::parse(expression));
}

void register_all(const Json& document) {
  const std::string lines = file_named_by("KEYFERRY_BENCH_EXPRESSIONS");
  for (const std::string_view line : split(lines, '\n')) {
    const std::string expression(line);
    if (expression.empty()) continue;
    benchmark::RegisterBenchmark(cat("search ", expression).c_str(), search, expression, document)
        ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark(cat("parse ", expression).c_str(), parse, expression)
        ->Unit(benchmark::kMicrosecond);
  }
}

}  // namespace
}  // namespace keyferry

int main(int argc, char** argv) {
  const auto document = keyferry::parse_json(keyferry::file_named_by("KEYFERRY_BENCH_DOCUMENT"));
  if (!document.ok()) keyferry::give_up(document.error().message());
  keyferry::register_all(*document);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
