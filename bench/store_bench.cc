// A fetch of one class from its store, for a pod that has to log in, against the bare requests:
// what the fetch sent is recorded once and then sent again with one libcurl handle to the same
// server.
//
//   KEYFERRY_BENCH_SPC       manifest with the SecretProviderClass; its parameters name the server
//   KEYFERRY_BENCH_AUDIENCE  of the service account's token
//   KEYFERRY_BENCH_TOKEN     file with it
//   KEYFERRY_BENCH_CA        authority of the server's certificate; "" for plain http
#include <benchmark/benchmark.h>
#include <curl/curl.h>

#include <atomic>
#include <barrier>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/strings.h"
#include "fetch/fetcher.h"
#include "identity/file_token_source.h"
#include "manifest/manifest.h"
#include "net/curl_http.h"
#include "os/dir.h"
#include "os/process.h"
#include "os/system_clock.h"

namespace keyferry {
namespace {

[[noreturn]] void give_up(std::string_view why) {
  std::fprintf(stderr, "store_bench: %.*s\n", static_cast<int>(why.size()), why.data());
  std::exit(1);
}

manifest::SecretProviderClass the_class() {
  const std::string file = environment_variable("KEYFERRY_BENCH_SPC");
  const auto text = read_file(file, 1 << 20);
  if (!text.ok()) give_up(text.error().message());
  manifest::Manifests manifests;
  manifest::parse_manifest(text->expose(), file, manifests);
  if (manifests.secret_provider_classes.size() != 1) give_up("not one SecretProviderClass");
  return std::move(manifests.secret_provider_classes.front());
}

// Counts what is sent.
class CountingHttp final : public Http {
 public:
  Result<Response> send(const Request& request, Deadline deadline) override {
    ++sent;
    return http_->send(request, deadline);
  }
  std::atomic<int> sent = 0;

 private:
  std::unique_ptr<Http> http_ = make_curl_http();
};

// Remembers what is sent.
class RecordingHttp final : public Http {
 public:
  Result<Response> send(const Request& request, Deadline deadline) override {
    sent.push_back(copy_of(request));
    return http_->send(request, deadline);
  }
  std::vector<Request> sent;

 private:
  std::unique_ptr<Http> http_ = make_curl_http();
};

// A store behind a fetcher; each fetch is for another identity and logs in.
class Subject {
 public:
  explicit Subject(Http& http, manifest::SecretProviderClass spc = the_class(),
                   Duration freshness = Duration::zero())
      : spc_(std::move(spc)),
        tokens_(std::map<std::string, std::string>{{environment_variable("KEYFERRY_BENCH_AUDIENCE"),
                                                    environment_variable("KEYFERRY_BENCH_TOKEN")}}),
        store_(stores::store_kind_of(spc_.provider)->make({http, clock_})),
        fetcher_(*store_, clock_, freshness) {}

  void fetch() { benchmark::DoNotOptimize(fetch_as(cat("shop-", ++round_), "uid")); }

  // For one pod of a service account.
  fetch::Answer fetch_as(const std::string& account, const std::string& pod_uid) {
    const stores::PodIdentity pod{"web", "shop", pod_uid, account,
                                  "arn:aws:iam::123456789012:role/shop"};
    const Deadline deadline = Deadline::in(clock_, std::chrono::seconds(30));
    auto answer = fetcher_.fetch({pod, spc_, tokens_, deadline, {}});
    if (!answer.ok()) give_up(answer.error().message());
    return std::move(answer).value();
  }

