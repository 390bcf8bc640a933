#include "kube/object_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/strings.h"
#include "kube/fake_kube_api.h"
#include "kube/objects.h"

namespace keyferry::kube {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

Json pod(const std::string& name, const std::string& node = "node1") {
  Pod one;
  one.meta.name = name;
  one.meta.namespace_name = "shop";
  one.node_name = node;
  return to_json(one);
}

Json at_version(Json object, const std::string& version) {
  (*object.as_object())["metadata"].set("resourceVersion", version);
  return object;
}

std::string word_of(const ObjectCache<Pod>::Change& change) {
  switch (change.kind) {
    case ChangeKind::kAdded:
      return cat("added ", change.object->meta.name);
    case ChangeKind::kModified:
      return cat("modified ", change.object->meta.name, " ", change.before->node_name, " to ",
                 change.object->node_name);
    case ChangeKind::kDeleted:
      return cat("deleted ", change.object->meta.name);
    case ChangeKind::kSynced:
      return "synced";
  }
  return "";
}

class ObjectCacheTest : public testing::Test {
 protected:
  void lists(const std::vector<Json>& objects) {
    cache_.list_begins();
    for (const Json& object : objects) cache_.listed(object);
    cache_.list_ends();
  }
  std::vector<std::string> heard() { return std::exchange(heard_, {}); }

  std::vector<std::string> heard_;
  ObjectCache<Pod> cache_{parse_pod,
                          [this](const auto& change) { heard_.push_back(word_of(change)); }};
};

TEST_F(ObjectCacheTest, AListMakesItWhole) {
  EXPECT_FALSE(cache_.has_synced());
  lists({at_version(pod("a"), "1"), at_version(pod("b"), "2")});
  EXPECT_TRUE(cache_.has_synced());
  EXPECT_THAT(heard(), ElementsAre("added a", "added b", "synced"));
  EXPECT_EQ(cache_.find({"shop", "a"})->node_name, "node1");
  EXPECT_EQ(cache_.find({"shop", "c"}), nullptr);
  EXPECT_EQ(cache_.find({"other", "a"}), nullptr);
  EXPECT_EQ(cache_.all().size(), 2U);
}

TEST_F(ObjectCacheTest, ALaterListTellsOnlyWhatIsDifferent) {
  lists({at_version(pod("a"), "1"), at_version(pod("b"), "2"), at_version(pod("c"), "3")});
  heard();
  lists({at_version(pod("a"), "1"), at_version(pod("b", "node2"), "7"), at_version(pod("d"), "8")});
  EXPECT_THAT(heard(), ElementsAre("deleted c", "modified b node1 to node2", "added d"));
}

// Until its last page is there, a list changes nothing.
TEST_F(ObjectCacheTest, AListThatBeginsAnewForgetsItsFirstPages) {
  lists({pod("a")});
  cache_.list_begins();
  cache_.listed(pod("b"));
  EXPECT_EQ(cache_.find({"shop", "b"}), nullptr);
  lists({pod("a"), pod("c")});
  EXPECT_EQ(cache_.find({"shop", "b"}), nullptr);
  EXPECT_NE(cache_.find({"shop", "c"}), nullptr);
}

TEST_F(ObjectCacheTest, EventsChangeItOneByOne) {
  lists({});
  heard();
  cache_.changed({EventKind::kAdded, pod("a")});
  const auto before = cache_.find({"shop", "a"});
  cache_.changed({EventKind::kModified, pod("a", "node2")});
  EXPECT_EQ(before->node_name, "node1");  // what was handed out stays as it was
  EXPECT_EQ(cache_.find({"shop", "a"})->node_name, "node2");
  cache_.changed({EventKind::kDeleted, pod("a", "node2")});
  cache_.changed({EventKind::kDeleted, pod("never")});
  EXPECT_TRUE(cache_.all().empty());
  EXPECT_THAT(heard(), ElementsAre("added a", "modified a node1 to node2", "deleted a"));
}

TEST_F(ObjectCacheTest, AnObjectThatCannotBeReadIsPassedOver) {
  lists({Json(Json::Object()), pod("a")});
  EXPECT_EQ(cache_.all().size(), 1U);
}

TEST_F(ObjectCacheTest, TroubleIsKnownUntilTheServerIsHeardAgain) {
  FakeClock clock;
  EXPECT_EQ(cache_.silence(clock.steady_now()), std::nullopt);
  cache_.troubled(Error(ErrorCode::kPermissionDenied, "forbidden"));
  EXPECT_EQ(cache_.trouble()->message(), "forbidden");
  const Status waited = cache_.wait_synced(clock, {Deadline{clock.steady_now()}, {}});
  EXPECT_EQ(waited.error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(waited.error().message(), "forbidden");
  cache_.contacted(clock.steady_now());
  EXPECT_EQ(cache_.trouble(), std::nullopt);
  clock.tick(90s);
  EXPECT_EQ(cache_.silence(clock.steady_now()), 90s);
}

// The whole of it: API, watch on its thread, cache; nothing in it sleeps.
TEST(ObjectWatch, ACacheFollowsTheApiUntilItEnds) {
  FakeClock clock;
  FakeKubeApi api(clock);
  api.put(pods(), pod("a"));
  api.put(pods(), pod("elsewhere", "node2"));
  std::mutex mutex;
  std::condition_variable news;
  std::vector<std::string> heard;
  ObjectCache<Pod> cache(parse_pod, [&](const auto& change) {
    const std::lock_guard lock(mutex);
    heard.push_back(word_of(change));
    news.notify_all();
  });
  const auto hear = [&](const std::string& word) {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(news.wait_for(lock, 20s, [&] { return !heard.empty() && heard.back() == word; }))
        << word;
  };
  {
    const ObjectWatch watch(api, clock, {pods(), "", "", "spec.nodeName=node1"}, cache);
    ASSERT_TRUE(cache.wait_synced(clock, {Deadline::in(clock, 20s), {}}).ok());
    EXPECT_EQ(cache.all().size(), 1U);
    api.put(pods(), pod("b"));
    hear("added b");
    api.cut_watches();
    api.put(pods(), pod("c"));
    hear("added c");
    api.take_away(pods(), {"shop", "a"});
    hear("deleted a");
    api.compact();
    api.put(pods(), pod("d"));
    hear("added d");
    api.put(pods(), pod("b", "node2"));  // no longer one of ours
    hear("deleted b");
  }
  EXPECT_EQ(cache.all().size(), 2U);
}

}  // namespace
}  // namespace keyferry::kube
