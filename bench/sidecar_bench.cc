// What keyferry-sidecar costs: from exec to its first call of the runtime, from a change on the
// disk to update_configuration, and its memory after rotations. Each beside the least that could do
// it.
//
//   sidecar_bench SIDECAR APP_MANIFEST   prints one JSON object: lists of microseconds, and KiB
//
// The runtime here is a double that only keeps the time: what it does with a setting is measured
// nowhere, and must not be.
#include <curl/curl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/strings.h"
#include "formats/json.h"
#include "net/http_server.h"
#include "os/dir.h"
#include "os/dir_watch.h"
#include "os/system_clock.h"
#include "volume/atomic_writer.h"
#include "volume/temp_volume.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX has it so

namespace keyferry {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr int kStarts = 15;
constexpr int kRotations = 60;
constexpr auto kPatience = std::chrono::seconds(20);

[[noreturn]] void give_up(std::string_view why) {
  std::fprintf(stderr, "sidecar_bench: %.*s\n", static_cast<int>(why.size()), why.data());
  std::exit(1);
}

std::int64_t since(steady_clock::time_point begin, steady_clock::time_point end) {
  return std::chrono::duration_cast<microseconds>(end - begin).count();
}

// Answers admin actions as a runtime would that has nothing to do, and notes when they came.
class RuntimeClock {
 public:
  RuntimeClock() {
    ListenOptions listen;
    listen.serving = Serving::kThreadPerConnection;
    auto server = HttpServer::start(listen, [this](const ServerRequest& r) { return answer(r); });
    if (!server.ok()) give_up(server.error().message());
    server_ = std::move(*server);
  }
  std::string url() const { return server_->url() + "/"; }

  // As after the start of its process: not configured, nothing heard.
  void reset() {
    const std::lock_guard lock(mutex_);
    started_ = false;
    first_call_.reset();
    heard_.reset();
  }
  // The next update_configuration that holds this text is what heard() waits for.
  void expect(std::string text) {
    const std::lock_guard lock(mutex_);
    expected_ = std::move(text);
    heard_.reset();
  }
  steady_clock::time_point heard() { return wait_for(heard_, "update_configuration"); }
  steady_clock::time_point first_call() { return wait_for(first_call_, "a call"); }

 private:
  steady_clock::time_point wait_for(const std::optional<steady_clock::time_point>& moment,
                                    std::string_view what) {
    std::unique_lock lock(mutex_);
    if (!news_.wait_for(lock, kPatience, [&] { return moment.has_value(); })) {
      give_up(cat(what, " did not come"));
    }
    return *moment;
  }

  ServerResponse answer(const ServerRequest& request) {
    const auto now = steady_clock::now();
    const std::string_view body = request.body.expose();
    const auto is = [&](std::string_view action) {
      return body.find(cat("\"action\":\"", action, "\"")) != std::string_view::npos;
    };
    const std::lock_guard lock(mutex_);
    if (!first_call_) first_call_ = now;
    if (is("start")) started_ = true;
    if (is("update_configuration") && !heard_ && body.find(expected_) != std::string_view::npos) {
      heard_ = now;
    }
    news_.notify_all();
    std::string_view feedback = "{}";
    if (is("about")) feedback = R"({"version":"10.24.14"})";
    if (is("echo")) feedback = R"({"echo":"pong"})";
    if (is("runtime_status")) {
      feedback = started_ ? R"({"status":"running"})" : R"({"status":"created"})";
    }
    return ServerResponse::of(200, "application/json",
                              cat(R"({"result":0,"feedback":)", feedback, "}"));
  }

  std::mutex mutex_;
  std::condition_variable news_;
  bool started_ = false;
  std::string expected_;
  std::optional<steady_clock::time_point> first_call_;
  std::optional<steady_clock::time_point> heard_;
  std::unique_ptr<HttpServer> server_;
};

// A child process, ended and waited for at the end.
class Child {
 public:
  explicit Child(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0);
    if (posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) {
      give_up(cat("cannot run ", command.front()));
    }
    posix_spawn_file_actions_destroy(&actions);
  }
  ~Child() {
    if (pid_ > 0) kill(pid_, SIGTERM);
    wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void wait() {
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

  // Private memory (RssAnon of proc(5)) in KiB.
  std::int64_t private_memory() const {
    const auto text = read_file(cat("/proc/", pid_, "/status"), 1 << 16);
    if (!text.ok()) give_up(text.error().message());
    constexpr std::string_view kName = "RssAnon:";
    const auto at = text->expose().find(kName);
    if (at == std::string_view::npos) give_up("no RssAnon");
    return std::atoll(text->expose().data() + at + kName.size());
  }

 private:
  pid_t pid_ = -1;
};

// The walk-through's files, with this database password.
void write_files(Dir& dir, const std::string& password) {
  static SystemClock clock;
  const std::vector<volume::WantedFile> files = {
      {"database-type", "PostgreSQL"},
      {"database-jdbc-url", "jdbc:postgresql://pg.example.com:5432/my-app-1?sslmode=prefer"},
      {"database-host", "pg.example.com:5432"},
      {"database-name", "my-app-1"},
      {"database-username", "my-app-user-1"},
      {"database-password", password},
      {"storage-service-name", "com.mendix.storage.s3"},
      {"storage-endpoint", "https://my-app-bucket.s3.eu-west-1.amazonaws.com"},
      {"storage-access-key-id", "AKIAEXAMPLE"},
      {"storage-secret-access-key", "an-example-key"},
      {"storage-bucket-name", "subdirectory"},
      {"storage-perform-delete", "true"},
      {"storage-use-ca-certificates", "true"},
      {"mx-admin-password", "Welc0me!"},
      {"mx-debugger-password", "Welc0me!"}};
  const auto written = write_set(dir, files, {clock, volume::random_digits});
  if (!written.ok()) give_up(written.error().message());
}

std::string password_of(int round) { return cat("Rotated-", round, "-times!"); }

// One admin call as cheap as it gets: one handle, a fresh connection as the real one has.
void post_bare(CURL* handle, const std::string& url, const std::string& body) {
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(
      handle, CURLOPT_WRITEFUNCTION,
      +[](char*, std::size_t, std::size_t size, void*) { return size; });
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.c_str());
  if (curl_easy_perform(handle) != CURLE_OK) give_up("the bare call failed");
}

std::string configuration_with(const std::string& password) {
  return cat(R"({"action":"update_configuration","params":{"DatabasePassword":")", password,
             R"("}})");
}

