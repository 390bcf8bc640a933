// What one identity's many mounts cost.
//
//   fetch_bench mounts N     N pods of one service account ask at the same moment, once; the store
//                            counts what reached it
//   fetch_bench refreshes N  N pods of one service account look again and again: microseconds of a
//                            look answered from the set that is held, and of one that asks the
//                            store
//
// Environment as of pull_bench. The answer is one line of JSON.
#include <cstdio>
#include <cstdlib>
#include <latch>
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

using std::chrono::microseconds;

[[noreturn]] void give_up(std::string_view why) {
  std::fprintf(stderr, "fetch_bench: %.*s\n", static_cast<int>(why.size()), why.data());
  std::exit(1);
}

std::string needed(std::string_view variable) {
  std::string value = environment_variable(variable);
  if (value.empty()) give_up(cat(variable, " is not set; run ./run bench"));
  return value;
}

manifest::SecretProviderClass the_class() {
  constexpr std::size_t kLargest = 1 << 20;
  const std::string file = needed("KEYFERRY_BENCH_SPC");
  const auto text = read_file(file, kLargest);
  if (!text.ok()) give_up(text.error().message());
  manifest::Manifests manifests;
  manifest::parse_manifest(text->expose(), file, manifests);
  if (manifests.secret_provider_classes.size() != 1) give_up("not one SecretProviderClass");
  return std::move(manifests.secret_provider_classes.front());
}

// One store behind a fetcher, as a node has it.
class Node {
 public:
  explicit Node(Duration freshness)
      : spc_(the_class()),
        tokens_({{"vault", needed("KEYFERRY_BENCH_TOKEN")}}),
        store_(stores::store_kind_of(spc_.provider)->make({*http_, clock_})),
        fetcher_(*store_, clock_, freshness) {}

  void look(std::size_t pod) {
    const stores::PodIdentity identity{"web", cat("shop-", pod), cat("uid-", pod), "shop"};
    const Deadline deadline = Deadline::in(clock_, std::chrono::seconds(60));
    const auto answer = fetcher_.fetch({identity, spc_, tokens_, deadline, {}});
    if (!answer.ok()) give_up(answer.error().message());
  }

  // Microseconds of one look, the pods in turn, over at least a tenth of a second.
  double microseconds_of_a_look(std::size_t pods) {
    const SteadyTime begin = clock_.steady_now();
    std::size_t looks = 0;
    Duration took{};
    while (took < std::chrono::milliseconds(100) || looks < pods) {
      look(looks++ % pods);
      took = clock_.steady_now() - begin;
    }
    return std::chrono::duration<double, std::micro>(took).count() / static_cast<double>(looks);
  }

 private:
  SystemClock clock_;
  std::unique_ptr<Http> http_ = make_curl_http();
  manifest::SecretProviderClass spc_;
  FileTokenSource tokens_;
  std::unique_ptr<stores::Store> store_;
  fetch::Fetcher fetcher_;
};

void mounts(std::size_t pods) {
  Node node(std::chrono::seconds(60));
  std::latch ready(static_cast<std::ptrdiff_t>(pods));
  {
    std::vector<std::jthread> threads;
    for (std::size_t pod = 0; pod < pods; ++pod) {
      threads.emplace_back([&, pod] {
        ready.arrive_and_wait();
        node.look(pod);
      });
    }
  }
  std::printf("{\"mounts\": %zu}\n", pods);
}

void refreshes(std::size_t pods) {
  Node holding(std::chrono::hours(1));
  Node asking(Duration::zero());
  std::string held;
  std::string asked;
  for (int round = 0; round < 15; ++round) {
    const char* comma = round == 0 ? "" : ", ";
    held += comma + std::to_string(holding.microseconds_of_a_look(pods));
    asked += comma + std::to_string(asking.microseconds_of_a_look(pods));
  }
  std::printf("{\"held\": [%s], \"asked\": [%s]}\n", held.c_str(), asked.c_str());
}

}  // namespace
}  // namespace keyferry

int main(int argc, char** argv) {
  if (argc != 3) keyferry::give_up("needs 'mounts' or 'refreshes' and a number of pods");
  const std::string verb = argv[1];
  const auto pods = static_cast<std::size_t>(std::strtoul(argv[2], nullptr, 10));
  if (pods == 0) keyferry::give_up("the number of pods is not one");
  if (verb == "mounts") {
    keyferry::mounts(pods);
  } else {
    keyferry::refreshes(pods);
  }
  return 0;
}
