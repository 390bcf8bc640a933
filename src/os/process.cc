#include "os/process.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <thread>

#include "base/strings.h"

namespace keyferry {

namespace {

Error system_error(std::string_view operation) {
  return Error(ErrorCode::kInternal, cat(operation, ": ", strerrordesc_np(errno)));
}

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

// A descriptor that the one who started us closed would be given to the next file: what is printed
// would go into it. Opened for reading, so that writing still fails.
Status keep_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    if (::open("/dev/null", O_RDONLY) != fd) return system_error("open /dev/null");
  }
  return {};
}

}  // namespace

std::string environment_variable(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

Status harden_process() {
  KF_TRY(keep_standard_descriptors());
  const rlimit no_core = {0, 0};
  if (setrlimit(RLIMIT_CORE, &no_core) != 0) return system_error("setrlimit(RLIMIT_CORE)");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return system_error("prctl(PR_SET_DUMPABLE)");
  if (::signal(SIGPIPE, SIG_IGN) == SIG_ERR) return system_error("signal(SIGPIPE)");
  return {};
}

struct SignalStop::State {
  std::atomic<int> signal = 0;
  std::atomic<bool> ending = false;
  std::thread thread;
};

SignalStop::SignalStop() : state_(new State) {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  state_->thread = std::thread([this, set] {
    for (;;) {
      int number = 0;
      if (sigwait(&set, &number) != 0 || state_->ending) return;
      if (state_->signal.exchange(number) != 0) _exit(128 + number);
      stop_.request_stop();
    }
  });
}

SignalStop::~SignalStop() {
  state_->ending = true;
  // Blocked in every thread: it wakes the one that waits for it, and ends nothing.
  // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread)
  pthread_kill(state_->thread.native_handle(), SIGTERM);
  state_->thread.join();
  delete state_;
}

int SignalStop::signal() const { return state_->signal; }

}  // namespace keyferry
