// A pull of the walk-through's 15 objects over a kept connection, against the bare requests that it
// cannot do without: one login and three reads with one libcurl handle. The server is the same.
//
//   KEYFERRY_BENCH_SPC    manifest with the SecretProviderClass (its vaultAddress is the server)
//   KEYFERRY_BENCH_TOKEN  file with the service account's token
#include <benchmark/benchmark.h>
#include <curl/curl.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "bare_write.h"
#include "base/strings.h"
#include "fetch/fetcher.h"
#include "identity/file_token_source.h"
#include "manifest/manifest.h"
#include "net/curl_http.h"
#include "os/dir.h"
#include "os/system_clock.h"
#include "volume/atomic_writer.h"
#include "volume/temp_volume.h"

namespace keyferry {
namespace {

constexpr std::size_t kLargest = 1 << 20;

[[noreturn]] void give_up(std::string_view why) {
  std::fprintf(stderr, "pull_bench: %.*s\n", static_cast<int>(why.size()), why.data());
  std::exit(1);
}

std::string needed(const char* variable) {
  const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): one thread
  if (value == nullptr) give_up(cat(variable, " is not set; run ./run bench"));
  return value;
}

manifest::SecretProviderClass the_class() {
  const std::string file = needed("KEYFERRY_BENCH_SPC");
  const auto text = read_file(file, kLargest);
  if (!text.ok()) give_up(text.error().message());
  manifest::Manifests manifests;
  manifest::parse_manifest(text->expose(), file, manifests);
  if (manifests.secret_provider_classes.size() != 1) give_up("not one SecretProviderClass");
  return std::move(manifests.secret_provider_classes.front());
}

// --- the baseline -------------------------------------------------------------------------------

std::size_t append_to(char* data, std::size_t, std::size_t size, void* text) {
  static_cast<std::string*>(text)->append(data, size);
  return size;
}

// One exchange on a handle that keeps its connection.
std::string exchange(CURL* handle, const std::string& url, const std::string& header,
                     const std::string& body) {
  std::string answer;
  curl_slist* headers = curl_slist_append(nullptr, header.c_str());
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, append_to);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
  if (body.empty()) {
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.c_str());
  }
  const CURLcode code = curl_easy_perform(handle);
  curl_slist_free_all(headers);
  if (code != CURLE_OK) give_up(curl_easy_strerror(code));
  return answer;
}

// The login and the three reads.
class BareClient {
 public:
  BareClient()
      : address_(the_class().parameter("vaultAddress")),
        token_file_(needed("KEYFERRY_BENCH_TOKEN")),
        handle_(curl_easy_init()) {}
  ~BareClient() { curl_easy_cleanup(handle_); }
  BareClient(const BareClient&) = delete;
  BareClient& operator=(const BareClient&) = delete;

  void ask() {
    const auto token = read_file(token_file_, kLargest);
    const std::string login =
        exchange(handle_, address_ + "/v1/auth/kubernetes/login", "Content-Type: application/json",
                 cat(R"({"role":"shop","jwt":")", trim(token->expose()), R"("})"));
    constexpr std::string_view kBefore = "\"client_token\":\"";
    const auto at = login.find(kBefore);
    if (at == std::string::npos) give_up("no token in the login's answer");
    const auto begin = at + kBefore.size();
    const std::string header =
        cat("X-Vault-Token: ", login.substr(begin, login.find('"', begin) - begin));
    for (const char* secret : {"shop-database", "shop-files", "shop-configuration"}) {
      benchmark::DoNotOptimize(
          exchange(handle_, cat(address_, "/v1/secret/data/", secret), header, ""));
    }
  }

 private:
  std::string address_;
  std::string token_file_;
  CURL* handle_;
};

void bare_requests(benchmark::State& state) {
  const auto http = make_curl_http();  // sets libcurl up as the product does
  BareClient client;
  for (auto _ : state) client.ask();
}
BENCHMARK(bare_requests)->Unit(benchmark::kMicrosecond);

void bare_requests_and_files(benchmark::State& state) {
  const auto http = make_curl_http();
  BareClient client;
  volume::TempVolume volume;
  bench::BareWriter writer(volume.dir().descriptor());
  for (auto _ : state) {
    client.ask();
    writer.write(24);
  }
}
BENCHMARK(bare_requests_and_files)->Unit(benchmark::kMicrosecond);

// --- the product --------------------------------------------------------------------------------

enum class Write { kNone, kSame, kChanged };

std::vector<volume::WantedFile> wanted_files(const fetch::SecretSet& set) {
  std::vector<volume::WantedFile> files;
  for (const auto& [id, file] : set.files) {
    files.push_back({file->path, file->contents.expose(), file->mode.value_or(0644)});
  }
  return files;
}

// Every round is another pod's: it logs in and asks for everything. Kept are the connection and the
// class as it was read. kChanged: one file is another each time, so every round writes a new set.
void pull(benchmark::State& state, Write write) {
  SystemClock clock;
  const auto http = make_curl_http();
  const auto spc = the_class();
  FileTokenSource tokens({{"vault", needed("KEYFERRY_BENCH_TOKEN")}});
  volume::TempVolume volume;
  const auto kind = stores::store_kind_of(spc.provider);
  const auto store = kind->make({*http, clock});
  fetch::Fetcher fetcher(*store, clock);
  const std::string_view turns[] = {"one", "two"};
  std::size_t round = 0;
  for (auto _ : state) {
    const Deadline deadline = Deadline::in(clock, std::chrono::seconds(30));
    // A new identity each time, so that each round logs in.
    const stores::PodIdentity pod{"web", "shop", "", cat("shop-", ++round)};
    const auto answer = fetcher.fetch({pod, spc, tokens, deadline, {}});
    if (!answer.ok()) give_up(answer.error().message());
    if (write == Write::kNone) continue;
    auto files = wanted_files(*answer->set);
    if (write == Write::kChanged) files.front().contents = turns[round % 2];
    const auto written = write_set(volume.dir(), files, {clock, volume::random_digits});
    if (!written.ok()) give_up(written.error().message());
  }
}
BENCHMARK_CAPTURE(pull, asked_only, Write::kNone)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(pull, unchanged, Write::kSame)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(pull, changed, Write::kChanged)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace keyferry

BENCHMARK_MAIN();
