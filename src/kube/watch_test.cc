#include "kube/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "base/fake_clock.h"
#include "base/strings.h"
#include "kube/fake_kube_api.h"

namespace keyferry::kube {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;

Json object(const std::string& name, const std::string& version = "1") {
  Json json;
  json.set("metadata",
           Json().set("name", name).set("namespace", "shop").set("resourceVersion", version));
  return json;
}

// What a target was told, a word each.
class Telling final : public WatchTarget {
 public:
  void list_begins() override { words.push_back("list"); }
  void listed(Json item) override { words.push_back(cat("+", name_of(item))); }
  void list_ends() override { words.push_back("end"); }
  void changed(WatchEvent event) override {
    static const std::map<EventKind, std::string> signs = {{EventKind::kOpened, "opened "},
                                                           {EventKind::kAdded, "added "},
                                                           {EventKind::kModified, "modified "},
                                                           {EventKind::kDeleted, "deleted "},
                                                           {EventKind::kBookmark, "bookmark "}};
    words.push_back(cat(signs.at(event.kind), name_of(event.object)));
  }
  void contacted(SteadyTime) override { ++contacts; }
  void troubled(const Error& error) override { words.push_back(cat("trouble: ", error.message())); }

  std::vector<std::string> words;
  int contacts = 0;

 private:
  static std::string name_of(const Json& item) {
    return std::string(item.find("metadata")->text_of("name"));
  }
};

const Error kNotHere(ErrorCode::kUnimplemented, "not played");

// An API that plays lists and watches in turn, and stops the loop when the play is over.
class PlayedApi final : public KubeApi {
 public:
  using Told = std::function<void(WatchEvent)>;
  using List = std::function<Result<Page>(const ListOptions&)>;
  using Watched = std::function<Status(const Told&)>;

  void when_listed(List one) { lists_.push_back(std::move(one)); }
  void has(const std::vector<Json>& items, const std::string& version) {
    when_listed([=](const ListOptions&) { return Page{items, "", version}; });
  }
  void when_watched(Watched one) { watches_.push_back(std::move(one)); }
  // A watch that is taken, tells these and ends after a minute.
  void tells(const std::vector<WatchEvent>& events, const Status& end) {
    when_watched([=, this](const Told& told) {
      told({});
      for (const WatchEvent& event : events) told(event);
      clock_.tick(60s);
      return end;
    });
  }
  void run(WatchTarget& target) {
    WatchLoop loop(*this, clock_, {pods(), "shop", "app=web", "spec.nodeName=node1"}, target);
    loop.run(stop_.get_token());
  }
  // "list 0", "watch 7" of every call.
  const std::vector<std::string>& asked() const { return asked_; }
  std::vector<Duration> waits() const { return clock_.waits(); }
  FakeClock& clock() { return clock_; }

  Result<Page> list(const Resource&, const ListOptions& options, const Patience&) override {
    asked_.push_back(cat("list ", options.not_older_than.value_or("newest"),
                         options.next.empty() ? "" : cat(" after ", options.next)));
    EXPECT_EQ(options.namespace_name, "shop");
    EXPECT_EQ(options.label_selector, "app=web");
    EXPECT_EQ(options.field_selector, "spec.nodeName=node1");
    if (lists_.empty()) return over();
    const List part = std::move(lists_.front());
    lists_.pop_front();
    return part(options);
  }
  Status watch(const Resource&, const WatchOptions& options, const Told& told,
               const Patience& patience) override {
    asked_.push_back(cat("watch ", options.resource_version));
    EXPECT_EQ(options.field_selector, "spec.nodeName=node1");
    EXPECT_GE(options.server_ends_in, 240s);
    EXPECT_LE(options.server_ends_in, 300s);
    EXPECT_EQ(patience.deadline.left(clock_), options.server_ends_in + 15s);
    if (watches_.empty()) return over();
    const Watched part = std::move(watches_.front());
    watches_.pop_front();
    return part(told);
  }
  Result<Json> get(const Resource&, const ObjectName&, const Patience&) override {
    return kNotHere;
  }
  Result<Json> create(const Resource&, const Json&, const Patience&) override { return kNotHere; }
  Result<Json> update(const Resource&, const Json&, Part, const Patience&) override {
    return kNotHere;
  }
  Result<Json> apply(const Resource&, const Json&, const ApplyOptions&, const Patience&) override {
    return kNotHere;
  }
  Result<Json> merge(const Resource&, const ObjectName&, const Json&, Part,
                     const Patience&) override {
    return kNotHere;
  }
  Status remove(const Resource&, const ObjectName&, const Preconditions&,
                const Patience&) override {
    return kNotHere;
  }
  Result<IssuedToken> issue_token(const ObjectName&, const TokenRequest&,
                                  const Patience&) override {
    return kNotHere;
  }

 private:
  Error over() {
    stop_.request_stop();
    return Error(ErrorCode::kCancelled, "the play is over");
  }

