#include "os/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "os/system_clock.h"

namespace keyferry {
namespace {

// Ends when the stop comes; a test that waits for ever is ended by CTest.
void wait_for(const std::stop_token& stop) {
  std::promise<void> came;
  const std::stop_callback told(stop, [&] { came.set_value(); });
  came.get_future().wait();
}

// Ends a hardened process, with 0 where it is hard.
[[noreturn]] void exit_as_hardened() {
  if (!harden_process().ok()) _exit(2);
  rlimit core{};
  getrlimit(RLIMIT_CORE, &core);
  const bool silent =
      core.rlim_cur == 0 && core.rlim_max == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
  int ends[2];
  if (pipe(ends) != 0) _exit(3);
  close(ends[0]);
  const bool refused = write(ends[1], "x", 1) < 0;  // and we are still here to see it
  _exit(silent && refused ? 0 : 1);
}

// In a process of its own: what is hardened stays so.
TEST(Process, AHardenedProcessLeavesNoCoreAndOutlivesBrokenPipes) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(exit_as_hardened(), testing::ExitedWithCode(0), "");
}

TEST(SignalStop, EachOfItsSignalsRequestsTheStop) {
  for (const int number : {SIGTERM, SIGINT}) {
    const SignalStop signals;
    EXPECT_FALSE(signals.token().stop_requested());
    EXPECT_EQ(signals.signal(), 0);
    ASSERT_EQ(kill(getpid(), number), 0);
    wait_for(signals.token());
    EXPECT_EQ(signals.signal(), number);
  }
}

TEST(SignalStop, ItEndsWithoutASignal) {
  std::stop_token token;
  {
    const SignalStop signals;
    token = signals.token();
  }
  EXPECT_FALSE(token.stop_requested());
}

TEST(SignalStop, ASecondSignalEndsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        const SignalStop signals;
        kill(getpid(), SIGTERM);
        wait_for(signals.token());
        kill(getpid(), SIGINT);
        for (;;) pause();  // until the thread of signals ends us
      },
      testing::ExitedWithCode(128 + SIGINT), "");
}

TEST(SystemClock, AWaitEndsWithItsTimeOrItsStop) {
  SystemClock clock;
  std::stop_source stop;
  EXPECT_TRUE(clock.wait_until(clock.steady_now(), stop.get_token())) << "that time is over";
  std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_FALSE(clock.wait_for(std::chrono::hours(1), stop.get_token()));
  EXPECT_FALSE(clock.wait_for(std::chrono::hours(1), stop.get_token())) << "stopped already";
  const SteadyTime before = clock.steady_now();
  EXPECT_LE(before, clock.steady_now());
  EXPECT_GT(clock.wall_now(), WallTime(std::chrono::hours(24 * 365 * 50)));
}

}  // namespace
}  // namespace keyferry
