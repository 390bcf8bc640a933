#include "kube/queued_event_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/strings.h"
#include "kube/fake_event_recorder.h"
#include "kube/fake_kube_api.h"

namespace keyferry::kube {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::StartsWith;

EventNote note(const std::string& message) {
  return {{"v1", "Pod", "shop", "web-0", "u-1"}, EventType::kNormal, "Rotated", message};
}

class QueuedEventRecorderTest : public testing::Test {
 protected:
  void flush() { EXPECT_TRUE(recorder_.flush({}).ok()); }
  std::vector<Event> written() {
    std::vector<Event> list;
    const auto page = api_.list(events(), {}, {});
    for (const Json& item : page->items) list.push_back(*parse_event(item));
    return list;
  }

  FakeClock clock_;
  FakeKubeApi api_{clock_};
  QueuedEventRecorder recorder_{api_, clock_, {"node1", 5, {}}};
};

TEST_F(QueuedEventRecorderTest, NotesAreWrittenAndCounted) {
  for (const char* message : {"a", "b", "a"}) recorder_.record(note(message));
  flush();
  const auto list = written();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].message, "a");
  EXPECT_EQ(list[0].count, 2);
  EXPECT_EQ(list[0].host, "node1");
  EXPECT_EQ(list[1].count, 1);
  EXPECT_EQ(recorder_.counts(), (EventCounts{3, 0, 0, 0}));
}

TEST_F(QueuedEventRecorderTest, AnEventThatIsGoneIsWrittenAnewWithItsCount) {
  recorder_.record(note("a"));
  flush();
  api_.take_away(events(), written().at(0).meta.object_name());
  recorder_.record(note("a"));
  flush();
  ASSERT_EQ(written().size(), 1U);
  EXPECT_EQ(written()[0].count, 2);
}

TEST_F(QueuedEventRecorderTest, AServerThatIsAwayIsWaitedForButNotForEver) {
  const Error away(ErrorCode::kUnavailable, "away");
  api_.fail("create", events(), away, 3);
  recorder_.record(note("a"));
  flush();
  EXPECT_EQ(written().size(), 1U);
  api_.fail("create", events(), away, 50);
  recorder_.record(note("b"));
  flush();
  EXPECT_EQ(recorder_.counts(), (EventCounts{1, 0, 0, 1}));
}

// Its first try was cut off after it was done.
TEST_F(QueuedEventRecorderTest, AnEventThatIsThereAlreadyIsWritten) {
  api_.fail("create", events(), Error(ErrorCode::kAlreadyExists, "exists"));
  recorder_.record(note("a"));
  flush();
  EXPECT_EQ(recorder_.counts().written, 1U);
}

TEST_F(QueuedEventRecorderTest, WhatIsRefusedIsNotTriedAgain) {
  api_.fail("create", events(), Error(ErrorCode::kPermissionDenied, "forbidden"));
  recorder_.record(note("a"));
  flush();
  EXPECT_EQ(recorder_.counts(), (EventCounts{0, 0, 0, 1}));
  recorder_.record(note("a"));
  flush();
  EXPECT_EQ(written().size(), 1U);  // the next one is new, not a count of none
}

// An API server that does not answer.
class StuckClock final : public Clock {
 public:
  WallTime wall_now() const override { return {}; }
  SteadyTime steady_now() const override { return SteadyTime(1h); }
  bool wait_until(SteadyTime, std::stop_token stop) override {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait(lock, stop, [] { return false; });
    return false;
  }
};

TEST(QueuedEventRecorder, AFullQueueDropsAndNobodyWaits) {
  FakeClock time;
  FakeKubeApi api(time);
  StuckClock clock;
  api.fail("create", events(), Error(ErrorCode::kUnavailable, "away"), 50);
  QueuedEventRecorder recorder(api, clock, {"node1", 5, {}});
  for (int i = 0; i < 20; ++i) recorder.record(note(cat(i)));
  EXPECT_GE(recorder.counts().dropped, 14U);  // one may be on its way
  const Status late = recorder.flush({Deadline{clock.steady_now()}, {}});
  EXPECT_EQ(late.error().code(), ErrorCode::kDeadlineExceeded);
}

TEST(FakeEventRecorder, RemembersWhatItWasTold) {
  FakeEventRecorder recorder;
  recorder.record(note("a"));
  EXPECT_THAT(recorder.lines(), ElementsAre("Normal Rotated Pod shop/web-0: a"));
}

}  // namespace
}  // namespace keyferry::kube