  FakeClock clock_;
  std::deque<List> lists_;
  std::deque<Watched> watches_;
  std::vector<std::string> asked_;
  std::stop_source stop_;
};

WatchEvent added(const std::string& name, const std::string& version) {
  return {EventKind::kAdded, object(name, version)};
}
const Error kAway(ErrorCode::kUnavailable, "connection refused");
const Error kTooOld(ErrorCode::kOutOfRange, "too old resource version");

TEST(WatchLoop, AListThenEveryChangeAfterIt) {
  PlayedApi api;
  Telling told;
  api.has({object("a"), object("b")}, "7");
  api.tells({added("c", "8"),
             {EventKind::kModified, object("a", "9")},
             {EventKind::kDeleted, object("b", "10")}},
            {});
  api.run(told);
  EXPECT_THAT(told.words,
              ElementsAre("list", "+a", "+b", "end", "added c", "modified a", "deleted b"));
  EXPECT_THAT(api.asked(), ElementsAre("list 0", "watch 7", "watch 10"));
  EXPECT_THAT(api.waits(), ElementsAre());  // a watch that ended in time is no failure
}

TEST(WatchLoop, PagesAreOneList) {
  PlayedApi api;
  Telling told;
  api.when_listed([](const ListOptions&) { return Page{{object("a")}, "more", "7"}; });
  api.when_listed([](const ListOptions&) { return Page{{object("b")}, "", "7"}; });
  api.run(told);
  EXPECT_THAT(told.words, ElementsAre("list", "+a", "+b", "end"));
  EXPECT_THAT(api.asked(), ElementsAre("list 0", "list 0 after more", "watch 7"));
}

TEST(WatchLoop, AfterACutItWatchesOnFromTheLastVersionSeen) {
  PlayedApi api;
  Telling told;
  api.has({}, "7");
  api.tells({added("a", "12")}, kAway);
  api.tells({{EventKind::kBookmark, object("", "20")}}, kAway);
  api.tells({}, kAway);
  api.run(told);
  EXPECT_THAT(api.asked(), ElementsAre("list 0", "watch 7", "watch 12", "watch 20", "watch 20"));
  EXPECT_THAT(told.words,
              ElementsAre("list", "end", "added a", "trouble: connection refused",
                          "trouble: connection refused", "trouble: connection refused"));
}

TEST(WatchLoop, AVersionThatIsTooOldMeansAListOfAtLeastThatAge) {
  PlayedApi api;
  Telling told;
  api.has({object("a")}, "7");
  api.tells({added("b", "9")}, kTooOld);
  api.has({object("b")}, "30");
  api.run(told);
  EXPECT_THAT(api.asked(), ElementsAre("list 0", "watch 7", "list 9", "watch 30"));
  EXPECT_THAT(told.words, ElementsAre("list", "+a", "end", "added b", "list", "+b", "end"));
}

// After etcd was restored from an old backup no server ever has the version that was seen.
TEST(WatchLoop, AVersionThatNobodyHasIsAskedForOnlyOnce) {
  PlayedApi api;
  Telling told;
  api.has({object("a")}, "7");
  api.tells({}, kTooOld);
  api.when_listed([](const ListOptions&) { return kTooOld; });
  api.has({object("b")}, "3");
  api.run(told);
  EXPECT_THAT(api.asked(), ElementsAre("list 0", "watch 7", "list 7", "list newest", "watch 3"));
}

TEST(WatchLoop, AContinueTokenThatIsTooOldBeginsTheListAnew) {
  PlayedApi api;
  Telling told;
  api.when_listed([](const ListOptions&) { return Page{{object("a")}, "more", "7"}; });
  api.when_listed([](const ListOptions&) { return kTooOld; });
  api.has({object("b")}, "9");
  api.run(told);
  EXPECT_THAT(api.asked(), ElementsAre("list 0", "list 0 after more", "list newest", "watch 9"));
  EXPECT_THAT(told.words, ElementsAre("list", "+a", "list", "+b", "end"));
}

TEST(WatchLoop, AnyOtherEndOfAWatchMeansAListToo) {
  PlayedApi api;
  Telling told;
  api.has({}, "7");
  api.tells({}, Error(ErrorCode::kPermissionDenied, "forbidden"));
  api.has({}, "8");
  api.run(told);
  EXPECT_THAT(api.asked(), ElementsAre("list 0", "watch 7", "list 7", "watch 8"));
  EXPECT_THAT(told.words, ElementsAre("list", "end", "trouble: forbidden", "list", "end"));
}

TEST(WatchLoop, AServerThatIsAwayIsTriedLessAndLess) {
  PlayedApi api;
  Telling told;
  for (int i = 0; i < 12; ++i) api.when_listed([](const ListOptions&) { return kAway; });
  api.run(told);
  ASSERT_EQ(api.waits().size(), 12U);
  EXPECT_THAT(api.waits(), Each(Ge(Duration(100ms))));
  EXPECT_THAT(api.waits(), Each(Le(Duration(30s))));
  EXPECT_LE(api.waits()[0], 800ms);
  EXPECT_LE(api.waits()[1], 1600ms);
}

TEST(WatchLoop, WhatTheServerAsksForIsWaited) {
  PlayedApi api;
  Telling told;
  Error busy(ErrorCode::kResourceExhausted, "too many requests");
  busy.set_retry_after(7s);
  api.when_listed([busy](const ListOptions&) { return busy; });
  api.run(told);
  EXPECT_THAT(api.waits(), ElementsAre(7s));
}

// A proxy in front of no server once had a watch asked for without end.
TEST(WatchLoop, AWatchThatEndsAtOnceIsAFailure) {
  PlayedApi api;
  Telling told;
  api.has({}, "7");
  for (int i = 0; i < 3; ++i) {
    api.when_watched([](const auto& hear) {
      hear({});
      return Status();
    });
  }
  api.run(told);
  EXPECT_EQ(api.waits().size(), 3U);
}

TEST(WatchLoop, AListWithoutAVersionIsNone) {
  PlayedApi api;
  Telling told;
  api.has({}, "");
  api.run(told);
  EXPECT_EQ(api.waits().size(), 1U);
  EXPECT_THAT(told.words, ElementsAre("list", "trouble: the list has no resource version", "list"));
}

TEST(WatchLoop, TheServerWasHeardWhereItListsTakesOrTells) {
  PlayedApi api;
  Telling told;
  api.has({}, "7");
  api.tells({{EventKind::kBookmark, object("", "9")}}, kAway);
  api.run(told);
  EXPECT_EQ(told.contacts, 3);
}

}  // namespace
}  // namespace keyferry::kube
