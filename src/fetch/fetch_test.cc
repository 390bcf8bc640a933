#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "base/fake_clock.h"
#include "base/strings.h"
#include "fetch/fetcher.h"
#include "fetch/schedule.h"

namespace keyferry::fetch {
namespace {

using std::chrono::milliseconds;

const Error kDown(ErrorCode::kUnavailable, "down");

TEST(Schedule, JitterKeepsWithinATenthOfTheInterval) {
  double random = 0;
  Schedule schedule({milliseconds(1000)}, [&] { return random; });
  EXPECT_EQ(schedule.after_success(), milliseconds(900));
  random = 0.5;
  EXPECT_EQ(schedule.after_success(), milliseconds(1000));
  random = 1;
  EXPECT_EQ(schedule.after_success(), milliseconds(1100));
}

TEST(Schedule, FailuresInARowWaitTwiceAsLongEachUpToTheLimit) {
  Schedule schedule({milliseconds(120'000), 0.1, milliseconds(1000), milliseconds(5000)},
                    [] { return 1.0; });
  EXPECT_EQ(schedule.after_failure(kDown), milliseconds(1000));
  EXPECT_EQ(schedule.after_failure(kDown), milliseconds(2000));
  EXPECT_EQ(schedule.after_failure(kDown), milliseconds(4000));
  EXPECT_EQ(schedule.after_failure(kDown), milliseconds(5000));
  EXPECT_EQ(schedule.failures_in_a_row(), 4);
  schedule.after_success();
  EXPECT_EQ(schedule.after_failure(kDown), milliseconds(1000));
}

TEST(Schedule, AStoreThatAsksForPatienceGetsIt) {
  Schedule schedule({}, [] { return 0.0; });
  Error busy(ErrorCode::kResourceExhausted, "slow down");
  busy.set_retry_after(milliseconds(30'000));
  EXPECT_EQ(schedule.after_failure(busy), milliseconds(30'000));
  EXPECT_EQ(schedule.after_failure(kDown), milliseconds(200)) << "a tenth of 2 s, never zero";
}

TEST(Schedule, AVeryLongTroubleStillWaitsNoLongerThanTheLimit) {
  Schedule schedule({}, [] { return 1.0; });
  for (int i = 0; i < 100; ++i) {
    const milliseconds wait = schedule.after_failure(kDown);
    EXPECT_GT(wait, milliseconds(0));
    EXPECT_LE(wait, milliseconds(300'000));
  }
  EXPECT_EQ(schedule.failures_in_a_row(), 100);
}

class NoTokens final : public TokenSource {
 public:
  Result<Secret> token(const std::string&) override { return kDown; }
};

class FakeStore final : public stores::Store {
 public:
  std::function<Result<stores::FetchResult>(const stores::FetchRequest&)> answer;
  std::atomic<int> asked = 0;
  std::atomic<int> used = 0;
  std::atomic<int> released = 0;

  Result<stores::FetchResult> fetch(const stores::FetchRequest& request) override {
    ++asked;
    return answer(request);
  }
  void use(const stores::FetchRequest&) override { ++used; }
  Status release(const stores::FetchRequest&) override {
    ++released;
    return {};
  }
};

stores::FetchedObject good(const std::string& id, std::string_view value, std::string version) {
  return {id, stores::SecretFile{id, Secret(value), std::nullopt, std::move(version)}};
}

struct FetcherTest : testing::Test {
  Question question(const stores::PodIdentity& pod = {"shop", "web-0", "uid", "web"}) {
    return {pod, spc, tokens, {}, {}};
  }
  Result<std::shared_ptr<const SecretSet>> fetch() {
    KF_ASSIGN(auto answer, fetcher.fetch(question()));
    return answer.set;
  }
  void given_one_object() {
    store.answer = [](const auto&) {
      stores::FetchResult result;
      result.objects.push_back(good("a", "1", "v1"));
      return Result<stores::FetchResult>(std::move(result));
    };
  }

  NoTokens tokens;
  manifest::SecretProviderClass spc;
  FakeStore store;
  FakeClock clock;
  Fetcher fetcher{store, clock};
};

TEST_F(FetcherTest, AWholeSetComesWithItsVersions) {
  store.answer = [](const auto&) {
    stores::FetchResult result;
    result.objects.push_back(good("a", "1", "v1"));
    result.objects.push_back(good("b", "2", "v2"));
    return Result<stores::FetchResult>(std::move(result));
  };
  const auto set = fetch();
  ASSERT_TRUE(set.ok());
  ASSERT_EQ((*set)->files.size(), 2U);
  EXPECT_EQ((*set)->files.at("b")->contents.expose(), "2");
  EXPECT_EQ((*set)->versions().at("a"), "v1");
}

TEST_F(FetcherTest, OneBadObjectSpoilsTheSetAndEveryBadOneIsNamed) {
  store.answer = [](const auto&) {
    stores::FetchResult result;
    result.objects.push_back(good("a", "1", "v1"));
    result.objects.push_back({"b", Error(ErrorCode::kNotFound, "not there")});
    result.objects.push_back({"c", Error(ErrorCode::kPermissionDenied, "denied")});
    return Result<stores::FetchResult>(std::move(result));
  };
  const auto set = fetch();
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(set.error().message(), "object 'b': not there\nobject 'c': denied");
}

TEST_F(FetcherTest, HeldVersionsAreOfferedAndUnchangedGivesTheHeldSet) {
  store.answer = [](const stores::FetchRequest& request) {
    stores::FetchResult result;
    if (request.held_versions.contains("a")) {
      result.unchanged = {"a"};
    } else {
      result.objects.push_back(good("a", "1", "v1"));
    }
    return Result<stores::FetchResult>(std::move(result));
  };
  const auto first = fetch();
  const auto second = fetch();
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(store.asked, 2);
}

// One object of twenty was rotated: only its value is read, and the others' files are not copied.
TEST_F(FetcherTest, WhatDidNotChangeIsTakenFromTheHeldSet) {
  store.answer = [](const stores::FetchRequest& request) {
    stores::FetchResult result;
    if (request.held_versions.contains("a")) {
      result.unchanged = {"a"};
      result.objects.push_back(good("b", "3", "v3"));
    } else {
      result.objects.push_back(good("a", "1", "v1"));
      result.objects.push_back(good("b", "2", "v2"));
    }
    return Result<stores::FetchResult>(std::move(result));
  };
  const auto first = fetch();
  const auto second = fetch();
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ((*first)->files.at("a"), (*second)->files.at("a"));
  EXPECT_EQ((*second)->files.at("b")->contents.expose(), "3");
  EXPECT_EQ((*second)->versions().at("b"), "v3");
}

// The whole answer of a store holds the number of the request: it was written at every look.
TEST_F(FetcherTest, AnEqualVersionKeepsTheHeldFile) {
  int number = 0;
  store.answer = [&](const auto&) {
    stores::FetchResult result;
    result.objects.push_back(good("a", cat("request ", ++number), "v1"));
    return Result<stores::FetchResult>(std::move(result));
  };
  const auto first = fetch();
  const auto second = fetch();
  EXPECT_EQ((*second)->files.at("a"), (*first)->files.at("a"));
  EXPECT_EQ((*second)->files.at("a")->contents.expose(), "request 1");
}

// Once the answer did not wait for the callers, so as many questions as callers had to be allowed.
TEST_F(FetcherTest, CallersThatAskAtTheSameTimeShareOneQuestion) {
  constexpr int kCallers = 4;
  std::latch answer_now(1);
  store.answer = [&](const auto&) {
    answer_now.wait();
    stores::FetchResult result;
    result.objects.push_back(good("a", "1", "v1"));
    return Result<stores::FetchResult>(std::move(result));
  };
  std::vector<std::jthread> callers;
  std::atomic<int> good_answers = 0;
  callers.reserve(kCallers);
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] { good_answers += fetch().ok() ? 1 : 0; });
  }
  while (fetcher.waiting() < kCallers - 1 && store.asked <= 1) std::this_thread::yield();
  answer_now.count_down();
  callers.clear();
  EXPECT_EQ(good_answers, kCallers);
  EXPECT_EQ(store.asked, 1);
}

TEST_F(FetcherTest, AStoreThatCannotBeAskedIsThatErrorAndTheHeldSetStays) {
  store.answer = [](const auto&) {
    stores::FetchResult result;
    result.objects.push_back(good("a", "1", "v1"));
    return Result<stores::FetchResult>(std::move(result));
  };
  ASSERT_TRUE(fetch().ok());
  store.answer = [](const auto&) { return Result<stores::FetchResult>(kDown); };
  EXPECT_EQ(fetch().error(), kDown);
  store.answer = [](const stores::FetchRequest& request) {
    EXPECT_EQ(request.held_versions.count("a"), 1U);
    stores::FetchResult result;
    result.unchanged = {"a"};
    return Result<stores::FetchResult>(std::move(result));
  };
  EXPECT_EQ((*fetch())->files.size(), 1U);
}

TEST_F(FetcherTest, AFailedObjectLeavesTheHeldSetAndPassesOnTheLongestWait) {
  store.answer = [](const auto&) {
    stores::FetchResult result;
    Error short_wait(ErrorCode::kResourceExhausted, "busy");
    Error long_wait(ErrorCode::kUnavailable, "sealed");
    short_wait.set_retry_after(milliseconds(10));
    long_wait.set_retry_after(milliseconds(20));
    result.objects.push_back({"a", short_wait});
    result.objects.push_back({"b", long_wait});
    result.objects.push_back({"c", Error(ErrorCode::kNotFound, "none")});
    return Result<stores::FetchResult>(std::move(result));
  };
  const auto set = fetch();
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_EQ(set.error().retry_after(), milliseconds(20));
}

// Taken for a fetched set, it was one without files: a volume would have been emptied.
TEST_F(FetcherTest, UnchangedOfASetThatNobodyHoldsIsAnError) {
  store.answer = [](const auto&) {
    stores::FetchResult result;
    result.unchanged = {"a"};
    return Result<stores::FetchResult>(std::move(result));
  };
  EXPECT_EQ(fetch().error().code(), ErrorCode::kInternal);
}

// A caller that waited for another's answer could not be stopped before that answer came.
TEST_F(FetcherTest, AStopEndsTheWaitForAnothersAnswer) {
  std::latch asked(1);
  std::latch answer_now(1);
  store.answer = [&](const auto&) {
    asked.count_down();
    answer_now.wait();
    return Result<stores::FetchResult>(stores::FetchResult());
  };
  std::jthread first([&] { EXPECT_TRUE(fetch().ok()); });
  asked.wait();
  std::stop_source stop;
  stop.request_stop();
  const auto second =
      fetcher.fetch({{"shop", "web-0", "uid", "web"}, spc, tokens, {}, stop.get_token()});
  EXPECT_EQ(second.error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(store.asked, 1);
  answer_now.count_down();
}

TEST_F(FetcherTest, PodsOfOneServiceAccountShareASetAndOthersNeverDo) {
  std::vector<bool> knew;
  store.answer = [&](const stores::FetchRequest& request) {
    knew.push_back(!request.held_versions.empty());
    stores::FetchResult result;
    result.objects.push_back(good("a", "1", "v1"));
    return Result<stores::FetchResult>(std::move(result));
  };
  const auto secrets = [](const char* value) {
    auto map = std::make_shared<stores::PublishSecrets>();
    map->emplace("clientsecret", Secret(value));
    return map;
  };
  Question questions[] = {question({"shop", "web-0", "uid", "web"}),
                          question({"shop", "web-1", "uid-2", "web"}),
                          question({"cafe", "web-0", "uid-3", "web"}),
                          question({"shop", "web-0", "uid-4", "bank"}),
                          question({"shop", "web-0", "uid-5", "web", "arn:aws:iam::1:role/x"}),
                          question({"shop", "web-0", "uid-6", "web"}),
                          question({"shop", "web-0", "uid-7", "web"}),
                          question({"shop", "web-0", "uid-8", "web"})};
  questions[5].secrets = secrets("one");
  questions[6].secrets = secrets("two");
  questions[7].secrets = secrets("one");
  for (const Question& asked : questions) EXPECT_TRUE(fetcher.fetch(asked).ok());
  EXPECT_EQ(knew, (std::vector<bool>{false, true, false, false, false, false, false, true}));
}

TEST_F(FetcherTest, AFreshAnswerIsGivenAgainWithoutAsking) {
  given_one_object();
  Fetcher fresh(store, clock, std::chrono::seconds(2));
  const auto first = fresh.fetch(question());
  clock.tick(milliseconds(1999));
  const auto second = fresh.fetch(question({"shop", "web-1", "uid-2", "web"}));
  EXPECT_EQ(first->set, second->set);
  EXPECT_EQ(store.asked, 1);
  clock.tick(milliseconds(1));
  EXPECT_TRUE(fresh.fetch(question()).ok());
  EXPECT_EQ(store.asked, 2);
}

TEST_F(FetcherTest, TheStoreSaysWhenItWantsToBeAskedAgain) {
  store.answer = [](const auto&) {
    stores::FetchResult result;
    result.look_again_in = std::chrono::seconds(5);
    result.objects.push_back(good("a", "1", "v1"));
    return Result<stores::FetchResult>(std::move(result));
  };
  Fetcher fresh(store, clock, std::chrono::minutes(1));
  EXPECT_EQ(fresh.fetch(question())->look_again_at, clock.steady_now() + std::chrono::seconds(5));
  clock.tick(std::chrono::seconds(4));
  EXPECT_TRUE(fresh.fetch(question()).ok());
  EXPECT_EQ(store.asked, 1);
  clock.tick(std::chrono::seconds(1));
  EXPECT_TRUE(fresh.fetch(question()).ok());
  EXPECT_EQ(store.asked, 2) << "what is wanted is not fresh";
}

// The store was told of the last pod only, and of none that another one's answer was given: it
// ended what a pod still used that had asked when the class was another one.
TEST_F(FetcherTest, TheStoreHearsOfEveryPodThatComesAndGoes) {
  given_one_object();
  Fetcher sharing(store, clock, std::chrono::minutes(1));
  const Question one = question({"shop", "web-0", "uid", "web"});
  const Question two = question({"shop", "web-1", "uid-2", "web"});
  ASSERT_TRUE(sharing.fetch(one).ok() && sharing.fetch(two).ok());
  EXPECT_EQ(store.asked, 1);
  EXPECT_EQ(store.used, 2);
  EXPECT_TRUE(sharing.release(one).ok());
  EXPECT_EQ(store.released, 1);
  EXPECT_TRUE(sharing.fetch(two).ok());
  EXPECT_EQ(store.asked, 1) << "their set is still there";
  EXPECT_TRUE(sharing.release(two).ok());
  EXPECT_EQ(store.released, 2);
  store.answer = [](const stores::FetchRequest& request) {
    EXPECT_TRUE(request.held_versions.empty()) << "their set is forgotten";
    return Result<stores::FetchResult>(stores::FetchResult());
  };
  EXPECT_TRUE(sharing.fetch(one).ok());
}

// Of a pod that is gone: its class may have been edited since, and the program restarted.
TEST_F(FetcherTest, APodIsReleasedWhateverItsClassHasBecome) {
  given_one_object();
  ASSERT_TRUE(fetch().ok());
  spc.parameters["roleName"] = {"other", 1};
  EXPECT_TRUE(fetcher.release(question()).ok());
  EXPECT_EQ(store.released, 1);
  EXPECT_TRUE(Fetcher(store, clock).release(question()).ok());
  EXPECT_EQ(store.released, 2);
}

TEST_F(FetcherTest, AnEditedClassIsAnotherQuestion) {
  store.answer = [](const stores::FetchRequest& request) {
    EXPECT_TRUE(request.held_versions.empty());
    stores::FetchResult result;
    result.objects.push_back(good("a", "1", "v1"));
    return Result<stores::FetchResult>(std::move(result));
  };
  EXPECT_TRUE(fetch().ok());
  spc.parameters["roleName"] = {"other", 1};
  EXPECT_TRUE(fetch().ok());
}

}  // namespace
}  // namespace keyferry::fetch