Json numbers(const std::vector<std::int64_t>& list) {
  Json::Array items;
  for (const std::int64_t number : list) items.emplace_back(number);
  return items;
}

class Bench {
 public:
  Bench(std::string sidecar, std::string app) : sidecar_(std::move(sidecar)), app_(std::move(app)) {
    password_file_ = scratch_.path() + "/password";
    if (!scratch_.dir().write_new_file("password", "an-admin-password", 0600).ok()) {
      give_up("cannot write below /dev/shm");
    }
  }

  Json run() {
    Json figures(Json::Object{});
    write_files(secrets_.dir(), password_of(0));
    measure_starts(figures);
    measure_rotations(figures);
    measure_bare_rotations(figures);
    measure_bare_memory(figures);
    return figures;
  }

 private:
  std::vector<std::string> command() const {
    return {sidecar_,        "--app",       app_,           "--secrets",
            secrets_.path(), "--admin-url", runtime_.url(), "--admin-password-file",
            password_file_,  "--listen",    "127.0.0.1:0"};
  }

  void measure_starts(Json& figures) {
    std::vector<std::int64_t> ours;
    std::vector<std::int64_t> bare;
    for (int i = 0; i < kStarts; ++i) {
      const auto bare_begin = steady_clock::now();
      Child({sidecar_, "--version"}).wait();
      bare.push_back(since(bare_begin, steady_clock::now()));
      runtime_.reset();
      const auto begin = steady_clock::now();
      const Child child(command());
      ours.push_back(since(begin, runtime_.first_call()));
    }
    figures.set("exec_to_first_call", numbers(ours)).set("exec_version", numbers(bare));
  }

  void measure_rotations(Json& figures) {
    runtime_.reset();
    runtime_.expect(password_of(0));
    const Child child(command());
    runtime_.heard();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // the start is over
    std::vector<std::int64_t> took;
    for (int round = 1; round <= kRotations; ++round) {
      took.push_back(rotate(round));
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    figures.set("rotation", numbers(took)).set("private_kib", child.private_memory());
  }

  // From before the write to the call's arrival.
  std::int64_t rotate(int round) {
    runtime_.expect(password_of(round));
    const auto begin = steady_clock::now();
    write_files(secrets_.dir(), password_of(round));
    return since(begin, runtime_.heard());
  }

  // The same with a thread that looks at nothing: it is woken by the rename and calls.
  void measure_bare_rotations(Json& figures) {
    std::stop_source stop;
    std::atomic<int> round = 0;
    DirWatch watch(secrets_.path());
    if (!watch.arm().ok()) give_up("cannot watch");
    std::jthread caller([&] {
      CURL* handle = curl_easy_init();
      while (watch.wait(kPatience, stop.get_token()) == Woken::kChanged) {
        post_bare(handle, runtime_.url(), configuration_with(password_of(round)));
      }
      curl_easy_cleanup(handle);
    });
    std::vector<std::int64_t> took;
    for (int i = 1; i <= kRotations; ++i) {
      round = 1000 + i;
      took.push_back(rotate(1000 + i));
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    stop.request_stop();
    figures.set("rotation_bare", numbers(took));
  }

  void measure_bare_memory(Json& figures) {
    runtime_.reset();
    const Child child({"/proc/self/exe", "--one-call", runtime_.url()});
    runtime_.first_call();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    figures.set("private_kib_bare", child.private_memory());
  }

  std::string sidecar_;
  std::string app_;
  std::string password_file_;
  volume::TempVolume scratch_;
  volume::TempVolume secrets_;
  RuntimeClock runtime_;
};

// The process whose memory is the baseline: libcurl, one call, then nothing.
int call_once(const std::string& url) {
  CURL* handle = curl_easy_init();
  post_bare(handle, url, configuration_with("x"));
  pause();
  return 0;
}

int run(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--one-call") return call_once(argv[2]);
  if (argc != 3) give_up("usage: sidecar_bench SIDECAR APP_MANIFEST");
  std::printf("%s\n", to_text(Bench(argv[1], argv[2]).run()).c_str());
  return 0;
}

}  // namespace
}  // namespace keyferry

int main(int argc, char** argv) { return keyferry::run(argc, argv); }
