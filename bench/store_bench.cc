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

#include <cstdio>
#include <cstdlib>
#include <string>
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
  explicit Subject(Http& http)
      : spc_(the_class()),
        tokens_(std::map<std::string, std::string>{{environment_variable("KEYFERRY_BENCH_AUDIENCE"),
                                                    environment_variable("KEYFERRY_BENCH_TOKEN")}}),
        store_(stores::store_kind_of(spc_.provider)->make({http, clock_})),
        fetcher_(*store_, clock_) {}

  void fetch() {
    const std::string account = cat("shop-", ++round_);
    const stores::PodIdentity pod{"web", "shop", "uid", account,
                                  "arn:aws:iam::123456789012:role/shop"};
    const Deadline deadline = Deadline::in(clock_, std::chrono::seconds(30));
    const auto answer = fetcher_.fetch({pod, spc_, tokens_, deadline, {}});
    if (!answer.ok()) give_up(answer.error().message());
    benchmark::DoNotOptimize(answer);
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

}  // namespace
}  // namespace keyferry

BENCHMARK_MAIN();
