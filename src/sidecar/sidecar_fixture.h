#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fake_clock.h"
#include "net/fake_http.h"
#include "os/fake_watch.h"
#include "runtime/fake_runtime_admin.h"
#include "sidecar/sidecar.h"
#include "volume/temp_volume.h"

namespace keyferry::sidecar {

using Files = std::map<std::string, std::string>;

// A whole small set: a database with a password, and passwords of admin and debugger.
inline Files good_files(const Files& changes = {}) {
  Files files = {{"database-type", "PostgreSQL"},     {"database-host", "pg:5432"},
                 {"database-name", "shop"},           {"database-username", "shop"},
                 {"database-password", "pw-one!"},    {"mx-admin-password", "Admin-one-1!"},
                 {"mx-debugger-password", "debug-1"}, {"mx-const-Shop.Title", "title-one"}};
  for (const auto& [name, text] : changes) {
    files[name] = text;
    if (text == "(gone)") files.erase(name);
  }
  return files;
}

// A sidecar between a real volume and a scripted runtime, on a clock that ticks. The runtime is
// created and runs after its start, unless a test says otherwise.
class SidecarFixture : public testing::Test {
 protected:
  SidecarFixture() {
    app_.meta.kind = "MendixApp";
    app_.meta.name = "shop";
    app_.allow_override = true;
    app_.runtime_version = "10.24.14";
    options_.secrets_dir = volume_.path();
    admin_.answer("about", 0, R"({"version":"10.24.14.5"})");
    state("created");
    then_state("running");
  }

  // What runtime_status says from now on.
  void state(const std::string& state) {
    admin_.answer_only("runtime_status", 0, cat("{\"status\":\"", state, "\"}"));
  }
  void then_state(const std::string& state) {
    admin_.answer("runtime_status", 0, cat("{\"status\":\"", state, "\"}"));
  }

  void write(const Files& files) {
    std::vector<volume::WantedFile> wanted;
    for (const auto& [name, text] : files) wanted.push_back({name, text});
    const auto random = [this] { return std::to_string(++writes_); };
    ASSERT_TRUE(volume::write_set(volume_.dir(), wanted, {clock_, random}).ok());
  }

  // Runs the sidecar through all that `watch_` has in store.
  Status run() {
    Sidecar sidecar(
        {options_, app_, constants_, admin_, board_, metrics_, clock_, watch_, http_, kept_.get()});
    return sidecar.run(stop_.get_token());
  }

  // A sidecar runs beside the runtime and ends; the next one finds the runtime running.
  void run_and_be_restarted() {
    ASSERT_TRUE(run().ok());
    admin_.new_actions();
    state("running");
  }
  void keep_state() {
    state_.emplace();
    kept_ = open_state(state_->path());
  }

  std::string trouble() const {
    const auto report = board_.read();
    return report->trouble ? report->trouble->message() : "";
  }
  // The last call of an action, "" when there was none.
  std::string last_call(const std::string& action) const {
    std::string last;
    for (const std::string& call : admin_.calls()) {
      if (call.starts_with(action + " ")) last = call;
    }
    return last;
  }
  std::ptrdiff_t count_of(const std::string& action) const {
    return std::count_if(admin_.calls().begin(), admin_.calls().end(),
                         [&](const std::string& call) { return call.starts_with(action + " "); });
  }
  std::string metrics_text() const { return metrics_.render(*board_.read(), clock_.steady_now()); }

  volume::TempVolume volume_;
  FakeClock clock_;
  FakeWatch watch_{clock_};
  FakeHttp http_;
  runtime::FakeRuntimeAdmin admin_;
  StatusBoard board_;
  Metrics metrics_;
  manifest::MendixApp app_;
  std::optional<std::vector<catalog::ModelConstant>> constants_;
  SidecarOptions options_;
  std::optional<volume::TempVolume> state_;
  std::unique_ptr<KeptState> kept_;  // null: the sidecar remembers nothing
  std::stop_source stop_;

 private:
  int writes_ = 0;
};

}  // namespace keyferry::sidecar
