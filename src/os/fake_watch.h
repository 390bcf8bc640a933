#pragma once

#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "base/fake_clock.h"
#include "os/dir_watch.h"

namespace keyferry {

// A Watch for tests: each wait plays the next thing that happens, and moves the clock where that is
// the passing of time. When nothing more is to happen the waiter is told to stop.
class FakeWatch final : public Watch {
 public:
  using Deed = std::function<void()>;

  explicit FakeWatch(FakeClock& clock) : clock_(clock) {}

  // The folder changes, after `deed` was done.
  void change(Deed deed = [] {}) { events_.push_back({Woken::kChanged, std::move(deed)}); }
  // The whole wait passes, then `deed` is done.
  void pass_time(Deed deed = [] {}) { events_.push_back({Woken::kTime, std::move(deed)}); }

  Status arm() override { return {}; }
  Woken wait(Duration at_most, const std::stop_token&) override {
    waits_.push_back(at_most);
    if (events_.empty()) return Woken::kStopped;
    const Event event = std::move(events_.front());
    events_.pop_front();
    if (event.woken == Woken::kTime) clock_.tick(at_most);
    event.deed();
    return event.woken;
  }

  // How long each wait would have been at most.
  const std::vector<Duration>& waits() const { return waits_; }

 private:
  struct Event {
    Woken woken = Woken::kTime;
    Deed deed;
  };

  FakeClock& clock_;
  std::deque<Event> events_;
  std::vector<Duration> waits_;
};

}  // namespace keyferry