 private:
  SystemClock clock_;
  manifest::SecretProviderClass spc_;
  FileTokenSource tokens_;
  std::unique_ptr<stores::Store> store_;
  fetch::Fetcher fetcher_;
  int round_ = 0;
};

std::size_t append_to(char* data, std::size_t, std::size_t size, void* text) {
  static_cast<std::string*>(text)->append(data, size);
  return size;
}

// Sends one request again, on a handle that keeps its connection.
void send_again(CURL* handle, const Request& request) {
  std::string answer;
  curl_slist* headers = nullptr;
  for (const Header& header : request.headers) {
    headers = curl_slist_append(headers, cat(header.name, ": ", header.value).c_str());
  }
  for (const SecretHeader& header : request.secret_headers) {
    headers = curl_slist_append(headers, cat(header.name, ": ", header.value.expose()).c_str());
  }
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, append_to);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
  const std::string authority = environment_variable("KEYFERRY_BENCH_CA");
  if (!authority.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, authority.c_str());
  if (request.method == "GET") {
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.expose().data());
  }
  const CURLcode code = curl_easy_perform(handle);
  curl_slist_free_all(headers);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (code != CURLE_OK) give_up(curl_easy_strerror(code));
  if (status >= 300) give_up(cat("a request that was sent again: HTTP ", status));
  benchmark::DoNotOptimize(answer);
}

void bare_requests(benchmark::State& state) {
  RecordingHttp http;
  Subject subject(http);
  subject.fetch();  // what is learnt once (a challenge) is no part of a fetch
  http.sent.clear();
  subject.fetch();
  CURL* handle = curl_easy_init();
  for (auto _ : state) {
    for (const Request& request : http.sent) send_again(handle, request);
  }
  curl_easy_cleanup(handle);
  state.counters["requests"] = static_cast<double>(http.sent.size());
}
BENCHMARK(bare_requests)->Unit(benchmark::kMicrosecond);

void fetch(benchmark::State& state) {
  const auto http = make_curl_http();
  Subject subject(*http);
  subject.fetch();
  for (auto _ : state) subject.fetch();
}
BENCHMARK(fetch)->Unit(benchmark::kMicrosecond);

// The same class, each object at the version it has now; the class as it is where its store knows
// no such field.
manifest::SecretProviderClass pinned(const std::map<std::string, std::string>& versions) {
  manifest::SecretProviderClass spc = the_class();
  if (spc.provider != "aws" && spc.provider != "azure") return spc;
  const bool in_array = spc.provider == "azure";
  std::string objects = in_array ? "array:\n" : "";
  for (const auto& [name, version] : versions) {
    const std::string object =
        cat("{objectName: ", name, ", objectType: ", in_array ? "secret" : "secretsmanager",
            ", objectVersion: ", version, "}");
    objects += in_array ? cat("- '", object, "'\n") : cat("- ", object, "\n");
  }
  spc.parameters["objects"].value = objects;
  return spc;
}

// A look at a set whose versions are named and held: decided without a request.
void refresh_held(benchmark::State& state) {
  CountingHttp http;
  const auto versions = Subject(http).fetch_as("shop", "uid").set->versions();
  Subject subject(http, pinned(versions));
  (void)subject.fetch_as("shop", "uid");
  http.sent = 0;
  for (auto _ : state) benchmark::DoNotOptimize(subject.fetch_as("shop", "uid"));
  state.counters["requests"] =
      static_cast<double>(http.sent) / static_cast<double>(state.iterations());
}
BENCHMARK(refresh_held)->Unit(benchmark::kMicrosecond);

// 300 pods of one service account at once.
void mounts_at_once(benchmark::State& state) {
  constexpr int kMounts = 300;
  CountingHttp http;
  Subject subject(http, the_class(), std::chrono::minutes(1));
  (void)subject.fetch_as("first", "uid");  // what is learnt once
  http.sent = 0;
  (void)subject.fetch_as("one", "uid");
  const int for_one = http.sent;
  int round = 0;
  for (auto _ : state) {
    http.sent = 0;
    const std::string account = cat("many-", ++round);
    std::barrier all_there(kMounts);
    std::vector<std::jthread> mounts;
    for (int i = 0; i < kMounts; ++i) {
      mounts.emplace_back([&, i] {
        all_there.arrive_and_wait();
        (void)subject.fetch_as(account, std::to_string(i));
      });
    }
  }
  state.counters["requests"] = http.sent.load();
  state.counters["for_one"] = for_one;
}
BENCHMARK(mounts_at_once)->Unit(benchmark::kMicrosecond)->Iterations(1);

}  // namespace
}  // namespace keyferry

BENCHMARK_MAIN();
