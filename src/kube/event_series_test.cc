#include "kube/event_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace keyferry::kube {
namespace {

using namespace std::chrono_literals;
using ::testing::StartsWith;

class EventSeriesTest : public testing::Test {
 protected:
  static EventNote note(const std::string& message, const std::string& pod = "web-0") {
    return {{"v1", "Pod", "shop", pod, "u-" + pod}, EventType::kWarning, "MountFailed", message};
  }
  EventStep next(const EventNote& one) {
    return series_.next(one, wall_ + passed_, SteadyTime(1h) + passed_);
  }
  const Event* fresh(const EventStep& step) {
    const auto* made = std::get_if<NewEvent>(&step);
    return made == nullptr ? nullptr : &made->event;
  }

  EventLimits limits_;
  WallTime wall_{std::chrono::seconds(1'700'000'000)};
  Duration passed_{};
  EventSeries series_{limits_, "node1"};
};

TEST_F(EventSeriesTest, ANoteBecomesAnEventOfItsObject) {
  const EventStep step = next(note("no such file"));
  const Event* event = fresh(step);
  ASSERT_NE(event, nullptr);
  EXPECT_THAT(event->meta.name, StartsWith("web-0."));
  EXPECT_EQ(event->meta.namespace_name, "shop");
  EXPECT_EQ(event->about.uid, "u-web-0");
  EXPECT_EQ(event->type, "Warning");
  EXPECT_EQ(event->host, "node1");
  EXPECT_EQ(event->component, "keyferry-node");
  EXPECT_EQ(event->count, 1);
  EXPECT_EQ(event->first_seen, wall_);
}

TEST_F(EventSeriesTest, TheSameNoteAgainIsCounted) {
  const std::string name = fresh(next(note("a")))->meta.name;
  passed_ = 5min;
  const EventStep step = next(note("a"));
  const auto* counted = std::get_if<CountedEvent>(&step);
  ASSERT_NE(counted, nullptr);
  EXPECT_EQ(counted->event.meta.name, name);
  EXPECT_EQ(counted->event.count, 2);
  EXPECT_EQ(counted->event.first_seen, wall_);
  EXPECT_EQ(counted->event.last_seen, wall_ + 5min);
}

TEST_F(EventSeriesTest, AnotherOneIsAnotherEvent) {
  std::set<std::string> names;
  names.insert(fresh(next(note("a")))->meta.name);
  names.insert(fresh(next(note("b")))->meta.name);
  names.insert(fresh(next(note("a", "web-1")))->meta.name);
  EventNote normal = note("a");
  normal.type = EventType::kNormal;
  names.insert(fresh(next(normal))->meta.name);
  EXPECT_EQ(names.size(), 4U);
  passed_ = 11min;  // the first one is over
  names.insert(fresh(next(note("a")))->meta.name);
  EXPECT_EQ(names.size(), 5U);
}

TEST_F(EventSeriesTest, WhatIsForgottenIsWrittenAnew) {
  next(note("a"));
  series_.forget(note("a"));
  EXPECT_NE(fresh(next(note("a"))), nullptr);
}

TEST_F(EventSeriesTest, OneObjectDoesNotTalkWithoutEnd) {
  for (int i = 0; i < 25; ++i) EXPECT_NE(fresh(next(note(std::to_string(i)))), nullptr) << i;
  EXPECT_TRUE(std::holds_alternative<TooMany>(next(note("one more"))));
  EXPECT_TRUE(std::holds_alternative<TooMany>(next(note("1"))));
  EXPECT_NE(fresh(next(note("a", "web-1"))), nullptr);
  passed_ = 5min;
  EXPECT_NE(fresh(next(note("one more"))), nullptr);
  EXPECT_TRUE(std::holds_alternative<TooMany>(next(note("two more"))));
}

TEST_F(EventSeriesTest, TextsAreCutToWhatTheApiTakes) {
  const EventStep step = next(note(std::string(1023, 'x') + "ä", std::string(253, 'p')));
  EXPECT_EQ(fresh(step)->message, std::string(1023, 'x'));
  EXPECT_LE(fresh(step)->meta.name.size(), 253U);
  EventNote node = note("a");
  node.about.namespace_name.clear();
  EXPECT_EQ(fresh(next(node))->meta.namespace_name, "default");
}

TEST_F(EventSeriesTest, WhatIsKnownIsBounded) {
  limits_.most_known = 2;
  EventSeries series(limits_, "node1");
  const auto is_new = [&](const EventNote& one) {
    return std::holds_alternative<NewEvent>(series.next(one, wall_, SteadyTime(1h)));
  };
  EXPECT_TRUE(is_new(note("a")));
  EXPECT_TRUE(is_new(note("b")));
  EXPECT_FALSE(is_new(note("a")));
  EXPECT_TRUE(is_new(note("c")));  // b was unseen for longest
  EXPECT_FALSE(is_new(note("a")));
  EXPECT_TRUE(is_new(note("b")));
}

}  // namespace
}  // namespace keyferry::kube
